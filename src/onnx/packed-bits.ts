/** Elements of fewer than eight bits, as `raw_data` has them. */

/** One stream of bits, the first element in the lowest ones (https://onnx.ai/onnx/technical/int4.html); one of 6 bits may lie in two bytes. */
export function subByte(view: DataView, index: number, bits: number): number {
  const bit = index * bits;
  const at = bit >> 3;
  const shift = bit & 7;
  const next = shift + bits > 8 ? view.getUint8(at + 1) << 8 : 0;
  return ((view.getUint8(at) | next) >> shift) & (2 ** bits - 1);
}

/** Adds an element's bits to those that are there. */
export function addBits(view: DataView, index: number, bits: number, code: number): void {
  const bit = index * bits;
  const at = bit >> 3;
  const shifted = code << (bit & 7);
  view.setUint8(at, view.getUint8(at) | (shifted & 0xff));
  if (shifted > 0xff) view.setUint8(at + 1, view.getUint8(at + 1) | (shifted >> 8));
}

/** The number that a code in two's complement stands for. */
export function signed(value: number, bits: number): number {
  return value < 2 ** (bits - 1) ? value : value - 2 ** bits;
}
