/** Segmentation: arrays in `images/`, of any number of channels, and `masks/` with equal names as `.npy`. */
import { GnSwapError } from '../../../errors.ts';
import { filled } from '../../../filled.ts';
import { numbersIn, type Values } from '../../../runtime/session.ts';
import { readNpy } from '../../npy.ts';
import type { Reader } from '../../reader.ts';
import { fileSamples } from '../file-samples.ts';
import type { DataFile } from '../folder.ts';
import type { Layout } from '../layout.ts';
import { hasArraySamples, hasTargets, targetPairs } from '../target-pairs.ts';
import { classesOf, labelOf, noteLabels } from './arrays.ts';
import { requireLabelled } from './folders.ts';

const MASK_FILES = /\.npy$/i;
const PLACES = ['masks', 'mask', 'labels', 'label', 'targets'] as const;

/** `images/a.npy` or `.npz`, and `masks/a.npy` with a class number for each pixel; 255 means that it has no class. */
export const maskFiles: Layout = {
  expects: 'arrays (.npy, .npz) in images/ and masks with the same names in masks/ as .npy',
  matches: (folder) => hasArraySamples(folder) && hasTargets(folder, MASK_FILES, PLACES),
  async open(context) {
    const { folder, options, reader } = context;
    const pairs = targetPairs(context, MASK_FILES, PLACES);
    const found = new Map<number, string>();
    // All labels are checked before training starts.
    for (const { target } of pairs) noteLabels(read(target, reader).numbers, found, target.path, target.path);
    requireLabelled(found, folder.root);
    const classes = classesOf(found, folder.root, options);
    const masks = new Map(pairs.map(({ sample, target }) => [sample, target]));
    const labelled = pairs.map(({ sample, target }) => ({
      file: sample,
      stratum: 0,
      target: () => mapOf(target, reader),
    }));
    const samples = (await fileSamples(labelled, context)).map((it) => ({
      ...it,
      load: async () => {
        const loaded = await it.load();
        if (loaded.target.kind === 'map') requireFit(masks.get(it.file) ?? it.file, loaded.target, loaded.inputs);
        return loaded;
      },
    }));
    await samples[0]?.load();
    return { classes, samples };
  },
};

/** The numbers of a mask, and its sides: [height, width], with axes of 1 or without. */
function read({ path }: DataFile, reader: Reader) {
  const value = readNpy(reader.read(path), { file: path });
  const [height, width, ...others] = value.dims.filter((dim) => dim !== 1);
  if (height === undefined || width === undefined || others.length > 0) {
    throw new GnSwapError('invalid-data', `its shape is [${value.dims.join(', ')}]; a mask is [height, width]`, {
      file: path,
      remedy:
        'Save the number of a class for each pixel: numpy.save(path, scores.argmax(axis)) of one channel for each class',
    });
  }
  return { numbers: numbersIn(value), height, width };
}

function mapOf(file: DataFile, reader: Reader) {
  const { numbers, height, width } = read(file, reader);
  const labels = filled(new Int16Array(numbers.length), (at) => labelOf(numbers[at] as number));
  return { kind: 'map', labels, height, width } as const;
}

/** A mask lies over neighbouring axes of some input. */
function requireFit(
  { path }: DataFile,
  { height, width }: { readonly height: number; readonly width: number },
  inputs: Values,
): void {
  const all = Object.values(inputs);
  if (all.some(({ dims }) => dims.some((side, axis) => side === height && dims[axis + 1] === width))) return;
  const shapes = all.map(({ dims }) => `[${dims.join(', ')}]`).join(', ');
  throw new GnSwapError('invalid-data', `it is a mask of ${height}×${width}, and its sample is ${shapes}`, {
    file: path,
    remedy: 'Save masks in the height and width of their samples',
  });
}
