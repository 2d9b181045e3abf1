/**
 * Writes the pictures of shapes.ts as files in YOLO's layout: 200 to train on and 50 to measure on. With `--letters`, so many pictures of letters
 * alone, without labels.
 *
 *     npx tsx bench/finetune/write-shapes.ts 320 shapes
 *     npx tsx bench/finetune/write-shapes.ts 416 letters --letters 300 --seed 1000
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { Example, LabelledData } from '../../src/inputs/labelled/types.ts';
import { SHAPES, shapesOf } from './shapes.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { letters: { type: 'string' }, seed: { type: 'string', default: '1000' } },
});
const [wanted, folder] = positionals;
if (wanted === undefined || folder === undefined) throw new Error('give a side and a folder');
const size = Number(wanted);
const how = { input: 'x', size, scale: 1, bgr: false };

/** As detector.ts takes them with seed 0. */
const PARTS = [
  { part: 'train', count: 200, seed: 1 },
  { part: 'val', count: 50, seed: 2 },
];

if (values.letters === undefined) await writeShapes(folder);
else await write(shapesOf({ ...how, count: Number(values.letters), seed: Number(values.seed), letters: true }), folder);

async function writeShapes(root: string): Promise<void> {
  for (const { part, count, seed } of PARTS) {
    const labels = join(root, 'labels', part);
    await mkdir(labels, { recursive: true });
    await write(shapesOf({ ...how, count, seed }), join(root, 'images', part), async ({ target }, sample) => {
      const lines = (target.kind === 'boxes' ? target.boxes : []).map(({ label, left, top, right, bottom }) =>
        [
          label,
          (left + right) / 2 / size,
          (top + bottom) / 2 / size,
          (right - left) / size,
          (bottom - top) / size,
        ].join(' '),
      );
      await writeFile(join(labels, `${sample}.txt`), `${lines.join('\n')}\n`);
    });
  }
  await writeFile(join(root, 'data.yaml'), `names: [${SHAPES.join(', ')}]\n`);
}

/** Writes the pictures, and whatever `beside` writes of each. */
async function write(
  data: LabelledData,
  into: string,
  beside?: (example: Example, sample: number) => Promise<void>,
): Promise<void> {
  await mkdir(into, { recursive: true });
  const area = size * size;
  for (let sample = 0; sample < data.count; sample++) {
    const example = await data.load(sample);
    const planes = example.inputs.x?.data as Float32Array;
    const pixels = Uint8Array.from({ length: 3 * area }, (_, at) => planes[(at % 3) * area + Math.floor(at / 3)] ?? 0);
    await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toFile(join(into, `${sample}.png`));
    await beside?.(example, sample);
  }
}
