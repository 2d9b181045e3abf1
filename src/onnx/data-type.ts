/** ONNX element types: `TensorProto.DataType`, with what reading and writing them takes. */

/** Numbers of `TensorProto.DataType` (https://onnx.ai/onnx/api/classes.html#tensorproto). */
export const DataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
  FLOAT6E2M3: 27,
  FLOAT6E3M2: 28,
} as const;

/** A number of `TensorProto.DataType`; also one that is newer than this file. */
export type DataType = number;

const NAMES = new Map<number, string>(Object.entries(DataType).map(([name, number]) => [number, name.toLowerCase()]));

/** The type's name as ONNX writes it in lower case: `float16`; `float` is called `float32` and `double` `float64`. */
export function dataTypeName(type: DataType | undefined): string {
  if (type === DataType.FLOAT) return 'float32';
  if (type === DataType.DOUBLE) return 'float64';
  return NAMES.get(type ?? 0) ?? `type ${type ?? 'unknown'}`;
}

const BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  14: 64,
  15: 128,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
  23: 4,
  24: 8,
  25: 2,
  26: 2,
  27: 6,
  28: 6,
};

/** Bits of one element in `raw_data`; `undefined` for strings and for types newer than this file. */
export function bitsOf(type: DataType): number | undefined {
  return BITS[type];
}

/** Bytes that `count` elements take in `raw_data`; sub-byte types are packed, the last byte padded. */
export function byteLengthOf(type: DataType, count: number): number | undefined {
  const bits = bitsOf(type);
  return bits === undefined ? undefined : Math.ceil((bits * count) / 8);
}

/** The unit roundoff u = 2⁻ᵖ of a floating-point type with p significant bits (Higham 2002, §2.1). */
export function unitRoundoff(type: DataType): number {
  switch (type) {
    case DataType.DOUBLE:
      return 2 ** -53;
    case DataType.FLOAT16:
      return 2 ** -11;
    case DataType.BFLOAT16:
      return 2 ** -8;
    default:
      return 2 ** -24;
  }
}

/** The distance between the numbers next to 0 of a floating-point type. */
export function smallestStep(type: DataType): number {
  switch (type) {
    case DataType.DOUBLE:
      return Number.MIN_VALUE;
    case DataType.FLOAT16:
      return 2 ** -24;
    case DataType.BFLOAT16:
      return 2 ** -133;
    default:
      return 2 ** -149;
  }
}

/** The types whose elements are real numbers: all but strings, complex numbers and types newer than this file. */
export function isNumber(type: DataType | undefined): boolean {
  return bitsOf(type ?? 0) !== undefined && type !== DataType.COMPLEX64 && type !== DataType.COMPLEX128;
}

/** The types that ONNX's normalisation operators take. */
export function isFloat(type: DataType | undefined): boolean {
  return type === DataType.FLOAT || type === DataType.DOUBLE || type === DataType.FLOAT16 || type === DataType.BFLOAT16;
}

/** Float types of 16 bits: their statistics are computed in float32, a sum in 16 bits overflows. */
export function isHalf(type: DataType): boolean {
  return type === DataType.FLOAT16 || type === DataType.BFLOAT16;
}

/** What makes an array of integers: of so many zeros, or from numbers. */
interface IntegerArray {
  new (count: number): ArrayLike<number>;
  from(numbers: ArrayLike<number>): ArrayLike<number>;
}

/** Arrays for integers of up to 32 bits. */
export const INTEGER_ARRAYS: ReadonlyMap<DataType, IntegerArray> = new Map<DataType, IntegerArray>([
  [DataType.INT8, Int8Array],
  [DataType.UINT8, Uint8Array],
  [DataType.INT16, Int16Array],
  [DataType.UINT16, Uint16Array],
  [DataType.INT32, Int32Array],
  [DataType.UINT32, Uint32Array],
]);
