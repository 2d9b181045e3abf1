/** Samples are varied while they are trained on, so that a model learns what they show and not the pixels. */
import { GnSwapError } from '../../errors.ts';
import type { ImageInput } from '../../inputs/images.ts';
import type { LabelledTask } from '../../inputs/labelled/options.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import type { Random } from '../../inputs/random.ts';
import { type Affine, after, IDENTITY } from './affine.ts';
import { colour } from './colour.ts';
import { crop } from './crop.ts';
import { flip } from './flip.ts';
import { emptyLike, pixelsOf, settled } from './pixels.ts';
import { recolour } from './recolour.ts';
import { rotate } from './rotate.ts';
import { movedTarget } from './targets.ts';
import type { Augmentation } from './types.ts';
import { warped } from './warp.ts';

/** In the order that they are applied in. */
export const AUGMENTATIONS = { flip, crop, rotate, colour } as const satisfies Readonly<
  Record<AugmentationName, Augmentation>
>;

/** Name of a way to vary samples. */
export type AugmentationName = 'flip' | 'crop' | 'rotate' | 'colour';

/** Ways to vary samples, where a task does not bear all. */
export interface Variations {
  /** Unless others are named. */
  readonly usual: readonly AugmentationName[];
  readonly possible: readonly AugmentationName[];
  /** What is wrong with others: `moves pixels, and …`. */
  readonly reason?: string;
}

/** Without `flip` where a mirrored picture may be of another class: writing, arrows, left and right hands. */
const DEFAULT_AUGMENTATIONS: Readonly<Record<LabelledTask, readonly AugmentationName[]>> = {
  classify: ['crop', 'colour'],
  regress: [],
  distill: ['crop', 'colour'],
  segment: ['flip', 'crop', 'colour'],
  detect: ['flip', 'crop', 'colour'],
  own: [],
};

/**
 * Reads `flip,crop,colour`, or `none`.
 *
 * @throws GnSwapError `invalid-arguments` for a name that is not known
 */
export function augmentationNames(text: string): AugmentationName[] {
  const given = text.split(',').map((name) => name.trim());
  if (given.length === 1 && given[0] === 'none') return [];
  return given.map((name) => {
    const spelled = name === 'color' ? 'colour' : name;
    if (isName(spelled)) return spelled;
    const known = Object.keys(AUGMENTATIONS).join(',');
    throw new GnSwapError('invalid-arguments', `--augment does not know ${JSON.stringify(name)}`, {
      remedy: `Give some of them, or none: --augment ${known}`,
    });
  });
}

/**
 * The ways to vary samples: those that are asked for, or else the usual ones.
 *
 * @throws GnSwapError `invalid-arguments` for one that the labels do not bear
 */
export function chosenAugmentations(
  task: LabelledTask,
  asked: readonly AugmentationName[] | undefined,
  variations?: Variations,
): readonly AugmentationName[] {
  const { usual = DEFAULT_AUGMENTATIONS[task], possible, reason = 'does not fit the labels' } = variations ?? {};
  const wrong = asked?.find((name) => possible?.includes(name) === false);
  if (wrong === undefined) return asked ?? usual;
  throw new GnSwapError('invalid-arguments', `--augment ${wrong} ${reason}`, {
    remedy: `Use --augment ${(possible ?? []).join(',')}, or leave it out`,
  });
}

/**
 * Varies a sample by chance: the picture, and the masks or boxes on it. The given sample is left as it is. All that moves pixels is one
 * map, so they are interpolated once.
 *
 * @param image how pictures became the input; other inputs are passed on
 */
export function augment(
  example: Example,
  image: ImageInput,
  names: readonly AugmentationName[],
  random: Random,
): Example {
  const value = example.inputs[image.name];
  const pixels = value && pixelsOf(value, image);
  if (value === undefined || pixels === undefined) return example;
  let map: Affine = IDENTITY;
  let { data } = pixels;
  const changes = Object.entries(AUGMENTATIONS).flatMap(([name, it]) =>
    names.some((wanted) => wanted === name) ? [it] : [],
  );
  for (const it of changes) if (it.kind === 'warp') map = after(map, it.draw(random, pixels));
  if (map !== IDENTITY) data = warped(pixels, map);
  for (const it of changes) {
    if (it.kind !== 'colour') continue;
    const result = data === pixels.data ? emptyLike(data) : data;
    recolour({ ...pixels, data }, it.draw(random), image, result);
    data = result;
  }
  return {
    inputs: { ...example.inputs, [image.name]: { ...value, data: settled(data) } },
    target: map === IDENTITY ? example.target : movedTarget(example.target, map, pixels),
  };
}

function isName(name: string): name is AugmentationName {
  return Object.hasOwn(AUGMENTATIONS, name);
}
