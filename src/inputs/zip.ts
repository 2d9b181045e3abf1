/** The files in a zip, as APPNOTE.TXT of PKWARE has it. Not those of 4 GiB and more, which no array of numbers holds here. */
import { crc32Of, inflateRaw } from '../host/node.ts';

/** Signatures and sizes of the fixed parts: the record that ends a zip (4.3.16), one of its directory (4.3.12), one before a file (4.3.7). */
const [END, END_SIZE] = [0x06054b50, 22];
const [ENTRY, ENTRY_SIZE] = [0x02014b50, 46];
const [LOCAL, LOCAL_SIZE] = [0x04034b50, 30];

/** How the bytes of a file are stored (4.4.5). */
const [AS_THEY_ARE, DEFLATED] = [0, 8];
/** The flag that says that a name is UTF-8 (4.4.4). */
const UTF8 = 1 << 11;

/**
 * Unpacks a zip.
 *
 * @returns the bytes of each file by its name, in the order of the directory
 * @throws Error if it is not a zip, or the bytes of a file are not those that were packed
 */
export function readZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const short = (at: number) => view.getUint16(at, true);
  const long = (at: number) => view.getUint32(at, true);
  let end = bytes.length - END_SIZE;
  while (long(end) !== END) end--;
  const files = new Map<string, Uint8Array>();
  let at = long(end + 16);
  for (let left = short(end + 8); left > 0; left--) {
    if (long(at) !== ENTRY) throw new Error('its directory is damaged');
    const [flags, method, crc, packed, size] = [
      short(at + 8),
      short(at + 10),
      long(at + 16),
      long(at + 20),
      long(at + 24),
    ];
    const [nameSize, offset] = [short(at + 28), long(at + 42)];
    const name = new TextDecoder(flags & UTF8 ? 'utf-8' : 'latin1').decode(
      bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameSize),
    );
    if (long(offset) !== LOCAL) throw new Error('its directory is damaged');
    const start = offset + LOCAL_SIZE + short(offset + 26) + short(offset + 28);
    const content = unpacked(bytes.subarray(start, start + packed), method, size);
    if (content.length !== size || crc32Of(content) !== crc) throw new Error('its checksum is wrong');
    files.set(name, content);
    at += ENTRY_SIZE + nameSize + short(at + 30) + short(at + 32);
  }
  return files;
}

function unpacked(packed: Uint8Array, method: number, size: number): Uint8Array {
  if (method === AS_THEY_ARE) return packed;
  if (method === DEFLATED) return inflateRaw(packed, size);
  throw new Error(`it is packed by method ${method}, which is not known here`);
}
