import { expect } from 'chai';
import fc from 'fast-check';
import { DataType } from '../../src/onnx/data-type.ts';
import { notFiniteIn } from '../../src/onnx/finite.ts';
import { makeTensor, noExternalData, valuesOf } from '../../src/onnx/tensor.ts';

const TYPES = [DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16] as const;

describe('notFiniteIn', () => {
  for (const type of TYPES) {
    it(`counts what is not finite in type ${type}, as reading every number does`, () => {
      const number = fc.oneof(
        fc.double(),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-310),
      );
      fc.assert(
        fc.property(fc.array(number), (values) => {
          const tensor = makeTensor('w', type, [values.length], values);
          const stored = [...valuesOf(tensor)];
          expect(notFiniteIn(tensor, noExternalData)).to.deep.equal({
            nans: stored.filter(Number.isNaN).length,
            infinities: stored.filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY).length,
          });
        }),
        { seed: 9, numRuns: 300 },
      );
    });
  }

  it('takes integers as they are', () => {
    const tensor = makeTensor('w', DataType.INT32, [2], [0x7f800000, -1]);
    expect(notFiniteIn(tensor, noExternalData)).to.deep.equal({ nans: 0, infinities: 0 });
  });
});
