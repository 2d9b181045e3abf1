/** Pictures → a model's input, preprocessed as the model was trained. */
import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType, type Shape } from '../onnx/value-type.ts';
import type { Value } from '../runtime/session.ts';
import { batchOf } from './batch.ts';
import { isCutOff } from './picture-end.ts';
import { pixelsOf, sizeOf } from './pictures/node.ts';
import type { PictureSize, Pixels } from './pictures/types.ts';
import { scalesItself } from './scales-itself.ts';
import { LARGEST_SQUARE, squareFor } from './squares.ts';

export type { PictureSize } from './pictures/types.ts';

/** How pictures become tensors: (value · scale − mean)/std, per channel in the order that they are fed. */
export interface ImageOptions {
  /** Pixels; default the model's own size where it is fixed, else each picture's. */
  readonly size?: { readonly height: number; readonly width: number } | undefined;
  /** One a channel; default 0. */
  readonly mean?: readonly number[] | undefined;
  /** One a channel; default 1. */
  readonly std?: readonly number[] | undefined;
  /** What 8-bit values are multiplied by first; default 1/255, or 1 if the model takes bytes, or scales them itself and no mean or std is given. */
  readonly scale?: number | undefined;
  /** Default `rgb`. */
  readonly channelOrder?: 'rgb' | 'bgr' | undefined;
  /**
   * Whether pictures lie in squares if the model leaves both sides open: sides are multiples of 32 up to 640, as detectors expect. Default
   * each picture's own size.
   */
  readonly squares?: boolean | undefined;
  /** To another aspect ratio: `stretch` (the default, but for {@link ImageOptions.squares}), `contain` pads with black, `cover` crops. */
  readonly fit?: 'stretch' | 'contain' | 'cover' | undefined;
  /** Default what the model's shape says. */
  readonly layout?: 'nchw' | 'nhwc' | undefined;
}

/** Endings of files that are taken for pictures. */
export const IMAGE_FILES = /\.(jpe?g|jpe|jfif|png|webp|tiff?|avif|gif|heif)$/i;

/** The one input of a model that a picture can be, with every choice made. */
export interface ImageInput {
  readonly name: string;
  readonly type: DataType;
  readonly layout: 'nchw' | 'nhwc';
  /** Whether a picture is fed as a batch of 1, or by itself. */
  readonly hasBatch: boolean;
  readonly channels: 1 | 3;
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** Whether each picture lies in a square of its own; see `ImageOptions`. */
  readonly squares?: boolean;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly scale: number;
  /** Whether pictures are fed as bytes because the model scales them itself. */
  readonly scalesItself?: boolean;
  readonly reversed: boolean;
  readonly fit: 'fill' | 'contain' | 'cover';
}

const FITS = { stretch: 'fill', contain: 'contain', cover: 'cover' } as const;

/**
 * What a model's input demands of a picture.
 *
 * @throws GnSwapError `invalid-data` where the model has no input that a picture can be, `invalid-arguments` where the
 *   options contradict it
 */
