import { expect } from 'chai';
import { parameterType } from '../../src/forms/parameter-type.ts';
import { DataType } from '../../src/onnx/data-type.ts';

describe('forms/parameter-type', () => {
  it('is float32 where x has 16 bits, else that of x', () => {
    const types = [DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT, DataType.DOUBLE];
    expect(types.map(parameterType)).to.deep.equal([DataType.FLOAT, DataType.FLOAT, DataType.FLOAT, DataType.DOUBLE]);
  });
});
