/** Segmentation: `images/` and `masks/` with equal names. */
import { GnSwapError } from '../../../errors.ts';
import type { PictureSize } from '../../images.ts';
import { asInModel, numberedClasses, requireClass, requireSeveral, unknownClass } from '../classes.ts';
import type { DataFile } from '../folder.ts';
import type { Layout, LayoutContext, LayoutResult } from '../layout.ts';
import { pictureSamples } from '../pictures.ts';
import { UNLABELLED } from '../types.ts';
import { type ClassColours, readColours } from './colours.ts';
import { distinctLabels, IGNORED_ID, labelsOf, type MaskReading, placedLabels } from './masks.ts';
import { type Pair, pairsOf, placesOf } from './pairs.ts';
import { readMask } from './png.ts';

/** What black and white are called. */
const BLACK_AND_WHITE = ['background', 'object'] as const;

/** `images/a.jpg` and `masks/a.png`, or VOC's `JPEGImages/` and `SegmentationClass/`, of one size. Masks are PNG: numbers of classes as grey or palette, or colours that `classes.csv` names. */
export const maskFolders: Layout = {
  expects: 'pictures in images/ and PNG masks with the same names in masks/',
  matches: (folder) => placesOf(folder) !== undefined,
  open: (context) => openMasks(context),
};

/**
 * Opens pictures with their masks. Masks that hold nothing but 0 and 255 are black and white, as editors save two classes: if 255 were
 * unlabelled, there would be nothing to learn.
 *
 * @param isWhole refuses masks with pixels that have no class
 */
export async function openMasks(context: LayoutContext, isWhole = false): Promise<LayoutResult> {
  const { options, folder, reader } = context;
  const pairs = pairsOf(context);
  const colours = readColours(context);
  const isByColour = colours?.labelOf !== undefined && (await areInColours(pairs, colours.labelOf, context));
  if (!isByColour) requireNumbers(colours);
  let reading: MaskReading = isByColour
    ? { kind: 'colours', colours }
    : { kind: options.isWhiteClass === true ? 'black-and-white' : 'ids' };
  const ofFile = options.classes ?? (colours && asInModel(colours.names, options));
  const places = colours && ofFile && placesAmong(colours.names, ofFile);
  const read = async ({ path }: DataFile) => {
    const mask = await readMask(reader.read(path), path);
    return { mask, labels: reordered(labelsOf(mask, reading, path), places, path) };
  };
  const found = new Map<number, DataFile>();
  let unlabelled: DataFile | undefined;
  for (const pair of pairs) {
    const { mask, labels } = await read(pair.mask);
    await requireSameSize(pair, mask, context);
    for (const label of distinctLabels(labels)) {
      if (label === UNLABELLED) unlabelled ??= pair.mask;
      else if (!found.has(label)) found.set(label, pair.mask);
    }
  }
  // What is only measured on is read as what was trained on.
  const isBlack = found.size === 1 && found.has(0) && options.heldOut !== true;
  if (reading.kind === 'ids' && isBlack && unlabelled !== undefined) {
    reading = { kind: 'black-and-white' };
    found.set(1, unlabelled);
  }
  const isWhiteClass = reading.kind === 'black-and-white';
  if (isWhole && !isWhiteClass && unlabelled !== undefined) throw notWhole(unlabelled);
  const named = ofFile ?? (isWhiteClass ? asInModel(BLACK_AND_WHITE, options) : undefined);
  const limit = named ?? (options.headClasses === undefined ? undefined : numberedClasses(0, options));
  requireFrom0(found, limit);
  for (const [label, { path }] of found) if (limit !== undefined) requireClass(label, limit, path);
  const classes = limit ?? numberedClasses(Math.max(0, ...found.keys()), options);
  requireLabelled(found, folder.root);
  requireSeveral(found.keys(), classes, folder.root, options);
  const labelled = pairs.map(({ picture, mask: file }) => ({
    file: picture,
    stratum: 0,
    target: async (placement: Parameters<typeof placedLabels>[2]) => {
      const { mask, labels } = await read(file);
      return { kind: 'map', labels: placedLabels(labels, mask.width, placement), ...placement.input } as const;
    },
  }));
  return { classes, samples: await pictureSamples(labelled, context), isWhiteClass };
}