export function imageInput(model: Model, options: ImageOptions = {}): ImageInput {
  const inputs = requiredInputs(model);
  const [input] = inputs;
  const { elemType, shape } = declaredType(input?.type);
  const name = input?.name ?? '';
  if (inputs.length !== 1 || input === undefined) {
    const list = inputs.map((it) => JSON.stringify(it.name)).join(', ');
    throw new GnSwapError('invalid-data', `it has ${inputs.length} inputs (${list}); pictures can feed only one`, {
      remedy: 'Use .npz files with one array per input',
    });
  }
  const hasBatch = batchOf(model).inputs.size > 0;
  const rank = hasBatch ? 4 : 3;
  if ((!isFloat(elemType) && elemType !== DataType.UINT8) || (shape !== undefined && shape.length !== rank)) {
    throw new GnSwapError('invalid-data', 'the model does not take pictures', {
      node: name,
      remedy: 'Use .npy or .npz files',
    });
  }
  const sides = shape?.slice(-3) ?? [];
  const layout = options.layout ?? (isChannels(sides[2]) && !isChannels(sides[0]) ? 'nhwc' : 'nchw');
  const [c, h, w] = layout === 'nchw' ? sides : [sides[2], sides[0], sides[1]];
  if (c !== undefined && !isChannels(c)) {
    throw new GnSwapError('invalid-data', `the input has ${c} channels as ${layout}; pictures have 1 or 3`, {
      node: name,
      remedy: 'Use another --layout, or .npy or .npz files',
    });
  }
  const { size } = options;
  for (const [side, fixed, wanted] of [
    ['height', h, size?.height],
    ['width', w, size?.width],
  ] as const) {
    if (fixed !== undefined && wanted !== undefined && fixed !== wanted) {
      throw new GnSwapError('invalid-arguments', `--size sets a ${side} of ${wanted}; the model takes only ${fixed}`, {
        node: name,
        remedy: 'Drop --size',
      });
    }
  }
  const channels = c === 1 ? 1 : 3;
  const bytes = elemType === DataType.UINT8;
  // Whoever gives a mean or a std means pictures from 0 to 1, as always.
  const isLeft = [options.scale, options.mean, options.std].every((it) => it === undefined);
  const byItself = !bytes && isLeft && scalesItself(model, name);
  const squares =
    options.squares === true && hasBatch && [h, w, size?.height, size?.width].every((it) => it === undefined);
  return {
    name,
    type: bytes ? DataType.UINT8 : DataType.FLOAT,
    layout,
    hasBatch,
    channels,
    height: h ?? size?.height,
    width: w ?? size?.width,
    ...(squares ? { squares } : {}),
    mean: perChannel('mean', options.mean, channels, 0),
    std: perChannel('std', options.std, channels, 1),
    scale: options.scale ?? (bytes || byItself ? 1 : 1 / 255),
    ...(byItself ? { scalesItself: true } : {}),
    reversed: options.channelOrder === 'bgr',
    fit: FITS[options.fit ?? (squares ? 'contain' : 'stretch')],
  };
}

/**
 * How a picture becomes what the model should make of another: as the input does, in the size that the output states. Means and deviations of single colours are
 * statistics of inputs, and are left out; one for all is a range, such as −1 to 1.
 *
 * @returns undefined if the output is not a picture
 */
export function pictureInput(input: ImageInput, shape: Shape | undefined): ImageInput | undefined {
  const rank = input.hasBatch ? 4 : 3;
  if (shape === undefined || shape.length !== rank) return undefined;
  const [a, b, c] = shape.slice(-3);
  const [channels, height, width] = input.layout === 'nchw' ? [a, b, c] : [c, a, b];
  if (!isChannels(channels)) return undefined;
  const count = channels === 1 ? 1 : 3;
  const isRange = [input.mean, input.std].every((numbers) => new Set(numbers).size === 1);
  const all = (numbers: readonly number[], otherwise: number) =>
    new Array<number>(count).fill(isRange ? (numbers[0] as number) : otherwise);
  const { squares: _, scalesItself: __, ...rest } = input;
  const own = {
    type: DataType.FLOAT,
    channels: count,
    height,
    width,
    mean: all(input.mean, 0),
    std: all(input.std, 1),
  };
  return { ...rest, ...own } as ImageInput;
}

/** In words, how pictures become the input: for whoever gave the options, or forgot one. */
export function describePictures(input: ImageInput): string {
  const { channels, height, width, squares, scalesItself: byItself, reversed, fit } = input;
  const fitted = fit === 'fill' ? 'stretched' : fit;
  const isFree = height === undefined && width === undefined;
  const size = squares
    ? `squares of up to ${LARGEST_SQUARE}×${LARGEST_SQUARE} (${fitted})`
    : isFree
      ? 'their own size'
      : `${height ?? 'any'}×${width ?? 'any'} (${fitted})`;
  const colours = channels === 1 ? 'grey' : reversed ? 'bgr' : 'rgb';
  return `${size}, ${colours}, ${byItself ? 'bytes, which the model scales itself' : numbersText(input)}`;
}

