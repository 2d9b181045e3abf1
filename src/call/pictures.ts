/** Options that say how pictures become tensors. */
import type { ImageOptions } from '../inputs/images.ts';
import type { LabelledTask } from '../inputs/labelled/options.ts';
import { PRESETS, type PresetName } from '../inputs/presets.ts';
import { type RawArguments, text, wrong } from './values.ts';

/**
 * Reads how pictures become tensors: `--size`, `--preset`, `--mean`, `--std`, `--scale`, `--channel-order`, `--fit`, `--layout`.
 *
 * @throws GnSwapError `invalid-arguments`
 */
export function images(raw: RawArguments): ImageOptions {
  const name = text(raw, 'preset') as PresetName | undefined;
  const preset = name === undefined ? undefined : PRESETS[name];
  return {
    size: namesInputs(raw) ? undefined : size(text(raw, 'size')),
    mean: numbers(raw, 'mean') ?? preset?.mean,
    std: deviations(raw) ?? preset?.std,
    scale: scale(text(raw, 'scale')) ?? preset?.scale,
    channelOrder: (text(raw, 'channel-order') as ImageOptions['channelOrder']) ?? preset?.channelOrder,
    fit: text(raw, 'fit') as ImageOptions['fit'],
    layout: text(raw, 'layout') as ImageOptions['layout'],
  };
}

/** How pictures are laid in the input: those of a detector keep their shape, as detectors are trained and run. */
export function picturesFor(task: LabelledTask, images: ImageOptions): ImageOptions {
  return task === 'detect' ? { ...images, fit: images.fit ?? 'contain', squares: true } : images;
}

/** Whether `--size` is that of named inputs, as for gradients, rather than of pictures. */
export function namesInputs({ size, wrt }: RawArguments): boolean {
  return wrt !== undefined && size !== undefined;
}

/** No picture that a model takes is larger on a side. */
const LARGEST_SIDE = 16384;

function size(value: string | undefined): ImageOptions['size'] {
  if (value === undefined) return undefined;
  const [, height, width] = /^(\d{1,5})(?:[x\u00d7](\d{1,5}))?$/.exec(value) ?? [];
  const sides = { height: Number(height), width: Number(width ?? height) };
  const valid = Object.values(sides).every((side) => side >= 1 && side <= LARGEST_SIDE);
  if (!valid) throw wrong('size', `is ${JSON.stringify(value)}`, 'Use HEIGHTxWIDTH in pixels, such as 48x192');
  return sides;
}

function numbers(raw: RawArguments, name: string): number[] | undefined {
  const values = text(raw, name)
    ?.split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values === undefined || values.every(Number.isFinite)) return values;
  throw wrong(name, `is ${JSON.stringify(raw[name])}`, 'Use numbers separated by commas, such as 0.485,0.456,0.406');
}

function deviations(raw: RawArguments): number[] | undefined {
  const values = numbers(raw, 'std');
  if (values?.some((value) => value <= 0)) throw wrong('std', 'is not positive', 'Use positive numbers');
  return values;
}

function scale(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [numerator, denominator = '1', ...rest] = value.split('/');
  const result = Number(numerator || Number.NaN) / Number(denominator || Number.NaN);
  if (rest.length === 0 && Number.isFinite(result) && result !== 0) return result;
  throw wrong('scale', `is ${JSON.stringify(value)}`, 'Use a number or a fraction, such as 1/255');
}
