/** TIFFs of any type of numbers and any count of channels, uncompressed, as tools of satellites and microscopes write them. */

/** What a TIFF holds. */
export interface TiffOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Of each number. */
  readonly type: 'uint8' | 'uint16' | 'int16' | 'uint32' | 'float32' | 'float64';
}

const TYPES = {
  uint8: [8, 1, 'setUint8'],
  uint16: [16, 1, 'setUint16'],
  uint32: [32, 1, 'setUint32'],
  int16: [16, 2, 'setInt16'],
  float32: [32, 3, 'setFloat32'],
  float64: [64, 3, 'setFloat64'],
} as const;

/** A TIFF whose numbers are told by their places, channel by channel for each pixel. */
export function tiffOf(
  { height, width, channels, type }: TiffOptions,
  numberAt: (index: number) => number,
): Uint8Array {
  const [bits, format, set] = TYPES[type];
  const count = height * width * channels;
  const perPixel = 8 + 2 * 6 * channels;
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, 3, 1, width],
    [257, 3, 1, height],
    [258, 3, channels, bits],
    [259, 3, 1, 1],
    [262, 3, 1, channels >= 3 ? 2 : 1],
    [273, 4, 1, 0],
    [277, 3, 1, channels],
    [278, 3, 1, height],
    [279, 4, 1, (count * bits) / 8],
    [339, 3, channels, format],
  ];
  const extra = channels > 3 ? channels - 3 : channels === 2 ? 1 : 0;
  if (extra > 0) entries.splice(9, 0, [338, 3, extra, 0]);
  const start = 8 + 2 + entries.length * 12 + 4;
  const data = start + perPixel;
  const view = new DataView(new ArrayBuffer(data + (count * bits) / 8));
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  view.setUint16(8, entries.length, true);
  let lists = start;
  for (const [index, [tag, kind, length, value]] of entries.entries()) {
    const at = 10 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, kind, true);
    view.setUint32(at + 4, length, true);
    const own = tag === 273 ? data : value;
    if (kind === 3 && length > 2) {
      view.setUint32(at + 8, lists, true);
      for (let i = 0; i < length; i++, lists += 2) view.setUint16(lists, own, true);
    } else if (kind === 3) {
      for (let i = 0; i < length; i++) view.setUint16(at + 8 + 2 * i, own, true);
    } else view.setUint32(at + 8, own, true);
  }
  for (let i = 0; i < count; i++) view[set](data + (i * bits) / 8, numberAt(i), true);
  return new Uint8Array(view.buffer);
}
