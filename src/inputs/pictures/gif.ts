/** A GIF's first picture without its transparency: one of its colours is called transparent, and decoders make black of it (GIF89a, 23). */
import { isGif } from '../picture-kinds.ts';

const HEADER = 13;
const EXTENSION = 0x21;
const CONTROL = 0xf9;
const TRANSPARENT = 1;

/** The file with the colours that it stores; itself if it is no GIF, or has all of them already. */
export function opaqueGif(file: Uint8Array): Uint8Array {
  if (!isGif(file)) return file;
  for (let at = HEADER + tableSize(file[10] ?? 0); file[at] === EXTENSION; ) {
    const flags = at + 3;
    if (file[at + 1] === CONTROL && ((file[flags] ?? 0) & TRANSPARENT) !== 0) {
      const opaque = new Uint8Array(file);
      opaque[flags] = (opaque[flags] as number) & ~TRANSPARENT;
      return opaque;
    }
    at = behindBlocks(file, at + 2);
  }
  return file;
}

/** Bytes of the palette that all pictures of the file share. */
function tableSize(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** The end of blocks that each begin with their length; the last has none. */
function behindBlocks(file: Uint8Array, start: number): number {
  let at = start;
  for (let length = file[at]; length !== undefined && length !== 0; length = file[at]) at += 1 + length;
  return at + 1;
}
