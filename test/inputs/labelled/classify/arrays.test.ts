import { expect } from 'chai';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

const open = (target: Value, options: Partial<LabelledOptions> = {}) => {
  const count = target.dims[0] ?? 1;
  const x: Value = { type: DataType.FLOAT, dims: [count, 3, 2, 2], data: new Float32Array(12 * count) };
  const arrays = [
    ['x', x],
    ['target', target],
  ] as const;
  return openFiles({ 'd/a.npz': writeNpz(new Map(arrays)) }, { task: 'classify', ...options });
};
const floats = (...numbers: readonly number[]): Value => ({
  type: DataType.FLOAT,
  dims: [numbers.length],
  data: Float32Array.from(numbers),
});
const labelsOf = async (target: Value, options: Partial<LabelledOptions> = {}) =>
  Object.values(await targetsOf(await open(target, options))).map((it) => it.kind === 'class' && it.label);

describe('classes in arrays', () => {
  it('are positions, whatever the classes are called', async () => {
    expect(await labelsOf(floats(0, 2, 1))).to.deep.equal([0, 2, 1]);
    expect(await labelsOf(floats(0, 2, 1), { classes: ['1', '2', '3'] })).to.deep.equal([0, 2, 1]);
    expect(await labelsOf({ ...floats(0, 1), dims: [2, 1] })).to.deep.equal([0, 1]);
    expect(await labelsOf({ type: DataType.BOOL, dims: [2], data: [1, 0] })).to.deep.equal([1, 0]);
  });

  it('are never names: a label that is missing is not a class of its own', async () => {
    const error = await rejection(open(floats(0, 1, Number.NaN)));
    expect(error).to.include({ code: 'invalid-data', file: 'd/a.npz: target[2]' });
    expect(error.message).to.equal('the class NaN is not a whole number from 0');
    expect((await rejection(open(floats(0, 1.5)))).message).to.equal('the class 1.5 is not a whole number from 0');
    expect((await rejection(open(floats(0, -1)))).message).to.equal('the class -1 is not a whole number from 0');
    expect((await rejection(open(floats(0, Number.NaN), { classes: ['a', 'b'] }))).message).to.equal(
      'the class NaN is not a whole number from 0',
    );
  });

  it('are refused if they are one-hot, out of range or all the same', async () => {
    expect((await rejection(open({ ...floats(0, 1, 1, 0), dims: [2, 2] }))).message).to.equal(
      'it has the shape [2, 2], and needs one number for each sample',
    );
    expect((await rejection(open(floats(0, 3), { headClasses: 3 }))).message).to.match(/^class 3 is out of range/);
    expect((await rejection(open(floats(1, 1)))).message).to.equal('all samples are of one class, "1"');
  });
});
