/** A loss of one's own: `images/` and `targets/` with equal names, and in `targets/` the inputs that the loss has beside the outputs of the model. */
import { GnSwapError } from '../../../errors.ts';
import type { Value, Values } from '../../../runtime/session.ts';
import { IMAGE_FILES } from '../../images.ts';
import { readNpy } from '../../npy.ts';
import { readNpz } from '../../npz.ts';
import type { DataFile } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
import { inFolder, requireAlone, stemOf } from '../segment/pairs.ts';
import {
  arrayNameOf,
  asOneSample,
  fitTargets,
  requireNoClasses,
  targetsModel,
  type WantedInput,
  wantedInputs,
} from './names.ts';

const ARRAYS = /\.np[yz]$/i;

/** `images/a.jpg` and `targets/a.npz` with arrays named after the inputs of the loss; `targets/a.npy` for a loss with one further input. */
export const ownFiles: Layout = {
  expects: 'pictures in images/ and arrays with the same names in targets/, as .npz or .npy',
  matches: ({ files }) => files.some(({ inner }) => /^targets\//i.test(inner) && ARRAYS.test(inner)),
  async open(context) {
    requireNoClasses(context);
    const targets = targetsModel(context.options);
    const wanted = wantedInputs(targets);
    const read = (file: DataFile) => fitTargets(targets, arraysOf(file, wanted, context), file.path);
    const shapes = new Map<string, string>();
    const labelled = pairsOf(context).map(({ picture, arrays }) => {
      // All labels are checked before training starts.
      shapes.set(picture.path, JSON.stringify(Object.values(read(arrays)).map(({ dims }) => dims)));
      return { file: picture, stratum: 0, target: () => ({ kind: 'values', values: read(arrays) }) as const };
    });
    const samples = await pictureSamples(labelled, context);
    return { samples: samples.map((it) => ({ ...it, key: `${it.key} ${shapes.get(it.file.path)}` })) };
  },
};

/** Pictures with their arrays. Arrays without a picture are noted. */
function pairsOf({ folder, skip }: LayoutContext): { readonly picture: DataFile; readonly arrays: DataFile }[] {
  const files = inFolder(folder, 'targets').filter(({ inner }) => ARRAYS.test(inner));
  const arrays = new Map<string, DataFile>();
  for (const file of files) {
    const other = arrays.get(stemOf(file));
    if (other !== undefined) {
      throw new GnSwapError('invalid-data', `it is there a second time, as ${other.name}`, {
        file: file.path,
        remedy: 'Remove one of them: a picture has one file of arrays',
      });
    }
    arrays.set(stemOf(file), file);
  }
  const owners = new Map<string, DataFile>();
  const pairs = inFolder(folder, 'images')
    .filter(({ inner }) => IMAGE_FILES.test(inner))
    .map((picture) => {
      const stem = stemOf(picture);
      requireAlone(picture, owners, { is: 'arrays are those', own: 'arrays' });
      const own = arrays.get(stem);
      arrays.delete(stem);
      if (own !== undefined) return { picture, arrays: own };
      throw new GnSwapError('invalid-data', `the picture has no arrays ${stem}.npz in targets/`, {
        file: picture.path,
        remedy: 'Add the file, or move the picture out of images/',
      });
    });
  for (const file of arrays.values()) skip(file, 'its picture is not there');
  return pairs;
}

function arraysOf({ path }: DataFile, wanted: readonly WantedInput[], { reader }: LayoutContext): Values {
  const bytes = reader.read(path);
  const names = wanted.map(({ name }) => name);
  if (/\.npy$/i.test(path)) {
    const [only] = wanted;
    if (only !== undefined && wanted.length === 1)
      return { [only.name]: asOneSample(readNpy(bytes, { file: path }), only) };
    throw new GnSwapError('invalid-data', `it is one array, and the loss takes ${names.join(', ')}`, {
      file: path,
      remedy: `Write them into one file: numpy.savez(path, ${names.map((name) => `${name}=${name}`).join(', ')})`,
    });
  }
  const arrays = readNpz(bytes, path);
  const entryOf = (input: WantedInput): [string, Value] => {
    const value = arrays.get(arrayNameOf([...arrays.keys()], input.name));
    if (value !== undefined) return [input.name, asOneSample(value, input)];
    throw new GnSwapError('invalid-data', `it has no array for the loss's input ${input.text}`, {
      file: path,
      remedy: `Write it: numpy.savez(path, ${names.map((name) => `${name}=${name}`).join(', ')})`,
    });
  };
  return Object.fromEntries(wanted.map(entryOf));
}
