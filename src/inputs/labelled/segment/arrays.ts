/** Segmentation: .npz files of inputs, and `target` with the class of each pixel. */
import { GnSwapError } from '../../../errors.ts';
import { filled } from '../../../filled.ts';
import { numbersIn, type Value, type Values } from '../../../runtime/session.ts';
import { type ArrayFile, entryOf, hasArrays, openArrays } from '../arrays.ts';
import { numberedClasses, requireClass, requireSeveral, requireWhole } from '../classes.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { UNLABELLED } from '../types.ts';
import { requireLabelled } from './folders.ts';
import { IGNORED_ID, LARGEST, tooLarge } from './masks.ts';

export const maskArrays: Layout = {
  expects: '.npz files with the inputs and an array target of class maps',
  matches: hasArrays,
  async open(context) {
    const { options, folder } = context;
    const files = await openArrays(context);
    const found = new Map<number, string>();
    for (const opened of files) {
      const target = opened.target('target');
      await requireMaps(opened, target);
      noteLabels(numbersIn(target), found, opened.file.path, `${opened.file.path}: target`);
    }
    if (files.length > 0) requireLabelled(found, folder.root);
    const classes = classesOf(found, folder.root, options);
    const samples = files.flatMap((opened) =>
      opened.samples.map((sample, row) => ({
        file: opened.file,
        ...(sample.row === undefined ? {} : { row: sample.row }),
        stratum: 0,
        key: sample.shape,
        load: async () => {
          const { dims, data } = entryOf(opened.target('target'), row);
          const [height = 1, width = 1] = dims.slice(-2);
          const labels = filled(new Int16Array(data.length), (at) => labelOf(data[at] as number));
          return { inputs: await sample.load(), target: { kind: 'map', labels, height, width } as const };
        },
      })),
    );
    return { classes, samples };
  },
};

/** Adds the classes of a map to those that were found. @throws GnSwapError `invalid-data` for numbers that are none */
export function noteLabels(numbers: ArrayLike<number>, found: Map<number, string>, file: string, place: string): void {
  for (const label of new Set(Array.from(numbers, labelOf))) {
    if (label === UNLABELLED || found.has(label)) continue;
    requireWhole(`${label}`, place);
    if (label > LARGEST) throw tooLarge(label, file);
    found.set(label, place);
  }
}

/** The classes of maps of numbers. */
export function classesOf(
  found: ReadonlyMap<number, string>,
  root: string,
  options: LayoutContext['options'],
): readonly string[] {
  const limit = options.classes ?? (options.headClasses === undefined ? undefined : numberedClasses(0, options));
  const classes = limit ?? numberedClasses(Math.max(0, ...found.keys()), options);
  for (const [label, place] of found) requireClass(label, classes, place);
  requireSeveral(found.keys(), classes, root, options);
  return classes;
}

export function labelOf(value: number): number {
  return value === IGNORED_ID ? UNLABELLED : value;
}

/** The target must be a map of the size of some input, for each sample: [N, H, W], or [N, 1, H, W]. */
async function requireMaps({ file, samples: [first] }: ArrayFile, { dims }: Value): Promise<void> {
  const inputs: Values = (await first?.load()) ?? {};
  const [height, width] = dims.slice(-2);
  const isMap = dims.length === 3 || (dims.length === 4 && dims[1] === 1);
  const fits = Object.values(inputs).some(({ dims: sides }) =>
    sides.some((side, axis) => side === height && sides[axis + 1] === width),
  );
  if (isMap && fits) return;
  const shapes = Object.values(inputs).map((value) => `[${value.dims.join(', ')}]`);
  throw new GnSwapError(
    'invalid-data',
    `it has the shape [${dims.join(', ')}], which is not a map for inputs of ${shapes.join(', ')}`,
    {
      file: file.path,
      node: 'target',
      remedy: 'Give it the shape [samples, height, width], with the number of a class for each pixel',
    },
  );
}
