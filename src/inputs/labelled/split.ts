/** Labelled data → those that are trained on, and those that are held out to measure. */
import { GnSwapError } from '../../errors.ts';
import type { Model } from '../../onnx/model.ts';
import { areSame } from '../copies.ts';
import { IMAGE_FILES } from '../images.ts';
import { isMaskFolder } from '../masks.ts';
import { Random } from '../random.ts';
import type { Reader } from '../reader.ts';
import { type Folder, openFolder } from './folder.ts';
import { openLabelled } from './open.ts';
import type { LabelledOptions } from './options.ts';
import type { LabelledData } from './types.ts';

/** What is held out if nobody says. */
const DEFAULT_SHARE = 0.2;

export interface SplitOptions extends LabelledOptions {
  /** A folder of held-out samples, or their share of all; default the folder's own part `val`, or else {@link DEFAULT_SHARE}. */
  readonly val?: string | number | undefined;
  readonly seed: number;
}

export interface SplitData {
  readonly train: LabelledData;
  readonly val: LabelledData;
}

/**
 * Opens labelled data in two parts that share no sample.
 *
 * @throws GnSwapError as {@link openLabelled} does; `invalid-data` also if a held-out file is among those that are trained on;
 *   `invalid-arguments` for a share outside 0 to 1
 */
export async function openSplit(path: string, model: Model, options: SplitOptions, reader: Reader): Promise<SplitData> {
  const { val, seed, ...labelled } = options;
  if (typeof val === 'number') {
    requireShare(val);
    return splitShare(await openLabelled(path, model, labelled, reader), val, seed);
  }
  const train = await openLabelled(path, model, labelled, reader);
  const { classes = labelled.classes, isWhiteClass } = train;
  const heldOut = { ...labelled, classes, isWhiteClass, heldOut: true, part: 'val' as const };
  if (val !== undefined) {
    const [trained, held] = [await openFolder(path, reader), await openFolder(val, reader, 'val')];
    requireApart({ trained, held }, path, reader);
    return { train, val: await openLabelled(val, model, heldOut, reader) };
  }
  const [own, trained] = [await openFolder(path, reader, 'val'), await openFolder(path, reader, 'train')];
  // What belongs to all parts, such as a readme, is nothing to measure on.
  const shared = new Set(trained.files.map((file) => file.path));
  if (own.part === undefined || own.files.every((file) => shared.has(file.path)))
    return splitShare(train, DEFAULT_SHARE, seed);
  requireApart({ trained, held: { ...own, files: own.files.filter((file) => !shared.has(file.path)) } }, path, reader);
  return { train, val: await openLabelled(path, model, heldOut, reader) };
}

/**
 * Holds out a share of the samples, the same share of every stratum as far as whole numbers allow. At least one sample of each stratum
 * stays, and at least one is held out if there are two. Copies of a picture stay on one side if that leaves any to hold out:
 * a copy of what was trained on measures nothing.
 */
export function splitShare(data: LabelledData, share: number, seed: number): SplitData {
  const strata = new Map<number, number[]>();
  const order = new Random(seed).shuffle(Array.from({ length: data.count }, (_, sample) => sample));
  for (const sample of order) {
    const stratum = data.strata[sample] ?? 0;
    const own = strata.get(stratum);
    if (own === undefined) strata.set(stratum, [sample]);
    else own.push(sample);
  }
  const copies = copiesIn(data);
  const counts = heldCounts(strata, share);
  let held = new Set<number>();
  for (const [stratum, count] of counts) {
    let missing = count;
    for (const sample of strata.get(stratum) ?? []) {
      const together = copies.get(sample) ?? [sample];
      if (held.has(sample) || together.length > missing) continue;
      for (const copy of together) held.add(copy);
      missing -= together.length;
    }
  }
  if (held.size === 0) held = new Set(oneWithCopies(data, order, copies));
  // Of a class that is one picture over and over, nothing else can be held out.
  if (held.size === 0) held = new Set([...counts].flatMap(([it, count]) => strata.get(it)?.slice(0, count) ?? []));
  const all = Array.from({ length: data.count }, (_, sample) => sample);
  return {
    train: subset(
      data,
      all.filter((sample) => !held.has(sample)),
    ),
    val: subset(
      data,
      all.filter((sample) => held.has(sample)),
    ),
  };
}

