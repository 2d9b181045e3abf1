/**
 * Writes rendered pages of text as pictures of 640 × 640, for what a detector of documents shall go on finding.
 *
 *     npx tsx bench/finetune/write-pages.ts COUNT SEED FOLDER
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { pages } from '../kept/pictures.ts';

const [count, seed, folder] = process.argv.slice(2);
if (count === undefined || seed === undefined || folder === undefined)
  throw new Error('give a count, a seed and a folder');
await mkdir(folder, { recursive: true });
/** Pages that are in memory at once. */
const MOST = 20;
for (let first = 0; first < Number(count); first += MOST) {
  const some = await pages(Math.min(MOST, Number(count) - first), Number(seed) + first, 640);
  for (const [index, { data, width, height }] of some.entries()) {
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `${String(first + index).padStart(3, '0')}.png`));
  }
}
