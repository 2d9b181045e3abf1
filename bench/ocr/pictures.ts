/** Rendered lines as picture files. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { renderLines } from './lines.ts';
import type { Style } from './styles.ts';

/** How {@link writeLines} writes. */
export interface WrittenLines {
  /** What they are written with and on; print if not given. */
  readonly style?: Style;
  /** Whether upright lines and turned ones get a folder each, `0` and `180`, as PaddleOCR names its classes. */
  readonly labelled?: boolean;
}

/** Writes PNG files for the orientation classifier into a folder that exists: half of the lines upright, half turned. */
export async function writeLines(
  folder: string,
  count: number,
  seed: number,
  { style, labelled = false }: WrittenLines = {},
): Promise<void> {
  const { data, dims, labels } = await renderLines({ count, seed, ...(style && { style }) });
  const folderOf = (label: number) => (labelled ? join(folder, label === 1 ? '180' : '0') : folder);
  for (const label of [0, 1]) mkdirSync(folderOf(label), { recursive: true });
  const [, channels, height, width] = dims;
  const area = height * width;
  for (let line = 0; line < count; line++) {
    // From the classifier's input, blue first and in [−1, 1], back to the bytes of a picture.
    const bytes = Buffer.alloc(channels * area);
    for (let c = 0; c < channels; c++) {
      const plane = data.subarray((line * channels + channels - 1 - c) * area, (line * channels + channels - c) * area);
      for (let i = 0; i < area; i++) bytes[i * channels + c] = Math.round(((plane[i] as number) + 1) * 127.5);
    }
    const raw = { width, height, channels: 3 } as const;
    await sharp(bytes, { raw })
      .png()
      .toFile(join(folderOf(labels[line] as number), `${String(line).padStart(2, '0')}.png`));
  }
}
