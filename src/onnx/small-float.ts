/**
 * Floating-point formats of 8, 6 and 4 bits, and bfloat16, as numbers.
 *
 * The small formats have at most 256 values each, so a table of them, made from the format's definition, is
 * both decoder and encoder. Encoding rounds to nearest, ties to even, and saturates, which is the default of ONNX's Cast
 * (https://onnx.ai/onnx/technical/float8.html, https://onnx.ai/onnx/technical/float4.html).
 */
import { DataType } from './data-type.ts';

interface Format {
  readonly bits: number;
  readonly mantissa: number;
  readonly bias: number;
  /** The code that NaN becomes; where there is no NaN, that of the largest number. */
  readonly nan: number;
  /** What the code `code` is where it is not an ordinary number. */
  readonly special?: (code: number) => number | undefined;
  readonly signed: boolean;
}

const FORMATS: Readonly<Record<number, Format>> = {
  [DataType.FLOAT8E4M3FN]: {
    bits: 8,
    mantissa: 3,
    bias: 7,
    nan: 0x7f,
    signed: true,
    special: (code) => ((code & 0x7f) === 0x7f ? Number.NaN : undefined),
  },
  [DataType.FLOAT8E4M3FNUZ]: {
    bits: 8,
    mantissa: 3,
    bias: 8,
    nan: 0x80,
    signed: true,
    special: (code) => (code === 0x80 ? Number.NaN : undefined),
  },
  [DataType.FLOAT8E5M2]: {
    bits: 8,
    mantissa: 2,
    bias: 15,
    nan: 0x7f,
    signed: true,
    special: (code) => {
      if ((code & 0x7c) !== 0x7c) return undefined;
      if ((code & 3) !== 0) return Number.NaN;
      return code & 0x80 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    },
  },
  [DataType.FLOAT8E5M2FNUZ]: {
    bits: 8,
    mantissa: 2,
    bias: 16,
    nan: 0x80,
    signed: true,
    special: (code) => (code === 0x80 ? Number.NaN : undefined),
  },
  [DataType.FLOAT6E2M3]: { bits: 6, mantissa: 3, bias: 1, nan: 0x1f, signed: true },
  [DataType.FLOAT6E3M2]: { bits: 6, mantissa: 2, bias: 3, nan: 0x1f, signed: true },
  [DataType.FLOAT4E2M1]: { bits: 4, mantissa: 1, bias: 1, nan: 7, signed: true },
  [DataType.FLOAT8E8M0]: {
    bits: 8,
    mantissa: 0,
    bias: 127,
    nan: 0xff,
    signed: false,
    special: (code) => (code === 0xff ? Number.NaN : 2 ** (code - 127)),
  },
};

interface Table {
  /** Value by code. */
  readonly values: Float64Array;
  /** Finite codes, by ascending value; of the two zeros only the positive one. */
  readonly ascending: readonly number[];
  readonly nan: number;
}

const tables = new Map<DataType, Table>();

function tableOf(type: DataType): Table {
  const known = tables.get(type);
  if (known !== undefined) return known;
  const format = FORMATS[type];
  if (format === undefined) throw new RangeError(`${type} is not a float type of 8, 6 or 4 bits`);
  const values = Float64Array.from({ length: 2 ** format.bits }, (_, code) => numberOf(code, format));
  const ascending = [...values.keys()]
    .filter((code) => Number.isFinite(values[code]) && !Object.is(values[code], -0))
    .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const table = { values, ascending, nan: format.nan };
  tables.set(type, table);
  return table;
}

function numberOf(code: number, { bits, mantissa, bias, signed, special }: Format): number {
  const known = special?.(code);
  if (known !== undefined) return known;
  const sign = signed && code >> (bits - 1) ? -1 : 1;
  const magnitude = signed ? code & (2 ** (bits - 1) - 1) : code;
  const exponent = magnitude >> mantissa;
  const fraction = (magnitude & (2 ** mantissa - 1)) / 2 ** mantissa;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

/** Whether {@link decodeSmallFloat} and {@link encodeSmallFloat} know the type. */
export function isSmallFloat(type: DataType): boolean {
  return type in FORMATS;
}

/** The number that a code of a small float type stands for. */
export function decodeSmallFloat(type: DataType, code: number): number {
  return tableOf(type).values[code] ?? Number.NaN;
}

/** The code nearest to a number: ties go to the even code, what is too large saturates, NaN stays NaN where it can. */
export function encodeSmallFloat(type: DataType, value: number): number {
  const { values, ascending, nan } = tableOf(type);
  if (Number.isNaN(value)) return nan;
  const valueAt = (index: number) => values[ascending[index] as number] as number;
  const inRange = Math.min(Math.max(value, valueAt(0)), valueAt(ascending.length - 1));
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) < inRange) low = middle + 1;
    else high = middle;
  }
  const above = ascending[low] as number;
  const below = ascending[Math.max(0, low - 1)] as number;
  const [toAbove, toBelow] = [valueAt(low) - inRange, inRange - valueAt(Math.max(0, low - 1))];
  const isAbove = toAbove < toBelow || (toAbove === toBelow && above % 2 === 0);
  const code = isAbove ? above : below;
  // Zero keeps the sign where the format has a negative one.
  const isNegative = value < 0 || Object.is(value, -0);
  return code === 0 && isNegative && Object.is(values[values.length / 2], -0) ? values.length / 2 : code;
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** bfloat16 is the upper half of a float32. */
export function decodeBfloat16(code: number): number {
  floatBits[0] = code << 16;
  return float[0] as number;
}

/** Rounds a number to bfloat16, to nearest, ties to even. */
export function encodeBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float[0] = value;
  const nearest = float[0];
  let bits = floatBits[0] as number;
  // By way of float32, rounded to odd: rounding twice to nearest could make a tie of what is none (Boldo & Melquiond 2008).
  if (Math.abs(nearest) > Math.abs(value)) bits -= 1;
  if (nearest !== value) bits |= 1;
  bits >>>= 0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
