import type { Random } from './random.ts';
import type { Light } from './styles.ts';
import type { Mask } from './text.ts';

/** Red, green, blue, each 0–255. */
export type Colour = readonly [number, number, number];

/** A picture: [height, width, 3], red green blue, 0–255. */
export interface Image {
  readonly data: Uint8ClampedArray;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** (x / 255 − mean) / deviation, per channel in the order that they are written. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** An image of one colour. */
export function blank(width: number, height: number, colour: Colour): Image {
  const image = { data: new Uint8ClampedArray(width * height * 3), width, height };
  fill(image, 0, 0, width, height, colour);
  return image;
}

/** Paints a rectangle; what lies outside of the image is left out. */
export function fill(image: Image, x: number, y: number, w: number, h: number, colour: Colour): void {
  const right = Math.min(x + w, image.width);
  const bottom = Math.min(y + h, image.height);
  for (let row = Math.max(y, 0); row < bottom; row++) {
    for (let column = Math.max(x, 0); column < right; column++) {
      image.data.set(colour, (row * image.width + column) * 3);
    }
  }
}

/** Inks a mask in one colour, its top left corner at x, y; what lies outside is left out. */
export function ink(image: Image, mask: Mask, x: number, y: number, colour: Colour): void {
  for (let row = 0; row < mask.height; row++) {
    if (y + row < 0 || y + row >= image.height) continue;
    for (let column = 0; column < mask.width; column++) {
      const coverage = mask.data[row * mask.width + column] as number;
      if (coverage === 0 || x + column < 0 || x + column >= image.width) continue;
      const at = ((y + row) * image.width + x + column) * 3;
      for (let c = 0; c < 3; c++) {
        const under = image.data[at + c] as number;
        image.data[at + c] = under + (((colour[c] as number) - under) * coverage) / 255;
      }
    }
  }
}

/** Light that falls off from the middle to a side, contrast that is lost to grey, and a sensor's normal noise. */
export function expose(image: Image, random: Random, light: Light): void {
  const slope = random.between(0, light.slope);
  const noise = random.between(...light.noise);
  // Nothing is drawn where nothing fades, so that such pictures stay what they were.
  const kept = light.fade === undefined ? 1 : 1 - random.between(...light.fade);
  const angle = random.between(0, 2 * Math.PI);
  const [right, down] = [slope * Math.cos(angle), slope * Math.sin(angle)];
  for (let at = 0, row = 0; row < image.height; row++) {
    for (let column = 0; column < image.width; column++) {
      const fall = right * ((2 * column) / image.width - 1) + down * ((2 * row) / image.height - 1);
      for (let c = 0; c < 3; c++, at++) {
        const faded = 127.5 + kept * ((image.data[at] as number) - 127.5);
        image.data[at] = faded + fall + random.normal(0, noise);
      }
    }
  }
}

/** The image turned by 180°. */
export function turn(image: Image): Image {
  const { width, height } = image;
  const data = new Uint8ClampedArray(image.data.length);
  for (let pixel = 0, last = width * height - 1; pixel <= last; pixel++) {
    for (let c = 0; c < 3; c++) data[(last - pixel) * 3 + c] = image.data[pixel * 3 + c] as number;
  }
  return { data, width, height };
}

/**
 * Bilinear resizing with pixel centres at half integers and no filter against aliasing: what
 * cv2.resize does by default, so what PaddleOCR's models were trained on. sharp's kernels filter.
 */
export function resize(image: Image, width: number, height: number): Image {
  const data = new Uint8ClampedArray(width * height * 3);
  const columns = Array.from({ length: width }, (_, x) => neighbours(x, width, image.width));
  for (let at = 0, y = 0; y < height; y++) {
    const rows = neighbours(y, height, image.height);
    for (const { first, second, share } of columns) {
      for (let c = 0; c < 3; c++, at++) {
        const [upper, lower] = [rows.first, rows.second].map((row) => {
          const left = image.data[(row * image.width + first) * 3 + c] as number;
          const right = image.data[(row * image.width + second) * 3 + c] as number;
          return left + (right - left) * share;
        }) as [number, number];
        data[at] = upper + (lower - upper) * rows.share;
      }
    }
  }
  return { data, width, height };
}

/**
 * Writes the image as three planes, blue first (OpenCV's order), to the top left of a [3, height, width]
 * block of `target` that starts at `offset`. What the image does not cover is left as it is.
 */
export function writePlanes(
  image: Image,
  { mean, deviation }: Normalisation,
  target: Float32Array,
  offset: number,
  width: number,
  height: number,
): void {
  for (const c of [0, 1, 2] as const) {
    for (let row = 0; row < image.height; row++) {
      const to = offset + (c * height + row) * width;
      for (let column = 0; column < image.width; column++) {
        const value = image.data[(row * image.width + column) * 3 + 2 - c] as number;
        target[to + column] = (value / 255 - mean[c]) / deviation[c];
      }
    }
  }
}

/** Two colours whose luminances (0–255) differ by at least `least` and at most `most`: background, then ink. */
export function contrastingColours(random: Random, least: number, most = 255): [Colour, Colour] {
  for (;;) {
    const background = randomColour(random);
    const inked = randomColour(random);
    const contrast = Math.abs(luminance(background) - luminance(inked));
    if (contrast >= least && contrast <= most) return [background, inked];
  }
}

/** Between a grey and a full colour: print and paint are seldom as garish as three free channels. */
function randomColour(random: Random): Colour {
  const grey = random.integer(0, 255);
  const strength = random.next();
  const channel = () => Math.round(grey + strength * (random.integer(0, 255) - grey));
  return [channel(), channel(), channel()];
}

/** ITU-R BT.601, as OpenCV computes grey. */
function luminance([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function neighbours(at: number, length: number, sourceLength: number) {
  const position = ((at + 0.5) * sourceLength) / length - 0.5;
  const clamped = Math.min(Math.max(position, 0), sourceLength - 1);
  const first = Math.floor(clamped);
  return { first, second: Math.min(first + 1, sourceLength - 1), share: clamped - first };
}
