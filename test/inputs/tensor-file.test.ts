import { expect } from 'chai';
import onnxProto from 'onnx-proto';
import { readTensorFile } from '../../src/inputs/tensor-file.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { thrown } from '../support/errors.ts';

const { onnx } = onnxProto;
type Fields = ConstructorParameters<typeof onnx.TensorProto>[0];

/** A file as another implementation writes it. */
function file(fields: Fields): Uint8Array {
  return onnx.TensorProto.encode(new onnx.TensorProto(fields)).finish();
}

describe('readTensorFile', () => {
  const NUMBERS: readonly (readonly [string, DataType, readonly number[]])[] = [
    ['float32', DataType.FLOAT, [1.5, -2, 2 ** 100, 0]],
    ['float64', DataType.DOUBLE, [1.5, -2, 3e300, 0]],
    ['int8', DataType.INT8, [-128, 127, 0, 1]],
    ['uint8', DataType.UINT8, [0, 255, 7, 1]],
    ['int16', DataType.INT16, [-32768, 32767, 0, 1]],
    ['uint16', DataType.UINT16, [0, 65535, 7, 1]],
    ['int32', DataType.INT32, [-(2 ** 31), 2 ** 31 - 1, 0, 1]],
    ['uint32', DataType.UINT32, [0, 2 ** 32 - 1, 7, 1]],
    ['bool', DataType.BOOL, [0, 1, 1, 0]],
  ];
  for (const [name, type, numbers] of NUMBERS) {
    it(`reads ${name}`, () => {
      const bytes = toBytes(encode('TensorProto', makeTensor('x', type, [2, 2], numbers)));
      const { value, name: own } = readTensorFile(bytes);
      expect({ own, type: value.type, dims: value.dims }).to.deep.equal({ own: 'x', type, dims: [2, 2] });
      expect(Array.from(value.data as ArrayLike<number>)).to.deep.equal(numbers);
    });
  }

  it('reads integers of 64 bits whole', () => {
    const bytes = toBytes(encode('TensorProto', makeTensor('x', DataType.INT64, [2], [2 ** 40, -7])));
    expect(readTensorFile(bytes).value.data).to.deep.equal(BigInt64Array.of(2n ** 40n, -7n));
  });

  it('leaves 16-bit floats as their bits', () => {
    for (const [type, bits] of [
      [DataType.FLOAT16, 0x3c00],
      [DataType.BFLOAT16, 0x3f80],
    ] as const) {
      const bytes = toBytes(encode('TensorProto', makeTensor('x', type, [1], [1])));
      expect(readTensorFile(bytes).value.data).to.deep.equal(Uint16Array.of(bits));
    }
  });

  it('reads what another implementation wrote, in raw bytes and in fields', () => {
    const raw = Buffer.from(Float32Array.of(1, 2, 3).buffer);
    for (const fields of [{ rawData: raw }, { floatData: [1, 2, 3] }]) {
      const { value } = readTensorFile(file({ name: 'x', dataType: 1, dims: [3], ...fields }));
      expect(value).to.deep.equal({ type: DataType.FLOAT, dims: [3], data: Float32Array.of(1, 2, 3) });
    }
  });

  it('reads text', () => {
    const stringData = ['a', 'über'].map((text) => Buffer.from(text));
    const { value } = readTensorFile(file({ dataType: 8, dims: [2], stringData }));
    expect(value).to.deep.equal({ type: DataType.STRING, dims: [2], data: ['a', 'über'] });
  });

  it('reads a scalar, and a tensor of no elements', () => {
    expect(readTensorFile(file({ dataType: 1, floatData: [4] })).value).to.deep.equal({
      type: DataType.FLOAT,
      dims: [],
      data: Float32Array.of(4),
    });
    expect(readTensorFile(file({ dataType: 1, dims: [0, 3] })).value.data).to.have.length(0);
  });

  const DAMAGED: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['bytes that are no message', Uint8Array.of(0xff, 0xff, 0xff), /cannot be read as a tensor/],
    [
      'a type that holds no numbers',
      file({ dataType: 14, dims: [1], rawData: new Uint8Array(8) }),
      /type is complex64/i,
    ],
    ['no type at all', file({ dims: [1] }), /cannot be read as a tensor/],
    [
      'fewer bytes than its shape needs',
      file({ dataType: 1, dims: [3], rawData: new Uint8Array(8) }),
      /cannot be read as a tensor/,
    ],
  ];
  for (const [what, bytes, message] of DAMAGED) {
    it(`refuses ${what}, and names the file`, () => {
      const error = thrown(() => readTensorFile(bytes, { file: 'input_0.pb' }));
      expect(error).to.include({ code: 'invalid-data', file: 'input_0.pb' });
      expect(error.message).to.match(message);
    });
  }
});
