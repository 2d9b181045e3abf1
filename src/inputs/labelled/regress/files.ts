/** Regression: `images/` and `targets/` with equal names. Targets are arrays, as maps of heat or depth are, or pictures that the model should make of others. */
import { GnSwapError } from '../../../errors.ts';
import { requireShallow } from '../../dim-pictures.ts';
import { IMAGE_FILES, type ImageInput, loadImage, pictureInput } from '../../images.ts';
import { fileSamples } from '../file-samples.ts';
import type { DataFile } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { ARRAY_FILES } from '../sample-files.ts';
import { hasTargets, targetPairs } from '../target-pairs.ts';
import type { Target } from '../types.ts';
import { numberOutputs } from './outputs.ts';
import { readTargets } from './target-arrays.ts';

/** What may be a target. */
export const TARGET_FILES = new RegExp(`${ARRAY_FILES.source}|${IMAGE_FILES.source}`, 'i');

/** `images/a.jpg` and `targets/a.npy`, `targets/a.npz` with arrays named after outputs, or a picture `targets/a.png`. */
export const numberFiles: Layout = {
  expects: 'pictures or arrays in images/, and arrays (.npy, .npz) or pictures with the same names in targets/',
  matches: (folder) => hasTargets(folder, TARGET_FILES),
  async open(context) {
    const { model, reader } = context;
    const pairs = targetPairs(context, TARGET_FILES);
    const isPicture = ({ name }: DataFile) => IMAGE_FILES.test(name);
    const ofPicture = pairs.some(({ target }) => isPicture(target)) ? pictureReader(context) : undefined;
    const outputs = numberOutputs(model);
    const shapes = new Map<string, string>();
    const labelled = [];
    for (const { sample, target } of pairs) {
      const read = async (): Promise<Target> =>
        ofPicture !== undefined && isPicture(target)
          ? ofPicture(target)
          : { kind: 'values', values: readTargets(reader.read(target.path), target.path, outputs, model) };
      // All labels are checked before training starts; pictures by their sizes.
      if (isPicture(target)) {
        if ((await context.look(target)) === undefined) continue;
        requireShallow(target.path, reader);
      } else shapes.set(sample.path, shapeOf(await read()));
      labelled.push({ file: sample, stratum: 0, target: read });
    }
    const samples = await fileSamples(labelled, context);
    return { samples: samples.map((it) => ({ ...it, key: `${it.key} ${shapes.get(it.file.path) ?? ''}` })) };
  },
};

function shapeOf(target: Target): string {
  return target.kind === 'values' ? JSON.stringify(Object.values(target.values).map(({ dims }) => dims)) : '';
}

/** Reads pictures as the one output of the model answers them. @throws GnSwapError `invalid-data` if the model has another output */
function pictureReader({ model, reader, image }: LayoutContext): (file: DataFile) => Promise<Target> {
  const [output, second] = numberOutputs(model);
  const shown: ImageInput | undefined =
    output && second === undefined ? pictureInput(image(), output.shape) : undefined;
  if (output === undefined || shown === undefined) {
    throw new GnSwapError('invalid-data', 'pictures are given as targets, and the model does not answer with one', {
      file: model.proto.graph.output.map(({ name }) => name).join(', '),
      remedy: 'Save the targets as .npy, or as .npz with arrays named after outputs',
    });
  }
  return async (file) => ({
    kind: 'values',
    values: { [output.name]: await loadImage(reader.read(file.path), shown) },
  });
}