/** How a byte becomes a number: `(byte/255 − 0.5)/0.2`, without what changes nothing. */
function numbersText({ mean, std, scale }: ImageInput): string {
  const list = (values: readonly number[]) => (new Set(values).size === 1 ? `${values[0]}` : `[${values.join(', ')}]`);
  const factor = scale === 1 ? 'byte' : Number.isInteger(1 / scale) ? `byte/${1 / scale}` : `byte · ${scale}`;
  const moved = mean.some((it) => it !== 0) ? `${factor} − ${list(mean)}` : factor;
  return std.some((it) => it !== 1) ? `(${moved})/${list(std)}` : moved;
}

function isChannels(dim: number | undefined): boolean {
  return dim === 1 || dim === 3;
}

function perChannel(name: string, given: readonly number[] | undefined, channels: number, otherwise: number): number[] {
  const values = given ?? [otherwise];
  if (values.length === 1) return new Array<number>(channels).fill(values[0] as number);
  if (values.length === channels) return [...values];
  throw new GnSwapError(
    'invalid-arguments',
    `--${name} has ${values.length} numbers; the model has ${channels} channels`,
    {
      remedy: `Use ${channels === 1 ? '1 number' : '1 or 3 numbers, separated by commas'}`,
    },
  );
}

/**
 * Height and width of a picture as it is looked at, read from its header: cheap, and enough to tell most damaged files.
 *
 * @param extent whether the bytes are those of the whole file, or only of its beginning
 * @throws GnSwapError `invalid-data` if the bytes are not a picture, or its end is missing
 */
export async function pictureSize(file: Uint8Array, extent: 'whole' | 'part' = 'whole'): Promise<PictureSize> {
  if (extent === 'whole' && isCutOff(file))
    throw new GnSwapError('invalid-data', 'its end is missing: the file is cut off');
  return sizeOf(file).catch(unreadable);
}

/**
 * A picture as a batch of 1, [1, C, H, W] or [1, H, W, C]; without the 1 if the model has no batch.
 *
 * @param file the bytes of a JPEG, PNG, WebP, TIFF, AVIF … file
 * @throws GnSwapError `invalid-data` where they are no picture
 */
export async function loadImage(file: Uint8Array, input: ImageInput): Promise<Value> {
  return imageValue(await decodeImage(file, input), input);
}

/**
 * Decodes a picture and brings it to the size of the input, in bytes: the part of {@link loadImage} that takes time.
 *
 * @throws GnSwapError `invalid-data` if it is not a picture
 */
export async function decodeImage(file: Uint8Array, input: ImageInput): Promise<Pixels> {
  const own = input.squares ? { ...input, ...squareFor(await pictureSize(file)) } : input;
  return pixelsOf(file, own).catch(unreadable);
}

/** The dimensions of {@link imageValue}. */
export function imageDims({ height, width }: PictureSize, { channels, layout, hasBatch }: ImageInput): number[] {
  const sides = layout === 'nchw' ? [channels, height, width] : [height, width, channels];
  return hasBatch ? [1, ...sides] : sides;
}

/** Pixels as a batch of 1, normalised as the model was trained. */
export function imageValue(pixels: Pixels, input: ImageInput): Value {
  const { data, height, width } = pixels;
  const { channels, layout, reversed, mean, std, scale } = input;
  const area = height * width;
  // Clamped, so that bytes are rounded to the nearest, and do not wrap.
  const values =
    input.type === DataType.UINT8 ? new Uint8ClampedArray(channels * area) : new Float32Array(channels * area);
  for (let pixel = 0, from = 0; pixel < area; pixel++) {
    for (let c = 0; c < channels; c++, from++) {
      const channel = reversed ? channels - 1 - c : c;
      const to = layout === 'nchw' ? channel * area + pixel : pixel * channels + channel;
      values[to] = ((data[from] as number) * scale - (mean[channel] as number)) / (std[channel] as number);
    }
  }
  const dims = imageDims(pixels, input);
  return { type: input.type, dims, data: values instanceof Uint8ClampedArray ? new Uint8Array(values.buffer) : values };
}

function unreadable(cause: unknown): never {
  if (cause instanceof GnSwapError) throw cause;
  const detail = cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause);
  throw new GnSwapError('invalid-data', `it cannot be read as a picture (${detail})`, { cause });
}
