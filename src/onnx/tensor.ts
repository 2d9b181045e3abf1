/** Tensors as numbers: reading every numeric type from wherever its data is, and making new ones. */
import { getFloat16, setFloat16 } from '@petamoriken/float16';
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource, Slice } from './bytes.ts';
import { bitsOf, byteLengthOf, DataType, dataTypeName, isNumber } from './data-type.ts';
import { externalDataOf } from './external-data.ts';
import { dataOf, numbers } from './few-numbers.ts';
import { createTensor } from './messages.ts';
import { addBits, signed, subByte } from './packed-bits.ts';
import type { TensorProto } from './schema.ts';
import { decodeBfloat16, decodeSmallFloat, encodeBfloat16, encodeSmallFloat, isSmallFloat } from './small-float.ts';
import { WireReader } from './wire-reader.ts';

/** Opens a file of external data, by its `location`. */
export type ExternalData = (location: string) => ByteSource;

/** Refuses every location: for models that stand alone. */
export const noExternalData: ExternalData = (location) => {
  throw new GnSwapError('invalid-data', `tensor data is in another file, ${JSON.stringify(location)}`, {
    remedy: 'Open the model by its path, with its data files next to it',
  });
};

/** No tensor that a runtime takes has more dimensions than this; a file may claim any number. */
export const HIGHEST_RANK = 64;

/** Product of the dimensions; 1 for a scalar. */
export function elementCount({ dims }: Pick<TensorProto, 'dims'>): number {
  // A loop: asked of every tensor, of which a large graph has 100,000.
  let product = 1;
  for (let axis = 0; axis < dims.length; axis++) product *= Number(dims[axis]);
  return product;
}

/** The dimensions as numbers. */
export function dimsOf(tensor: TensorProto): number[] {
  return tensor.dims.map(Number);
}

/** The last type that is known here. */
const NEWEST = Math.max(...Object.values(DataType));

/**
 * A tensor's data in the layout of `raw_data` (little-endian, sub-byte types packed), wherever it is kept.
 *
 * @throws GnSwapError `invalid-model` where the dimensions do not fit the data, or the type has no such layout.
 */
export function rawDataOf(tensor: TensorProto, external: ExternalData = noExternalData): Slice {
  const type = tensor.dataType ?? 0;
  const count = elementCount(tensor);
  const expected = byteLengthOf(type, count);
  const isPossible = Number.isSafeInteger(count) && tensor.dims.every((dim) => dim >= 0);
  if (type > NEWEST) {
    const name = JSON.stringify(tensor.name);
    throw new GnSwapError(
      'unsupported-model',
      `tensor ${name} has ${dataTypeName(type)}, which this version of gn-swap does not know`,
      {
        remedy: 'Use a newer version, or a model without it',
      },
    );
  }
  if (expected === undefined || !isPossible) {
    throw damaged(tensor, `has type ${dataTypeName(type)} and dimensions [${tensor.dims}], which cannot be read`);
  }
  const data =
    tensor.dataLocation === 1 ? externalSlice(tensor, external, expected) : inlineSlice(tensor, type, expected);
  if (data.length !== expected) throw wrongLength(tensor, data.length, expected);
  return data;
}

/** The tensor with its data in it, as one has to be that will not lie beside its model's files. */
export function inline(tensor: TensorProto, external: ExternalData): TensorProto {
  if (tensor.dataLocation !== 1) return tensor;
  return { ...tensor, dataLocation: undefined, externalData: [], rawData: rawDataOf(tensor, external) };
}

function wrongLength(tensor: TensorProto, length: number, expected: number): GnSwapError {
  const { dataType, dims } = tensor;
  return damaged(
    tensor,
    `has ${length} bytes of data; its type ${dataTypeName(dataType)} and dimensions [${dims}] need ${expected}`,
  );
}

function damaged(tensor: TensorProto, what: string, cause?: unknown): GnSwapError {
  return new GnSwapError('invalid-model', `tensor ${JSON.stringify(tensor.name)} ${what}`, {
    remedy: 'Export the model again',
    cause,
  });
}

function externalSlice(tensor: TensorProto, external: ExternalData, expected: number): Slice {
  const { location, offset, length } = externalDataOf(tensor);
  const source = external(location);
  const end = offset + (length ?? expected);
  if (end > source.size) {
    throw damaged(tensor, `ends at byte ${end} of ${JSON.stringify(location)}, which has only ${source.size}`);
  }
  return new Slice(source, offset, end);
}

