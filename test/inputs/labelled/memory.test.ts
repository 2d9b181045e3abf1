import { expect } from 'chai';
import { type Labels, labelledOf } from '../../../src/inputs/labelled/memory.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { thrown } from '../../support/errors.ts';

const array = (dims: readonly number[], type: 'float' | 'long' = 'float'): Value => {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const numbers = Array.from({ length: size }, (_, i) => i);
  return type === 'float'
    ? { type: DataType.FLOAT, dims, data: Float32Array.from(numbers) }
    : { type: DataType.INT64, dims, data: BigInt64Array.from(numbers, BigInt) };
};
const maps = (dims: readonly number[], ...labels: readonly number[]): Labels => ({
  kind: 'map',
  labels: { type: DataType.FLOAT, dims, data: Float32Array.from(labels) },
});
const message = (labels: Labels, inputs: Readonly<Record<string, Value>> = { x: array([2, 3]) }) => {
  const { code, message: text } = thrown(() => labelledOf(inputs, labels));
  return `${code}: ${text}`;
};

describe('labelledOf', () => {
  it('makes a sample of each entry, with its class and a stratum of it', async () => {
    const data = labelledOf({ x: array([2, 3]), y: array([2], 'long') }, { kind: 'class', labels: [2, 0] });
    expect(data.count).to.equal(2);
    expect(data.names).to.deep.equal(['#0', '#1']);
    expect(data.strata).to.deep.equal([2, 0]);
    expect(data.classes).to.deep.equal(['0', '1', '2']);
    const { inputs, target } = await data.load(1);
    expect(target).to.deep.equal({ kind: 'class', label: 0 });
    expect(inputs.x).to.deep.equal({ type: DataType.FLOAT, dims: [1, 3], data: Float32Array.of(3, 4, 5) });
    expect(inputs.y).to.deep.equal({ type: DataType.INT64, dims: [1], data: BigInt64Array.of(1n) });
  });

  it('takes maps with or without an axis for the class', async () => {
    for (const dims of [
      [2, 1, 3],
      [2, 1, 1, 3],
    ]) {
      const data = labelledOf({ x: array([2, 3]) }, maps(dims, 0, 1, -1, 1, 2, 0));
      expect(data.classes).to.deep.equal(['0', '1', '2']);
      expect((await data.load(1)).target, dims.join()).to.deep.equal({
        kind: 'map',
        labels: Int16Array.of(1, 2, 0),
        height: 1,
        width: 3,
      });
    }
  });

  it('takes numbers for outputs, or nothing', async () => {
    const data = labelledOf({ x: array([2, 3]) }, { kind: 'values', values: { y: array([2, 2]) } });
    expect((await data.load(1)).target).to.deep.equal({
      kind: 'values',
      values: { y: { type: DataType.FLOAT, dims: [1, 2], data: Float32Array.of(2, 3) } },
    });
    expect(data.classes).to.equal(undefined);
    expect((await labelledOf({ x: array([2, 3]) }).load(0)).target).to.deep.equal({ kind: 'none' });
  });

  it('refuses another number of labels, and arrays of different counts, which each sample would get whole', () => {
    expect(message({ kind: 'class', labels: [0, 1, 1] })).to.equal('invalid-data: there are 2 samples and 3 labels');
    expect(message({ kind: 'values', values: { y: array([2, 1]), z: array([3, 1]) } })).to.equal(
      'invalid-data: labels "y" and "z" have 2 and 3 samples',
    );
    expect(message({ kind: 'none' }, { x: array([2, 3]), mask: array([1, 3]) })).to.equal(
      'invalid-data: inputs "x" and "mask" have 2 and 1 samples',
    );
  });

  it('refuses labels that are not positions of classes', () => {
    expect(message({ kind: 'class', labels: [0, 0.5] })).to.equal(
      'invalid-data: the label 0.5 at 1 is not a whole number from 0 to 0',
    );
    expect(message({ kind: 'class', labels: [Number.NaN, 1] })).to.match(/the label NaN at 0 is not/);
    expect(message({ kind: 'class', labels: [-1, 1] })).to.match(
      /the label -1 at 0 is not a whole number from 0 to 1$/,
    );
    expect(message({ kind: 'class', labels: [0, 2], classes: ['a', 'b'] })).to.match(/the label 2 at 1 .* 0 to 1$/);
  });

  it('refuses maps of another shape, or of more classes than labels hold', () => {
    expect(message(maps([2, 3], 0, 0, 0, 0, 0, 0))).to.equal('invalid-data: the labels have the shape [2, 3]');
    expect(message(maps([2, 3, 1, 1], 0, 0, 0, 0, 0, 0))).to.equal(
      'invalid-data: the labels have the shape [2, 3, 1, 1]',
    );
    expect(message(maps([2, 1, 1], 0, 40_000))).to.match(
      /the label 40000 at 1 is not a whole number from -1 to 32767$/,
    );
    expect(message(maps([2, 1, 1], 0, -2))).to.match(/the label -2 at 1 is not/);
  });
});
