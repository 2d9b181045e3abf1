/** float16 as ONNX Runtime hands it over: 16-bit patterns. */
import { getFloat16, setFloat16 } from '@petamoriken/float16';
import { filled } from '../filled.ts';
import { DataType } from '../onnx/data-type.ts';

/** Numbers → float16 bits. */
export function encodeHalf(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  const view = new DataView(bits.buffer);
  for (let i = 0; i < values.length; i++) setFloat16(view, 2 * i, values[i] as number, true);
  return bits;
}

/** Numbers as the runtime takes those of a float type. */
export function typed(type: DataType, values: ArrayLike<number>): Float32Array | Float64Array | Uint16Array {
  if (type === DataType.FLOAT16) return encodeHalf(values);
  // Not from(), which takes the numbers one by one.
  return type === DataType.DOUBLE ? new Float64Array(values) : new Float32Array(values);
}

/** float16 bits → numbers. */
export function decodeHalf(bits: ArrayLike<number>): Float64Array {
  const view = new DataView(new ArrayBuffer(2));
  return filled(new Float64Array(bits.length), (i) => {
    view.setUint16(0, bits[i] as number);
    return getFloat16(view, 0);
  });
}