function inlineSlice(tensor: TensorProto, type: DataType, expected: number): Slice {
  if (tensor.rawData !== undefined) return tensor.rawData;
  // Packed floats and doubles have the layout of raw_data already; integers are varints and are widened here.
  switch (type) {
    case DataType.FLOAT:
    case DataType.COMPLEX64:
      return tensor.floatData ?? EMPTY;
    case DataType.DOUBLE:
    case DataType.COMPLEX128:
      return tensor.doubleData ?? EMPTY;
    case DataType.INT64:
      return fromVarints(tensor, tensor.int64Data, expected);
    case DataType.UINT32:
    case DataType.UINT64:
      return fromVarints(tensor, tensor.uint64Data, expected);
    default:
      return fromVarints(tensor, tensor.int32Data, expected);
  }
}

const EMPTY = Slice.of(new Uint8Array(0));

/** One varint an element; types of 4 and 2 bits are packed into bytes here too, one byte a varint, and those of 6 bits are not. */
function fromVarints(tensor: TensorProto, varints: Slice | undefined, expected: number): Slice {
  const given = varints?.bytes() ?? EMPTY.bytes();
  const bits = bitsOf(tensor.dataType ?? 0) ?? 8;
  if (bits === 6) return packed(tensor, given, bits, expected);
  const width = Math.max(8, bits) / 8;
  // The last byte of a varint has its highest bit clear. Counted first: dimensions may lie, and memory is finite.
  let count = 0;
  for (const byte of given) if (byte < 0x80) count++;
  if (count * width !== expected) throw wrongLength(tensor, count * width, expected);
  const reader = new WireReader(given);
  const bytes = new Uint8Array(expected);
  const view = new DataView(bytes.buffer);
  try {
    for (let at = 0; at < expected; at += width) {
      reader.long();
      if (width === 1) view.setUint8(at, reader.low & 0xff);
      else if (width === 2) view.setUint16(at, reader.low & 0xffff, true);
      else view.setUint32(at, reader.low, true);
      if (width === 8) view.setUint32(at + 4, reader.high, true);
    }
  } catch (cause) {
    throw damaged(tensor, `has integers that cannot be read`, cause);
  }
  if (reader.pos !== given.length) throw damaged(tensor, 'has an integer cut short');
  return Slice.of(bytes);
}

/** Elements of so many bits, each of which is a varint of one byte. */
function packed(tensor: TensorProto, given: Uint8Array, bits: number, expected: number): Slice {
  const length = byteLengthOf(tensor.dataType ?? 0, given.length) ?? 0;
  if (given.length !== elementCount(tensor)) throw wrongLength(tensor, length, expected);
  const view = new DataView(new ArrayBuffer(expected));
  for (const [index, code] of given.entries()) {
    if (code >= 2 ** bits) throw damaged(tensor, 'has integers that cannot be read');
    addBits(view, index, bits, code);
  }
  return Slice.of(new Uint8Array(view.buffer));
}

/**
 * A numeric tensor's values, in row-major order, as float64 (integers beyond 2⁵³ are rounded).
 *
 * @throws GnSwapError `invalid-model` as {@link rawDataOf}, and for strings and complex numbers.
 */
export function valuesOf(tensor: TensorProto, external: ExternalData = noExternalData): Float64Array {
  const type = tensor.dataType ?? 0;
  const data = rawDataOf(tensor, external);
  const count = elementCount(tensor);
  const values = numbers(count);
  if (type === DataType.FLOAT && data.source instanceof MemorySource) {
    // What most are: nothing is made for a tensor, and nothing called for a number.
    const { view } = data.source;
    for (let index = 0, at = data.start; index < count; index++, at += 4) values[index] = view.getFloat32(at, true);
    return values;
  }
  const bytes = data.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = elementReader(type, view);
  if (read === undefined) throw damaged(tensor, `has type ${dataTypeName(type)}, which is not numeric`);
  // A loop: Float64Array.from with a function takes many times as long.
  for (let index = 0; index < count; index++) values[index] = read(index);
  return values;
}

