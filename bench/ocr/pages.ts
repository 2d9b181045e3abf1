import { blank, type Colour, contrastingColours, expose, fill, type Image, ink, writePlanes } from './image.ts';
import { Random } from './random.ts';
import { type Light, PRINT } from './styles.ts';
import { drawText, FACES, type Mask, type TextStyle } from './text.ts';
import { randomText } from './words.ts';

/** Which pages are rendered. */
export interface PageOptions {
  readonly count: number;
  readonly seed: number;
  /** Width and height in pixels, a multiple of 32; 640 if not given. */
  readonly size?: number;
  /** The light that it is seen in, which moves nothing; PRINT's if not given. */
  readonly light?: Light;
}

/** Where a line's ink is, in pixels from the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Rendered pages, ready for the detector. */
export interface Pages {
  /** [count, 3, size, size], blue first, normalised as the detector was trained. */
  readonly data: Float32Array;
  /** [count, 3, size, size]. */
  readonly dims: readonly [number, number, number, number];
  /** Each page's lines of text. */
  readonly boxes: readonly (readonly Box[])[];
}

/** A page in the making. */
interface Sheet {
  readonly image: Image;
  readonly random: Random;
  readonly boxes: Box[];
}

/** Part of a page that text flows down in. */
interface Column {
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
}

/**
 * ImageNet's, applied to blue, green, red in that order: PaddleOCR reads images by OpenCV and never
 * swaps their channels, so this is what its detector was trained on.
 */
const NORMALISATION = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/**
 * Renders pages of one to three columns of headings, paragraphs, coloured panels and pictures, in
 * several faces, sizes and colours, unevenly lit and noisy. Page i depends on the seed, the size and i alone.
 * @throws RangeError if the detector cannot take the size
 */
export async function renderPages({ count, seed, size = 640, light = PRINT.light }: PageOptions): Promise<Pages> {
  if (size < 32 || size % 32 !== 0) throw new RangeError(`size ${size} is no multiple of 32`);
  const data = new Float32Array(count * 3 * size * size);
  const boxes = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const sheet = await renderPage(new Random(seed, i), size, light);
      writePlanes(sheet.image, NORMALISATION, data, i * 3 * size * size, size, size);
      return sheet.boxes;
    }),
  );
  return { data, dims: [count, 3, size, size], boxes };
}

async function renderPage(random: Random, size: number, light: Light): Promise<Sheet> {
  const [paper, colour] = contrastingColours(random, 90);
  const sheet: Sheet = { image: blank(size, size, paper), random, boxes: [] };
  const columns = random.integer(1, 3);
  const margin = random.integer(8, 40);
  const gap = random.integer(16, 32);
  const width = Math.floor((size - 2 * margin - (columns - 1) * gap) / columns);
  for (let c = 0; c < columns; c++) {
    const column = { left: margin + c * (width + gap), width, bottom: size - margin };
    let top = margin + random.integer(0, 30);
    while (top < column.bottom) {
      top = await renderBlock(sheet, column, top, colour);
      top += random.integer(10, 40);
    }
  }
  expose(sheet.image, random, light);
  return sheet;
}

/** A heading, a paragraph, a panel or a picture; returns where it ends. */
async function renderBlock(sheet: Sheet, column: Column, top: number, colour: Colour) {
  const { random, image } = sheet;
  const face = random.choice(FACES);
  const kind = random.next();
  if (kind < 0.12) {
    const height = Math.min(random.integer(20, 90), column.bottom - top);
    fill(image, column.left, top, column.width, height, contrastingColours(random, 0)[0]);
    return top + height;
  }
  if (kind < 0.3) {
    const size = random.integer(26, 56);
    const blur = random.between(0, 1);
    return renderParagraph(sheet, column, top, 1, { face, size, blur }, colour);
  }
  const size = random.integer(12, 24);
  const style = { face, size, blur: random.between(0, 0.8) };
  const lines = random.integer(1, 8);
  if (kind < 0.8) return renderParagraph(sheet, column, top, lines, style, colour);
  const [background, onPanel] = contrastingColours(random, 90);
  const height = Math.min(Math.ceil(lines * size * 1.5) + 16, column.bottom - top);
  fill(image, column.left, top, column.width, height, background);
  const inner = { left: column.left + 8, width: column.width - 16, bottom: top + height };
  await renderParagraph(sheet, inner, top + 8, lines, style, onPanel);
  return top + height;
}

/** Up to `count` lines, as many as there is room for; returns where they end. */
async function renderParagraph(
  sheet: Sheet,
  column: Column,
  top: number,
  count: number,
  style: TextStyle,
  colour: Colour,
): Promise<number> {
  const leading = Math.ceil(style.size * sheet.random.between(1.25, 1.7));
  const share = sheet.random.between(0.6, 1);
  let y = top;
  for (let line = 0; line < count && y + leading <= column.bottom; line++, y += leading) {
    // The last line of a paragraph is shorter.
    const width = column.width * (line === count - 1 ? share : 1);
    const mask = await drawLine(sheet.random, width, style);
    if (mask === undefined) continue;
    ink(sheet.image, mask, column.left, y, colour);
    sheet.boxes.push({ x: column.left, y, width: mask.width, height: mask.height });
  }
  // Even where there was room for nothing, a block has an end, or a page had none.
  return Math.max(y, top + leading);
}

/** A line at most `width` pixels wide, or nothing where not even three characters fit. */
async function drawLine(random: Random, width: number, style: TextStyle): Promise<Mask | undefined> {
  // A character is about 0.6 em wide; where the text comes out too wide, its last word goes.
  const length = Math.floor(width / (0.58 * style.size));
  if (length < 3) return undefined;
  let text = randomText(random, length);
  while (text.length > 0) {
    const mask = await drawText(text, style);
    if (mask.width <= width) return mask;
    text = text.slice(0, Math.max(text.lastIndexOf(' '), 0));
  }
  return undefined;
}