/** Of masks of numbers nobody knows whether they count a line that stands for no class. */
function requireNumbers(colours: ClassColours | undefined): void {
  if (colours?.above === undefined) return;
  const { text, place } = colours.above;
  const message = `the masks are numbers, and the numbers of the classes below ${JSON.stringify(text)} depend on whether it is counted`;
  throw new GnSwapError('invalid-data', message, {
    file: place,
    remedy: `Move the line below the classes if the masks do not count it; else call it background, a class of its own`,
  });
}

/** Trimaps and masks of ADE20K count from 1, or have one number more that stands for no class. */
function requireFrom0(found: ReadonlyMap<number, DataFile>, limit: readonly unknown[] | undefined): void {
  const file = limit && found.get(limit.length);
  const isOneMore = file !== undefined && Math.max(...found.keys()) === limit?.length;
  if (!isOneMore || found.has(0)) return;
  throw new GnSwapError(
    'invalid-data',
    `the masks count from 1: none has the class 0, and the largest is ${limit.length}`,
    {
      file: file.path,
      remedy: `Number the ${limit.length} classes from 0; docs/formats.md has a script for masks that count from 1`,
    },
  );
}

function notWhole({ path }: DataFile): GnSwapError {
  const message = `pixels of the mask have no label (${IGNORED_ID}), and the loss has no ignore_index`;
  return new GnSwapError('invalid-data', message, {
    file: path,
    remedy: 'Draw them, or give the SoftmaxCrossEntropyLoss of the loss an ignore_index',
  });
}

/** The classes of a file, by their numbers there, and where each is among those that are learnt. */
interface Places {
  readonly names: readonly string[];
  readonly classes: readonly string[];
  readonly order: readonly number[];
}

/** Undefined if the numbers are positions already: the names are the same, or all are others, which are learnt in their place. */
function placesAmong(names: readonly string[], classes: readonly string[]): Places | undefined {
  const order = names.map((name) => classes.indexOf(name));
  const areSame = order.every((place, label) => place === label);
  return areSame || order.every((place) => place === -1) ? undefined : { names, classes, order };
}

function reordered(labels: Int16Array, places: Places | undefined, mask: string): Int16Array {
  if (places === undefined) return labels;
  const { names, classes, order } = places;
  return labels.map((label) => {
    if (label === UNLABELLED) return label;
    requireClass(label, names, mask);
    const place = order[label] as number;
    if (place === -1) throw unknownClass(names[label] as string, mask, classes);
    return place;
  });
}

/** Tells whether masks are coloured: they have colours, or greys that all are colours of the file. */
async function areInColours(
  pairs: readonly Pair[],
  labelOf: ReadonlyMap<number, number>,
  { reader }: LayoutContext,
): Promise<boolean> {
  for (const { mask: file } of pairs) {
    const mask = await readMask(reader.read(file.path), file.path);
    if (mask.ids === undefined) return true;
    for (let pixel = 0; pixel < mask.ids.length; pixel++) if (!labelOf.has(mask.colourAt(pixel))) return false;
  }
  return true;
}

/** A damaged picture is left out later, and its mask with it. */
async function requireSameSize({ picture, mask }: Pair, size: PictureSize, { peek }: LayoutContext): Promise<void> {
  const own = await peek(picture);
  if (own === undefined || (own.height === size.height && own.width === size.width)) return;
  throw new GnSwapError(
    'invalid-data',
    `the mask is ${size.width}×${size.height}, and its picture ${own.width}×${own.height}`,
    { file: mask.path, remedy: `Draw the mask on ${picture.name} as it is, upright and whole` },
  );
}

/** Masks in which nothing has a class teach nothing. */
export function requireLabelled(found: ReadonlyMap<number, unknown>, root: string): void {
  if (found.size > 0) return;
  throw new GnSwapError('invalid-data', `no pixel has a class: all are ${IGNORED_ID}, which stands for unlabelled`, {
    file: root,
    remedy: 'Draw classes into the masks, as numbers from 0',
  });
}
