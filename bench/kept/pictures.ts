/** Pictures for detectors: crops of photographs, pages, characters on photographs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { contrastingColours, type Image, ink } from '../ocr/image.ts';
import { renderPages } from '../ocr/pages.ts';
import type { Random } from '../ocr/random.ts';
import { drawText, FACES } from '../ocr/text.ts';

/** A photograph, all of them RGB. */
export async function photos(folder: string, pattern = /./): Promise<Image[]> {
  const names = readdirSync(folder)
    .filter((it) => /\.(jpe?g|png)$/i.test(it) && pattern.test(it))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const { data, info } = await sharp(join(folder, name))
        .rotate()
        .toColourspace('srgb')
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { data: new Uint8ClampedArray(data), width: info.width, height: info.height };
    }),
  );
}

/** A random part of a photograph, with the given share of its sides at least, in a square with grey around it. */
export async function crop(photo: Image, random: Random, size: number, least: number, pad = 114): Promise<Image> {
  const [sx, sy] = [random.between(least, 1), random.between(least, 1)];
  const [width, height] = [Math.max(8, Math.floor(photo.width * sx)), Math.max(8, Math.floor(photo.height * sy))];
  const [left, top] = [random.integer(0, photo.width - width), random.integer(0, photo.height - height)];
  const flip = random.next() < 0.5;
  let image = sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } }).extract({
    left,
    top,
    width,
    height,
  });
  if (flip) image = image.flop();
  const data = await image
    .resize(size, size, { fit: 'contain', background: { r: pad, g: pad, b: pad } })
    .removeAlpha()
    .raw()
    .toBuffer();
  return { data: new Uint8ClampedArray(data), width: size, height: size };
}

/** Four parts of photographs in one picture, every other time. */
export async function mosaic(all: readonly Image[], index: number, random: Random, size: number): Promise<Image> {
  const pick = (i: number) => all[i % all.length] as Image;
  if (index % 2 === 0) return crop(pick(index), random, size, 0.6, 0);
  const data = new Uint8ClampedArray(size * size * 3);
  const half = size / 2;
  for (let q = 0; q < 4; q++) {
    const part = await crop(pick(index + q), random, half, 0.7, 0);
    const [left, top] = [(q % 2) * half, Math.floor(q / 2) * half];
    for (let row = 0; row < half; row++) {
      data.set(part.data.subarray(row * half * 3, (row + 1) * half * 3), ((top + row) * size + left) * 3);
    }
  }
  return { data, width: size, height: size };
}

/** Characters in several sizes and colours on parts of photographs, as click captchas have them. */
export async function characters(photo: Image, random: Random, size: number): Promise<Image> {
  const image = await crop(photo, random, size, 0.4);
  const count = random.integer(3, 7);
  const letters = 'ABCDEFGHKLMNPRSTUVWXYZ2345678天地人和山水火木金土日月星辰风云雨雪花草';
  const placed: { x: number; y: number; r: number }[] = [];
  for (let i = 0; i < count; i++) {
    const em = random.integer(34, 70);
    const mask = await drawText(letters[random.integer(0, 28)] as string, {
      face: random.choice(FACES),
      size: em,
      tilt: random.normal(0, 0.3),
      blur: random.between(0, 0.6),
    });
    for (let attempt = 0; attempt < 20; attempt++) {
      const [x, y] = [random.integer(4, size - em - 4), random.integer(60, size - em - 60)];
      if (placed.some((it) => Math.hypot(it.x - x, it.y - y) < it.r + em * 0.8)) continue;
      placed.push({ x, y, r: em * 0.6 });
      ink(image, mask, x, y, contrastingColours(random, 60)[1]);
      break;
    }
  }
  return image;
}

/** A sliding puzzle: a dark hole in a photograph. */
export async function puzzle(photo: Image, random: Random, size: number): Promise<Image> {
  const image = await crop(photo, random, size, 0.5);
  const side = random.integer(60, 110);
  const [cx, cy] = [random.integer(200, size - side - 20), random.integer(120, size - side - 120)];
  const [bx, by] = [random.integer(20, 80), cy];
  const knob = side / 5;
  const inside = (x: number, y: number) => {
    const body = x >= 0 && x < side && y >= 0 && y < side;
    const out =
      Math.hypot(x - side / 2, y + knob * 0.5) < knob || Math.hypot(x - side - knob * 0.5, y - side / 2) < knob;
    return body || out;
  };
  const piece: number[] = [];
  for (let y = -40; y < side + 40; y++) for (let x = -40; x < side + 40; x++) if (inside(x, y)) piece.push(x, y);
  const source = image.data.slice();
  for (let i = 0; i < piece.length; i += 2) {
    const [x, y] = [piece[i] as number, piece[i + 1] as number];
    const at = ((cy + y) * size + cx + x) * 3;
    const to = ((by + y) * size + bx + x) * 3;
    const edge = !inside(x - 2, y) || !inside(x + 2, y) || !inside(x, y - 2) || !inside(x, y + 2);
    for (let c = 0; c < 3; c++) {
      image.data[to + c] = edge ? 240 : (source[at + c] as number);
      image.data[at + c] = edge ? 230 : (source[at + c] as number) * 0.4;
    }
  }
  return image;
}

/** Pages as bench/ocr renders them, RGB 0–255. */
export async function pages(count: number, seed: number, size: number): Promise<Image[]> {
  const { data } = await renderPages({ count, seed, size });
  const [mean, deviation] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  return Array.from({ length: count }, (_, i) => {
    const out = new Uint8ClampedArray(size * size * 3);
    for (let c = 0; c < 3; c++) {
      for (let p = 0; p < size * size; p++) {
        out[p * 3 + 2 - c] =
          ((data[(i * 3 + c) * size * size + p] as number) * (deviation[c] as number) + (mean[c] as number)) * 255;
      }
    }
    return { data: out, width: size, height: size };
  });
}

/** [1, 3, h, w] of numbers times `scale`. */
export function tensorOf({ data, width, height }: Image, scale: number, order: 'rgb' | 'bgr'): Float32Array {
  const out = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    const from = order === 'rgb' ? c : 2 - c;
    for (let p = 0; p < width * height; p++) out[c * width * height + p] = (data[p * 3 + from] as number) * scale;
  }
  return out;
}
