/** Samples in `images/` (or `inputs/`), and what each should be answered with in `targets/`, under the same name. */
import { GnSwapError } from '../../errors.ts';
import { IMAGE_FILES } from '../images.ts';
import type { DataFile, Folder } from './folder.ts';
import type { LayoutContext } from './layout.ts';
import { ARRAY_FILES } from './sample-files.ts';
import { inFolder, requireAlone, stemOf } from './segment/pairs.ts';

export interface TargetPair {
  readonly sample: DataFile;
  readonly target: DataFile;
}

const PLACES = ['images', 'inputs', 'image', 'input'] as const;
/** Folders of what samples should be answered with. */
const TARGETS: readonly string[] = ['targets', 'target'];

/** Tells whether a folder has samples and targets, the latter with such names. */
export function hasTargets(folder: Folder, pattern: RegExp, places = TARGETS): boolean {
  return samplesIn(folder).length > 0 && targetsIn(folder, pattern, places).length > 0;
}

/** Tells whether the samples are arrays. */
export function hasArraySamples(folder: Folder): boolean {
  const samples = samplesIn(folder);
  return samples.length > 0 && samples.every(({ inner }) => ARRAY_FILES.test(inner));
}

/** Pairs samples with their targets. A target without a sample is noted. @throws GnSwapError `invalid-data` for a sample without a target, and for names that are there twice */
export function targetPairs(
  { folder, skip }: Pick<LayoutContext, 'folder' | 'skip'>,
  pattern: RegExp,
  places = TARGETS,
): TargetPair[] {
  const targets = new Map<string, DataFile>();
  for (const file of targetsIn(folder, pattern, places)) {
    const other = targets.get(stemOf(file));
    if (other !== undefined) {
      throw new GnSwapError('invalid-data', `it is there a second time, as ${other.name}`, {
        file: file.path,
        remedy: 'Remove one of them: a sample has one target',
      });
    }
    targets.set(stemOf(file), file);
  }
  const owners = new Map<string, DataFile>();
  const endings = new Set([...targets.values()].map(({ name }) => name.slice(name.lastIndexOf('.'))));
  const pairs = samplesIn(folder).map((sample) => {
    const stem = stemOf(sample);
    requireAlone(sample, owners, { is: 'a target is that', own: 'a target' });
    const target = targets.get(stem);
    targets.delete(stem);
    if (target !== undefined) return { sample, target };
    throw new GnSwapError('invalid-data', `it has no target ${stem}${[...endings][0] ?? '.npy'} in ${places[0]}/`, {
      file: sample.path,
      remedy: 'Add the file, or move this one out of the folder',
    });
  });
  for (const file of targets.values()) skip(file, 'its sample is not there');
  return pairs;
}

function targetsIn(folder: Folder, pattern: RegExp, places: readonly string[]): DataFile[] {
  return places.flatMap((name) => inFolder(folder, name)).filter(({ inner }) => pattern.test(inner));
}

/** Pictures; or arrays, if there are none. */
function samplesIn(folder: Folder): DataFile[] {
  const files = PLACES.map((name) => inFolder(folder, name)).find(({ length }) => length > 0) ?? [];
  const pictures = files.filter(({ inner }) => IMAGE_FILES.test(inner));
  return pictures.length > 0 ? pictures : files.filter(({ inner }) => ARRAY_FILES.test(inner));
}
