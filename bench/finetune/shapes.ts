/** Pictures of shapes over noise, gradients and letters, with the box of each shape: a small task for detectors, the same for a seed. */
import sharp from 'sharp';
import type { LabelledBox, LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';

/** How pictures become the input of a model. */
export interface ShapesOptions {
  readonly input: string;
  /** Side of the square picture in pixels. */
  readonly size: number;
  readonly count: number;
  readonly seed: number;
  /** What numbers from 0 to 255 are multiplied by. */
  readonly scale: number;
  readonly bgr: boolean;
  /** Letters alone, large and many, without boxes: what a reader of letters finds already. */
  readonly letters?: boolean;
}

/** In the order of their labels. */
export const SHAPES = ['star', 'ring', 'triangle', 'cross'] as const;

/** Makes pictures with one to five shapes each. */
export function shapesOf({ input, size, count, seed, scale, bgr, letters = false }: ShapesOptions): LabelledData {
  const drawn = new Map<number, ReturnType<typeof draw>>();
  return {
    count,
    names: Array.from({ length: count }, (_, sample) => `shapes-${seed}-${sample}`),
    strata: new Array<number>(count).fill(0),
    classes: SHAPES,
    skipped: [],
    image: undefined,
    keyOf: () => '',
    async load(sample) {
      const picture = drawn.get(sample) ?? draw(new Random(seed * 100_003 + sample), size, letters);
      drawn.set(sample, picture);
      const { boxes, pixels } = await picture;
      const area = size * size;
      const data = new Float32Array(3 * area);
      for (let at = 0; at < area; at++) {
        for (let c = 0; c < 3; c++) data[(bgr ? 2 - c : c) * area + at] = scale * (pixels[3 * at + c] as number);
      }
      return {
        inputs: { [input]: { type: DataType.FLOAT, dims: [1, 3, size, size], data } },
        target: letters ? { kind: 'none' } : { kind: 'boxes', boxes },
      };
    },
  };
}

async function draw(
  random: Random,
  size: number,
  lettersAlone: boolean,
): Promise<{ boxes: LabelledBox[]; pixels: Uint8Array }> {
  const boxes: LabelledBox[] = [];
  const parts: string[] = [];
  const letters = 'ABCDEFGHKMNPRSTUVXYZ23456789';
  const [count, least] = lettersAlone ? [3 + random.integer(5), 0.12] : [random.integer(6), 0.05];
  for (let i = count; i > 0; i--) {
    const letter = letters[random.integer(letters.length)];
    const [x, y] = [random.uniform() * size, random.uniform() * size];
    parts.push(
      `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size * (least + 0.1 * random.uniform())}" fill="${colour(random)}">${letter}</text>`,
    );
  }
  const wanted = lettersAlone ? 0 : 1 + random.integer(5);
  for (let tries = 0; boxes.length < wanted && tries < 40; tries++) {
    const side = size * (0.08 + 0.22 * random.uniform());
    const [x, y] = [random.uniform() * (size - side), random.uniform() * (size - side)];
    const box = { left: x, top: y, right: x + side, bottom: y + side };
    const isFree = boxes.every(
      (it) => it.right < box.left || it.left > box.right || it.bottom < box.top || it.top > box.bottom,
    );
    if (!isFree) continue;
    const label = random.integer(SHAPES.length);
    boxes.push({ label, ...box });
    parts.push(shape(label, x, y, side, colour(random)));
  }
  const [a, b] = [colour(random), colour(random)];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><defs><linearGradient id="g" x2="${random.uniform()}" y2="1"><stop offset="0" stop-color="${a}"/><stop offset="1" stop-color="${b}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>${parts.join('')}</svg>`;
  const pixels = new Uint8Array(await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer());
  const noise = 4 + random.integer(16);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.max(0, Math.min(255, (pixels[i] as number) + noise * random.normal()));
  }
  return { boxes, pixels };
}

function colour(random: Random): string {
  return `rgb(${random.integer(256)},${random.integer(256)},${random.integer(256)})`;
}

/** A shape that fills its box. */
function shape(label: number, x: number, y: number, side: number, fill: string): string {
  const at = (u: number, v: number) => `${x + u * side},${y + v * side}`;
  switch (SHAPES[label]) {
    case 'star': {
      const points = Array.from({ length: 10 }, (_, i) => {
        const [radius, angle] = [i % 2 === 0 ? 1 : 0.42, (Math.PI * i) / 5 - Math.PI / 2];
        return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
      });
      const [xs, ys] = [points.map(([u]) => u), points.map(([, v]) => v)];
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      const [w, h] = [Math.max(...xs) - left, Math.max(...ys) - top];
      return `<polygon fill="${fill}" points="${points.map(([u, v]) => at((u - left) / w, (v - top) / h)).join(' ')}"/>`;
    }
    case 'ring':
      return `<circle cx="${x + side / 2}" cy="${y + side / 2}" r="${side * 0.4}" fill="none" stroke="${fill}" stroke-width="${side * 0.2}"/>`;
    case 'triangle':
      return `<polygon fill="${fill}" points="${[at(0.5, 0), at(1, 1), at(0, 1)].join(' ')}"/>`;
    default:
      return `<path fill="${fill}" d="M${at(0.35, 0)} L${at(0.65, 0)} L${at(0.65, 0.35)} L${at(1, 0.35)} L${at(1, 0.65)} L${at(0.65, 0.65)} L${at(0.65, 1)} L${at(0.35, 1)} L${at(0.35, 0.65)} L${at(0, 0.65)} L${at(0, 0.35)} L${at(0.35, 0.35)} Z"/>`;
  }
}
