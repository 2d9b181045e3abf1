/**
 * NumPy's .npy: one array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * 1. Numbers of either order of bytes, and bools. Refused: complex, text, objects, records, and raw bytes, which is how
 *    NumPy writes bfloat16.
 * 2. Fortran order is turned into C order.
 * 3. float16 stays its bits, as everywhere in gn-swap; bools are 0 and 1.
 */
import { type DType, dump, parse } from 'npyjs';
import { type ErrorContext, GnSwapError } from '../errors.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import type { Value } from '../runtime/session.ts';

/** NumPy's type code without its byte order, the ONNX type, and the array that holds it. */
const TYPES = [
  ['f4', DataType.FLOAT, Float32Array],
  ['f8', DataType.DOUBLE, Float64Array],
  ['f2', DataType.FLOAT16, Uint16Array],
  ['b1', DataType.BOOL, Uint8Array],
  ['i1', DataType.INT8, Int8Array],
  ['u1', DataType.UINT8, Uint8Array],
  ['i2', DataType.INT16, Int16Array],
  ['u2', DataType.UINT16, Uint16Array],
  ['i4', DataType.INT32, Int32Array],
  ['u4', DataType.UINT32, Uint32Array],
  ['i8', DataType.INT64, BigInt64Array],
  ['u8', DataType.UINT64, BigUint64Array],
] as const satisfies readonly (readonly [DType, DataType, unknown])[];

/** Typed arrays start at a multiple of their element's size; this is one of every size. */
const ALIGNMENT = 64;
const SPACE = 0x20;
/** What a type begins with whose bytes stand the other way round, as in FITS and IDX, or on the machines of some archives. */
const BIG_ENDIAN = '>';
const LITTLE_ENDIAN = 0x3c;

/**
 * The array in the bytes of a .npy file.
 * @param place what to name in an error: the file, the array
 * @throws GnSwapError `invalid-data` for a type that is refused (1), or bytes that are no whole .npy
 */
export function readNpy(bytes: Uint8Array, place: ErrorContext = {}): Value {
  const { start, descriptor } = headerOf(bytes, place);
  const found = TYPES.find(([code]) => ['<', '|', BIG_ENDIAN].some((order) => descriptor === `${order}${code}`));
  if (found === undefined) throw unsupported(descriptor, place);
  const [, type, Elements] = found;
  let array: ReturnType<typeof parse>;
  try {
    // Without its data, which may be large, and would be copied.
    array = parse(alignedHeader(bytes.subarray(0, start), descriptor), { convertFloat16: false });
  } catch (cause) {
    throw broken('its header is malformed', place, cause);
  }
  const { shape, fortranOrder } = array;
  const own = bytes.subarray(start);
  const ordered = descriptor.startsWith(BIG_ENDIAN) ? turned(own, Elements.BYTES_PER_ELEMENT) : own;
  const elements = elementsOf(ordered, Elements as Uint8ArrayConstructor);
  if (elements === undefined) throw broken('its length does not match its header', place);
  const data = type === DataType.BOOL ? elements.map((value) => Number(value !== 0)) : elements;
  if (data.length !== sizeOf(shape)) {
    throw doesNotFill(data.length, shape, place);
  }
  return { type, dims: shape, data: fortranOrder ? toRowMajor(data, shape) : data };
}

/** The elements in bytes, where they are if they may begin there; `undefined` if the last one is cut off. */
function elementsOf(bytes: Uint8Array, Elements: Uint8ArrayConstructor): Uint8Array | undefined {
  const size = Elements.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0) return undefined;
  // Not slice(): of a Buffer of Node, that is a view of the same memory.
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new Elements(buffer, byteOffset, length / size);
}

/** The bytes of elements of a size, each the other way round. */
function turned(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) result[at] = bytes[at - (at % size) + size - 1 - (at % size)] as number;
  return result;
}

/**
 * A .npy file of one array, in C order.
 * @throws GnSwapError `invalid-data` for a type that NumPy has no name for, or data that do not fill the shape
 */
export function writeNpy({ type, dims, data }: Value, place: ErrorContext = {}): Uint8Array {
  const found = TYPES.find(([, known]) => known === type);
  if (found === undefined) throw unsupported(dataTypeName(type), place);
  if (data.length !== sizeOf(dims)) throw doesNotFill(data.length, dims, place);
  const [code, , Elements] = found;
  // One of them stands for all: the list above pairs each type with the array that takes its data.
  const elements = (Elements as Uint8ArrayConstructor).from(data as ArrayLike<number>);
  return new Uint8Array(dump(elements, [...dims], { dtype: code }));
}

/** Where the data starts, and NumPy's name of their type: `<f4`, or `[…` for a record. */
function headerOf(bytes: Uint8Array, place: ErrorContext): { start: number; descriptor: string } {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY' || bytes.length < 12) throw broken('it is not an .npy array', place);
  const isShort = lengthIsShort(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = isShort ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  const header = new TextDecoder('latin1').decode(bytes.subarray(isShort ? 10 : 12, start));
  const descriptor = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(header);
  if (start > bytes.length || descriptor === null) throw broken('its header is cut off or malformed', place);
  return { start, descriptor: descriptor[1] ?? '[…]' };
}

/** Format 1 has a header's length in 16 bits, 2 and 3 in 32. */
function lengthIsShort(bytes: Uint8Array): boolean {
  return (bytes[6] ?? 0) <= 1;
}

/** A header in a buffer of its own, filled with spaces until data behind it would be aligned; of little-endian data, which is all that npyjs takes. */
function alignedHeader(header: Uint8Array, descriptor: string): ArrayBuffer {
  const end = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const copy = new Uint8Array(end).fill(SPACE);
  copy.set(header);
  const text = new TextDecoder('latin1').decode(header);
  copy[text.indexOf(descriptor)] = LITTLE_ENDIAN;
  const view = new DataView(copy.buffer);
  if (lengthIsShort(header)) view.setUint16(8, end - 10, true);
  else view.setUint32(8, end - 12, true);
  return copy.buffer;
}

/** The elements in C order (last axis fastest), given in Fortran order (first axis fastest). */
function toRowMajor<T extends { slice(): T; [index: number]: number | bigint }>(data: T, shape: readonly number[]): T {
  const result = data.slice();
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0, count = sizeOf(shape); to < count; to++) {
    result[to] = data[from] as number | bigint;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [dim, stride] = [shape[axis] as number, strides[axis] as number];
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < dim) break;
      index[axis] = 0;
      from -= dim * stride;
    }
  }
  return result;
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function unsupported(type: string, place: ErrorContext): GnSwapError {
  return new GnSwapError('invalid-data', `its type ${type} is not supported`, {
    ...place,
    remedy: 'Use numbers or bools: numpy.savez(path, name=array.astype("<f4"))',
  });
}

function doesNotFill(length: number, dims: readonly number[], place: ErrorContext): GnSwapError {
  return broken(`it holds ${length} elements; its shape [${dims}] needs ${sizeOf(dims)}`, place);
}

function broken(message: string, place: ErrorContext, cause?: unknown): GnSwapError {
  return new GnSwapError('invalid-data', message, {
    ...place,
    remedy: 'Write it again with numpy.save or numpy.savez',
    cause,
  });
}