/** The samples with the same picture, for each that has any. */
function copiesIn({ copies }: LabelledData): Map<number, number[]> {
  const byFirst = new Map<number, number[]>();
  for (const [sample, first] of copies?.().entries() ?? []) {
    byFirst.set(first, [...(byFirst.get(first) ?? []), sample]);
  }
  const several = [...byFirst.values()].filter(({ length }) => length > 1);
  return new Map(several.flatMap((samples) => samples.map((sample) => [sample, samples] as const)));
}

/** A sample with all its copies, though they are more than the share, if others of each stratum stay. */
function oneWithCopies(
  { strata }: LabelledData,
  order: readonly number[],
  copies: ReadonlyMap<number, readonly number[]>,
): readonly number[] {
  const parts = order.flatMap((sample) => {
    const together = copies.get(sample);
    return together === undefined ? [] : [together];
  });
  const isSpare = (part: readonly number[]) =>
    part.every((sample) => order.some((other) => strata[other] === strata[sample] && !part.includes(other)));
  return parts.find(isSpare) ?? [];
}

/** Some of the samples, in the order given. */
function subset(data: LabelledData, samples: readonly number[]): LabelledData {
  const at = (index: number) => samples[index] as number;
  return {
    count: samples.length,
    names: samples.map((sample) => data.names[sample] ?? ''),
    strata: samples.map((sample) => data.strata[sample] ?? 0),
    classes: data.classes,
    isWhiteClass: data.isWhiteClass,
    skipped: data.skipped,
    image: data.image,
    resident: data.resident,
    keyOf: (index) => data.keyOf(at(index)),
    load: (index) => data.load(at(index)),
  };
}

/** How many of each stratum are held out: rounded down, then one more where most was lost, until the share of all is reached. */
function heldCounts(strata: ReadonlyMap<number, readonly number[]>, share: number): Map<number, number> {
  const parts = [...strata].map(([stratum, { length }]) => ({
    stratum,
    most: length - 1,
    count: Math.min(length - 1, Math.floor(length * share)),
    lost: length * share - Math.floor(length * share),
  }));
  const total = [...strata.values()].reduce((sum, { length }) => sum + length, 0);
  let missing = Math.max(1, Math.round(total * share)) - parts.reduce((sum, { count }) => sum + count, 0);
  for (const part of [...parts].sort((a, b) => b.lost - a.lost || a.stratum - b.stratum)) {
    if (missing <= 0) break;
    if (part.count >= part.most) continue;
    part.count++;
    missing--;
  }
  return new Map(parts.map(({ stratum, count }) => [stratum, count]));
}

function requireShare(share: number): void {
  if (share > 0 && share < 1) return;
  throw new GnSwapError('invalid-arguments', `--val ${share} is not a share between 0 and 1`, {
    remedy: `Give a share, or a folder of held-out samples: --val ${DEFAULT_SHARE}`,
  });
}

/** A file on both sides would be measured on after it was trained on: by path, and by content if names are equal. */
function requireApart({ trained, held }: Record<'trained' | 'held', Folder>, path: string, reader: Reader): void {
  const paths = new Set(trained.files.map((file) => file.path));
  const byName = new Map(trained.files.map((file) => [file.inner, file]));
  for (const file of held.files.filter(({ inner }) => isSample(inner))) {
    const other = byName.get(file.inner);
    const isCopy = other !== undefined && areSame(file.path, other.path, reader);
    if (!isCopy && !paths.has(file.path)) continue;
    throw new GnSwapError('invalid-data', 'the held-out file is among those that are trained on', {
      file: file.path,
      remedy: `Take it out of ${path}, or hold a share out: --val ${DEFAULT_SHARE}`,
    });
  }
}

const ARRAYS = /\.(npz|npy)$/i;

/** Masks without an object are all alike, so they are none. */
function isSample(name: string): boolean {
  return (IMAGE_FILES.test(name) && !isMaskFolder(name.split('/', 1)[0] as string)) || ARRAYS.test(name);
}
