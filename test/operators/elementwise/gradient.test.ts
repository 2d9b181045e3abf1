import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

const at = (it: Case, opsets: readonly number[]): Case[] =>
  opsets.map((opset) => ({ ...it, opset, title: `${it.title}opset ${opset}` }));

describe('operators/elementwise: casts', () => {
  adjointCases([
    ...at(
      {
        title: 'to float32, ',
        op: 'Cast',
        inputs: [{ dims: [3, 4] }],
        attributes: { to: DataType.FLOAT },
      },
      opsetsFrom(7, 9, 13, 19),
    ),
    ...at({ title: '', op: 'CastLike', inputs: [{ dims: [3] }, { dims: [1], constant: true }] }, opsetsFrom(15, 19)),
  ]);
});
