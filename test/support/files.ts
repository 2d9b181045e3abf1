/** Files in memory, and pictures to put in them. */
import sharp from 'sharp';
import { GnSwapError } from '../../src/errors.ts';
import { Random } from '../../src/inputs/random.ts';
import type { Reader } from '../../src/inputs/reader.ts';

/** Files by path. Like the disk, it lists what is below a folder. */
export class MemoryFiles implements Reader {
  readonly log: string[] = [];
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: Readonly<Record<string, Uint8Array | string>>) {
    const encoder = new TextEncoder();
    this.#files = new Map(
      Object.entries(files).map(([name, content]) => [
        name,
        typeof content === 'string' ? encoder.encode(content) : content,
      ]),
    );
  }

  list(path: string): string[] {
    const prefix = path === '.' ? '' : `${path}/`;
    return [...this.#files.keys()].filter((file) => file === path || file.startsWith(prefix)).sort();
  }

  read(file: string): Uint8Array {
    this.log.push(file);
    const bytes = this.#files.get(file);
    if (bytes === undefined) throw new GnSwapError('unreadable', 'it is gone', { file });
    return bytes;
  }
}

/** Files in memory whose sizes and parts can be asked for, as on disk, and how many of their bytes were read. */
export class CountingFiles extends MemoryFiles {
  bytes = 0;

  override read(file: string): Uint8Array {
    const all = super.read(file);
    this.bytes += all.length;
    return all;
  }

  sizeOf(file: string): number {
    return super.read(file).length;
  }

  readPart(file: string, start: number, end: number): Uint8Array {
    this.bytes += end - start;
    return super.read(file).subarray(start, end);
  }
}

/** A JPEG of noise, which compresses badly. */
export function noiseJpeg(side: number, seed: number): Promise<Buffer> {
  const random = new Random(seed);
  const pixels = Buffer.from(Array.from({ length: 3 * side * side }, () => Math.floor(256 * random.uniform())));
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 100 })
    .toBuffer();
}

/** A PNG of one colour. */
export function plainPng(colour: string, width = 4, height = width): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

/** A PNG of given pixels, row by row: numbers for grey, triples for colours. */
export function pixelPng(rows: readonly (readonly (number | readonly number[])[])[]): Promise<Buffer> {
  const [first = []] = rows;
  const channels = Array.isArray(first[0]) ? 3 : 1;
  const raw = { width: first.length, height: rows.length, channels } as const;
  return sharp(Buffer.from(rows.flat(2)), { raw })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
}
