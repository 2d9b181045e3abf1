import { blank, contrastingColours, expose, type Image, ink, resize, turn, writePlanes } from './image.ts';
import type { Look } from './look.ts';
import { Random } from './random.ts';
import { PRINT, type Style } from './styles.ts';
import { drawText } from './text.ts';
import { randomText } from './words.ts';

/** Which lines are rendered. */
export interface LineOptions {
  readonly count: number;
  readonly seed: number;
  /** Pixels; 48 if not given, which is what PaddleOCR's classifier and recogniser take. */
  readonly height?: number;
  /** Pixels; 192 if not given, which is what the classifier takes. The recogniser wants 320. */
  readonly width?: number;
  /** The share of lines turned by 180°, evenly spread; 0.5 if not given. */
  readonly turned?: number;
  /** Another look of the pictures; as drawn if not given. */
  readonly look?: Look;
  /** What they are written with and on, and in which light; PRINT if not given. */
  readonly style?: Style;
}

/** Rendered lines, ready for a model. */
export interface Lines {
  /** [count, 3, height, width], blue first, −1 … 1, zeros right of the text. */
  readonly data: Float32Array;
  /** [count, 3, height, width]. */
  readonly dims: readonly [number, number, number, number];
  /** 0 for an upright line, 1 for one turned by 180°. */
  readonly labels: Uint8Array;
  /** What is written, as read upright. */
  readonly texts: readonly string[];
}

/** How PaddleOCR normalises lines (`resize_norm_img` of its classifier and recogniser). */
const NORMALISATION = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;

/**
 * Renders lines of text as a detector would cut them out of photos: several faces, sizes and colours,
 * slightly tilted, sheared, blurred, unevenly lit and noisy.
 *
 * Line i depends on the seed and i alone, not on `count`; its text does not depend on `turned`.
 */
export async function renderLines(options: LineOptions): Promise<Lines> {
  const { count, seed, height = 48, width = 192, turned = 0.5, look, style = PRINT } = options;
  const data = new Float32Array(count * 3 * height * width);
  const labels = Uint8Array.from({ length: count }, (_, i) => isTurned(i, turned));
  const texts = await Promise.all(
    Array.from(labels, async (label, i) => {
      const { text, image } = await renderLine(new Random(seed, i), width / height, style, look);
      const line = squeeze(label === 1 ? turn(image) : image, height, width);
      writePlanes(line, NORMALISATION, data, i * 3 * height * width, width, height);
      return text;
    }),
  );
  return { data, dims: [count, 3, height, width], labels, texts };
}

/** One line at its own size; `ratio`, width to height, says how much text the model has room for. */
async function renderLine(random: Random, ratio: number, style: Style, look?: Look) {
  const text = randomText(random, random.integer(6, Math.round(2.6 * ratio)));
  const size = random.between(18, 52);
  const mask = await drawText(text, {
    face: random.choice(style.faces),
    size,
    tilt: random.normal(0, 0.02),
    slant: random.normal(0, style.slant),
    blur: random.between(0, style.blur) * size,
  });
  const [left, right] = [random.between(0, 0.4) * size, random.between(0, 0.4) * size];
  const [above, below] = [random.between(0, 0.25) * size, random.between(0, 0.25) * size];
  const [background, colour] = contrastingColours(random, ...style.contrast);
  const image = blank(Math.ceil(left + mask.width + right), Math.ceil(above + mask.height + below), background);
  ink(image, mask, Math.floor(left), Math.floor(above), colour);
  expose(image, random, style.light);
  return { text, image: look?.(image, random) ?? image };
}

/** To the given height, the aspect ratio kept where the width allows it, squeezed where it does not. */
function squeeze(image: Image, height: number, width: number): Image {
  return resize(image, Math.min(width, Math.ceil((height * image.width) / image.height)), height);
}

/** Spreads turned lines evenly, so that chance is exactly 0.5 when half of an even count is turned. */
function isTurned(index: number, share: number): number {
  return Math.floor((index + 1) * share) - Math.floor(index * share);
}