function elementReader(type: DataType, view: DataView): ((index: number) => number) | undefined {
  switch (type) {
    case DataType.FLOAT:
      return (i) => view.getFloat32(4 * i, true);
    case DataType.DOUBLE:
      return (i) => view.getFloat64(8 * i, true);
    case DataType.FLOAT16:
      return (i) => getFloat16(view, 2 * i, true);
    case DataType.BFLOAT16:
      return (i) => decodeBfloat16(view.getUint16(2 * i, true));
    case DataType.BOOL:
    case DataType.UINT8:
      return (i) => view.getUint8(i);
    case DataType.INT8:
      return (i) => view.getInt8(i);
    case DataType.UINT16:
      return (i) => view.getUint16(2 * i, true);
    case DataType.INT16:
      return (i) => view.getInt16(2 * i, true);
    case DataType.UINT32:
      return (i) => view.getUint32(4 * i, true);
    case DataType.INT32:
      return (i) => view.getInt32(4 * i, true);
    case DataType.INT64:
      return (i) => Number(view.getBigInt64(8 * i, true));
    case DataType.UINT64:
      return (i) => Number(view.getBigUint64(8 * i, true));
    case DataType.UINT4:
      return (i) => subByte(view, i, 4);
    case DataType.INT4:
      return (i) => signed(subByte(view, i, 4), 4);
    case DataType.UINT2:
      return (i) => subByte(view, i, 2);
    case DataType.INT2:
      return (i) => signed(subByte(view, i, 2), 2);
    case DataType.FLOAT4E2M1:
      return (i) => decodeSmallFloat(type, subByte(view, i, 4));
    case DataType.FLOAT6E2M3:
    case DataType.FLOAT6E3M2:
      return (i) => decodeSmallFloat(type, subByte(view, i, 6));
    default:
      return isSmallFloat(type) ? (i) => decodeSmallFloat(type, view.getUint8(i)) : undefined;
  }
}

/**
 * A new tensor with its data in `raw_data`: floats rounded to the type (to nearest, ties to even), integers cut to its
 * bits.
 *
 * @param values in row-major order; integers for integer types
 * @throws RangeError for strings and complex numbers, and where the values are not as many as the dimensions' product
 */
export function makeTensor(
  name: string,
  type: DataType,
  dims: readonly number[],
  values: ArrayLike<number>,
): TensorProto {
  const length = byteLengthOf(type, values.length);
  if (length === undefined || !isNumber(type)) throw new RangeError(`can't make a tensor of ${dataTypeName(type)}`);
  if (elementCount({ dims }) !== values.length) {
    throw new RangeError(`${values.length} values do not fill the dimensions [${dims}]`);
  }
  const { slice, view } = dataOf(length);
  if (type === DataType.FLOAT) {
    for (let i = 0, at = slice.start; i < values.length; i++, at += 4) view.setFloat32(at, values[i] as number, true);
  } else {
    const own = new DataView(view.buffer, view.byteOffset + slice.start, length);
    for (let i = 0; i < values.length; i++) writeElement(type, own, i, values[i] as number);
  }
  return createTensor(name, type, dims.slice(), slice);
}

function writeElement(type: DataType, view: DataView, i: number, value: number): void {
  switch (type) {
    case DataType.DOUBLE:
      view.setFloat64(8 * i, value, true);
      return;
    case DataType.FLOAT16:
      setFloat16(view, 2 * i, value, true);
      return;
    case DataType.BFLOAT16:
      view.setUint16(2 * i, encodeBfloat16(value), true);
      return;
    case DataType.INT64:
    case DataType.UINT64:
      view.setBigInt64(8 * i, BigInt(value), true);
      return;
    case DataType.INT32:
    case DataType.UINT32:
      view.setInt32(4 * i, value, true);
      return;
    case DataType.INT16:
    case DataType.UINT16:
      view.setInt16(2 * i, value, true);
      return;
    case DataType.BOOL:
    case DataType.INT8:
    case DataType.UINT8:
      view.setInt8(i, value);
      return;
    default:
      writeSmall(type, view, i, value);
  }
}

function writeSmall(type: DataType, view: DataView, i: number, value: number): void {
  const bits = bitsOf(type) ?? 8;
  const code = isSmallFloat(type) ? encodeSmallFloat(type, value) : value & (2 ** bits - 1);
  addBits(view, i, bits, code);
}
