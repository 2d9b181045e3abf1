/** Protocol buffers by hand: an encoder that shares nothing with the one under test. */

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

/** @param value as two's complement of 64 bits where negative */
export function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return joinAll(parts);
}

/** As {@link join}, for more parts than a call takes. */
export function joinAll(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function tag(number: number, wire: number): Uint8Array {
  return varint((BigInt(number) << 3n) | BigInt(wire));
}

/** A length-delimited field: bytes, a string, a message or packed numbers. */
export function delimited(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return join(tag(number, DELIMITED), varint(bytes.length), bytes);
}

export function integer(number: number, value: number | bigint): Uint8Array {
  return join(tag(number, VARINT), varint(value));
}

export function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

export function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

/** The smallest model there is: IR 8, opset 17, the given graph content. */
export function model(graph: Uint8Array = new Uint8Array(0), ...more: readonly Uint8Array[]): Uint8Array {
  return join(integer(1, 8), delimited(7, graph), delimited(8, integer(2, 17)), ...more);
}
