/**
 * Writes the pictures of shapes.ts as files in YOLO's layout: 200 to train on and 50 to measure on.
 *
 *     npx tsx bench/finetune/write-shapes.ts 320 shapes
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { SHAPES, shapesOf } from './shapes.ts';

const [wanted, folder] = process.argv.slice(2);
if (wanted === undefined || folder === undefined) throw new Error('give a side and a folder');
const size = Number(wanted);

/** As detector.ts takes them with seed 0. */
const PARTS = [
  { part: 'train', count: 200, seed: 1 },
  { part: 'val', count: 50, seed: 2 },
];

for (const { part, count, seed } of PARTS) {
  const [images, labels] = ['images', 'labels'].map((kind) => join(folder, kind, part)) as [string, string];
  for (const it of [images, labels]) await mkdir(it, { recursive: true });
  const data = shapesOf({ input: 'x', size, count, seed, scale: 1, bgr: false });
  for (let sample = 0; sample < count; sample++) {
    const { inputs, target } = await data.load(sample);
    const planes = inputs.x?.data as Float32Array;
    const area = size * size;
    const pixels = Uint8Array.from({ length: 3 * area }, (_, at) => planes[(at % 3) * area + Math.floor(at / 3)] ?? 0);
    const raw = { width: size, height: size, channels: 3 } as const;
    await sharp(pixels, { raw })
      .png()
      .toFile(join(images, `${sample}.png`));
    const lines = (target.kind === 'boxes' ? target.boxes : []).map(({ label, left, top, right, bottom }) =>
      [label, (left + right) / 2 / size, (top + bottom) / 2 / size, (right - left) / size, (bottom - top) / size].join(
        ' ',
      ),
    );
    await writeFile(join(labels, `${sample}.txt`), `${lines.join('\n')}\n`);
  }
}
await writeFile(join(folder, 'data.yaml'), `names: [${SHAPES.join(', ')}]\n`);
