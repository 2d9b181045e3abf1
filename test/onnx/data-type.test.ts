import { expect } from 'chai';
import onnxProto from 'onnx-proto';
import {
  bitsOf,
  byteLengthOf,
  DataType,
  dataTypeName,
  isFloat,
  isHalf,
  isNumber,
  unitRoundoff,
} from '../../src/onnx/data-type.ts';

/** Types that ONNX gained after 1.10, from onnx/onnx.proto at IR version 14. */
const NEWER = {
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
};

describe('onnx/data-type', () => {
  it('numbers are those of onnx-proto, and of the newer types', () => {
    const known = Object.entries(onnxProto.onnx.TensorProto.DataType).filter(
      ([name, value]) => typeof value === 'number' && name !== 'UNDEFINED',
    );
    expect({ ...DataType }).to.deep.equal({ ...Object.fromEntries(known), ...NEWER });
  });

  it('names are as ONNX and NumPy say them', () => {
    expect(dataTypeName(DataType.FLOAT)).to.equal('float32');
    expect(dataTypeName(DataType.DOUBLE)).to.equal('float64');
    expect(dataTypeName(DataType.BFLOAT16)).to.equal('bfloat16');
    expect(dataTypeName(DataType.INT64)).to.equal('int64');
    expect(dataTypeName(99)).to.equal('type 99');
    expect(dataTypeName(0)).to.equal('type 0');
    expect(dataTypeName(undefined)).to.equal('type unknown');
  });

  it('bits say what the name says', () => {
    for (const [name, type] of Object.entries(DataType)) {
      const digits = /^(?:U?INT|B?FLOAT|COMPLEX)(\d+)/.exec(name)?.[1];
      const bits = { FLOAT: 32, DOUBLE: 64, BOOL: 8, STRING: undefined }[name] ?? (digits && Number(digits));
      expect(bitsOf(type), name).to.equal(bits);
    }
    expect(bitsOf(0)).to.equal(undefined);
    expect(bitsOf(99)).to.equal(undefined);
  });

  it('sub-byte types are packed, the last byte padded', () => {
    const lengths = (type: DataType) => [0, 1, 2, 3, 4, 5].map((count) => byteLengthOf(type, count));
    expect(lengths(DataType.INT4)).to.deep.equal([0, 1, 1, 2, 2, 3]);
    expect(lengths(DataType.UINT2)).to.deep.equal([0, 1, 1, 1, 1, 2]);
    expect(lengths(DataType.FLOAT6E2M3)).to.deep.equal([0, 1, 2, 3, 3, 4]);
    expect(lengths(DataType.FLOAT)).to.deep.equal([0, 4, 8, 12, 16, 20]);
    expect(lengths(DataType.COMPLEX128)).to.deep.equal([0, 16, 32, 48, 64, 80]);
    expect(byteLengthOf(DataType.STRING, 1)).to.equal(undefined);
  });

  it('unit roundoff is half the distance from 1 to the next number', () => {
    const nextAfterOne = { FLOAT: 2 ** -23, DOUBLE: 2 ** -52, FLOAT16: 2 ** -10, BFLOAT16: 2 ** -7 } as const;
    for (const [name, distance] of Object.entries(nextAfterOne)) {
      expect(unitRoundoff(DataType[name as keyof typeof nextAfterOne]), name).to.equal(distance / 2);
    }
  });

  it('sorts the types: what norms take, what is 16 bits, what is a real number', () => {
    const named = (test: (type: DataType) => boolean) =>
      Object.entries(DataType)
        .filter(([, type]) => test(type))
        .map(([name]) => name);
    expect(named(isFloat)).to.deep.equal(['FLOAT', 'FLOAT16', 'DOUBLE', 'BFLOAT16']);
    expect(named(isHalf)).to.deep.equal(['FLOAT16', 'BFLOAT16']);
    expect(named((type) => !isNumber(type))).to.deep.equal(['STRING', 'COMPLEX64', 'COMPLEX128']);
    for (const none of [undefined, 0, 99]) {
      expect(isNumber(none)).to.equal(false);
      expect(isFloat(none)).to.equal(false);
    }
  });
});
