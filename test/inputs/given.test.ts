import { expect } from 'chai';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { requireValues } from '../../src/inputs/given.ts';
import { type Labels, labelledOf } from '../../src/inputs/labelled/memory.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Values } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';

const said = (run: () => unknown): string => {
  const error = thrown(run);
  expect(error.code).to.equal('invalid-data');
  return error.describe();
};
const x = { type: DataType.FLOAT, dims: [2, 3], data: new Float32Array(6) };

describe('inputs/given', () => {
  it('names an array that does not have as many numbers as its shape says', () => {
    const wrong = { x, y: { ...x, dims: [2, 4] } };
    expect(said(() => datasetOf(wrong))).to.match(/^y: it holds 6 numbers; its shape \[2, 4\] needs 8\. Give \{ type/);
    expect(said(() => labelledOf(wrong))).to.match(/^y: it holds 6 numbers/);
  });

  it('names an array without a type, a shape or data', () => {
    const give = (array: unknown) => said(() => requireValues({ x: array } as Values, 'datasetOf'));
    expect(give({ ...x, type: 'float32' })).to.match(/^x: its type is "float32", which is not one of DataType/);
    expect(give({ dims: x.dims, data: x.data })).to.match(/^x: its type is missing/);
    expect(give({ type: x.type, data: x.data })).to.match(/^x: its dims are not a list of whole numbers/);
    expect(give({ ...x, dims: [2, 1.5] })).to.match(/^x: its dims/);
    expect(give({ type: x.type, dims: x.dims })).to.match(/^x: its data are not an array/);
    expect(give(x.data.length)).to.match(/^x: it is not an array with its type/);
    expect(said(() => datasetOf(undefined as unknown as Values))).to.match(/^datasetOf needs arrays by the names/);
  });

  it('refuses numbers of another type than is said, and takes a plain list', () => {
    expect(said(() => datasetOf({ x: { ...x, data: new Float64Array(6) } }))).to.match(
      /^x: its data are a Float64Array, and its type is float32/,
    );
    expect(datasetOf({ x: { ...x, data: [1, 2, 3, 4, 5, 6] } }).count).to.equal(2);
  });

  it('says which kinds of labels there are', () => {
    const labels = { labels: [0, 1] } as unknown as Labels;
    expect(said(() => labelledOf({ x }, labels))).to.match(
      /of no kind of class, map, values, none\. Give one of them: \{ kind: 'class'/,
    );
    const map = { kind: 'map', labels: { ...x, dims: [2, 3, 5] } } as const;
    expect(said(() => labelledOf({ x }, map))).to.match(/^labels: it holds 6 numbers/);
    const values = { kind: 'values', values: { y: { ...x, dims: [2] } } } as const;
    expect(said(() => labelledOf({ x }, values))).to.match(/^y: it holds 6 numbers/);
  });
});
