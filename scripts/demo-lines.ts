/**
 * Text lines as picture files, for the demo's second half.
 *
 *     tsx scripts/demo-lines.ts FOLDER
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { renderLines } from '../bench/ocr/lines.ts';

const [folder = 'out/lines'] = process.argv.slice(2);
const COUNT = 64;
mkdirSync(folder, { recursive: true });
const { data, dims } = await renderLines({ count: COUNT, seed: 1 });
const [, channels, height, width] = dims;
const area = height * width;
for (let line = 0; line < COUNT; line++) {
  // From the classifier's input, blue first and in [−1, 1], back to the bytes of a picture.
  const bytes = Buffer.alloc(channels * area);
  for (let c = 0; c < channels; c++) {
    const plane = data.subarray((line * channels + channels - 1 - c) * area, (line * channels + channels - c) * area);
    for (let i = 0; i < area; i++) bytes[i * channels + c] = Math.round(((plane[i] as number) + 1) * 127.5);
  }
  const raw = { width, height, channels: 3 } as const;
  await sharp(bytes, { raw })
    .png()
    .toFile(join(folder, `${String(line).padStart(2, '0')}.png`));
}
