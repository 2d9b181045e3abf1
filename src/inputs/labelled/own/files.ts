/** A loss of one's own: `images/` and `targets/` with equal names, and in `targets/` the inputs that the loss has beside the outputs of the model. */
import { GnSwapError } from '../../../errors.ts';
import type { Value, Values } from '../../../runtime/session.ts';
import { readNpy } from '../../npy.ts';
import { readNpz } from '../../npz.ts';
import { fileSamples } from '../file-samples.ts';
import type { DataFile } from '../folder.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { ARRAY_FILES } from '../sample-files.ts';
import { targetPairs } from '../target-pairs.ts';
import {
  arrayNameOf,
  asOneSample,
  fitTargets,
  requireNoClasses,
  targetsModel,
  type WantedInput,
  wantedInputs,
} from './names.ts';

/** `images/a.jpg` and `targets/a.npz` with arrays named after the inputs of the loss; `targets/a.npy` for a loss with one further input. */
export const ownFiles: Layout = {
  expects: 'pictures or arrays in images/, and arrays with the same names in targets/, as .npz or .npy',
  matches: ({ files }) => files.some(({ inner }) => /^targets?\//i.test(inner) && ARRAY_FILES.test(inner)),
  async open(context) {
    requireNoClasses(context);
    const targets = targetsModel(context.options);
    const wanted = wantedInputs(targets);
    const read = (file: DataFile) => fitTargets(targets, arraysOf(file, wanted, context), file.path);
    const shapes = new Map<string, string>();
    const labelled = targetPairs(context, ARRAY_FILES).map(({ sample, target }) => {
      // All labels are checked before training starts.
      shapes.set(sample.path, JSON.stringify(Object.values(read(target)).map(({ dims }) => dims)));
      return { file: sample, stratum: 0, target: () => ({ kind: 'values', values: read(target) }) as const };
    });
    const samples = await fileSamples(labelled, context);
    return { samples: samples.map((it) => ({ ...it, key: `${it.key} ${shapes.get(it.file.path)}` })) };
  },
};

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
