/** Values as the tensors of ONNX Runtime, and back. */
import type * as OrtModule from 'onnxruntime-node';
import { GnSwapError } from '../errors.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import type { Ort } from './ort/node.ts';
import type { Value } from './value.ts';

const ORT_TYPES = new Map<DataType, OrtModule.Tensor.Type>([
  [DataType.FLOAT, 'float32'],
  [DataType.UINT8, 'uint8'],
  [DataType.INT8, 'int8'],
  [DataType.UINT16, 'uint16'],
  [DataType.INT16, 'int16'],
  [DataType.INT32, 'int32'],
  [DataType.INT64, 'int64'],
  [DataType.STRING, 'string'],
  [DataType.BOOL, 'bool'],
  [DataType.FLOAT16, 'float16'],
  [DataType.DOUBLE, 'float64'],
  [DataType.UINT32, 'uint32'],
  [DataType.UINT64, 'uint64'],
]);
const TYPES_BACK = new Map([...ORT_TYPES].map(([type, name]) => [name, type]));

/** The element type that the runtime calls so. */
export function typeNamed(name: OrtModule.Tensor.Type): DataType | undefined {
  return TYPES_BACK.get(name);
}

/** @throws GnSwapError `runtime-failed` for a type that the runtime's interface has no name for */
export function toTensor(ort: Ort, { type, dims, data }: Value): OrtModule.Tensor {
  const name = ORT_TYPES.get(type);
  if (name === undefined)
    throw new GnSwapError('runtime-failed', `ONNX Runtime for Node takes no inputs of type ${dataTypeName(type)}`);
  // Where the JavaScript engine has Float16Array, Tensor would make one of the bits, and the binding takes its length for 0
  // (github.com/microsoft/onnxruntime/pull/32323).
  if (type === DataType.FLOAT16)
    return Object.assign(new ort.Tensor('uint16', data as Uint16Array, dims), { type: name });
  return new ort.Tensor(name, data as OrtModule.Tensor.DataType & Uint8Array, dims);
}

export function fromTensor({ type: name, dims, data }: OrtModule.Tensor): Value {
  const type = TYPES_BACK.get(name) ?? 0;
  // For the same reason, what is handed back may be a Float16Array.
  if (type === DataType.FLOAT16 && ArrayBuffer.isView(data)) {
    return { type, dims, data: new Uint16Array(data.buffer, data.byteOffset, data.length) };
  }
  return { type, dims, data: data as Value['data'] };
}
