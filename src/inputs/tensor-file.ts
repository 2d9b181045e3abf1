/** A serialised TensorProto (`input_0.pb` of ONNX's test data) → a value. */
import { type ErrorContext, GnSwapError } from '../errors.ts';
import { MemorySource } from '../onnx/bytes.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import { decode } from '../onnx/decode.ts';
import { dimsOf, rawDataOf } from '../onnx/tensor.ts';
import type { Value } from '../runtime/session.ts';

/** Views of little-endian data by element type; 16-bit floats stay bits. */
const VIEWS: Readonly<Record<number, (buffer: ArrayBuffer) => Value['data']>> = {
  [DataType.FLOAT]: (buffer) => new Float32Array(buffer),
  [DataType.DOUBLE]: (buffer) => new Float64Array(buffer),
  [DataType.FLOAT16]: (buffer) => new Uint16Array(buffer),
  [DataType.BFLOAT16]: (buffer) => new Uint16Array(buffer),
  [DataType.INT8]: (buffer) => new Int8Array(buffer),
  [DataType.UINT8]: (buffer) => new Uint8Array(buffer),
  [DataType.BOOL]: (buffer) => new Uint8Array(buffer),
  [DataType.INT16]: (buffer) => new Int16Array(buffer),
  [DataType.UINT16]: (buffer) => new Uint16Array(buffer),
  [DataType.INT32]: (buffer) => new Int32Array(buffer),
  [DataType.UINT32]: (buffer) => new Uint32Array(buffer),
  [DataType.INT64]: (buffer) => new BigInt64Array(buffer),
  [DataType.UINT64]: (buffer) => new BigUint64Array(buffer),
};

/**
 * @param place what to name in an error
 * @returns the value, and the name that it bears in the file
 * @throws GnSwapError `invalid-data` where the bytes are no tensor of numbers or strings
 */
export function readTensorFile(bytes: Uint8Array, place: ErrorContext = {}): { name: string; value: Value } {
  try {
    const tensor = decode('TensorProto', new MemorySource(bytes));
    const type = tensor.dataType ?? 0;
    const dims = dimsOf(tensor);
    if (type === DataType.STRING) {
      const decoder = new TextDecoder();
      return { name: tensor.name, value: { type, dims, data: tensor.stringData.map((text) => decoder.decode(text)) } };
    }
    const view = VIEWS[type];
    if (view === undefined) throw new Error(`its type is ${dataTypeName(type)}`);
    // Copied, because a typed array must begin at a multiple of its width.
    return { name: tensor.name, value: { type, dims, data: view(Uint8Array.from(rawDataOf(tensor).bytes()).buffer) } };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('invalid-data', `it cannot be read as a tensor (${detail})`, { ...place, cause });
  }
}
