import { expect } from 'chai';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { UNLABELLED } from '../../../../src/inputs/labelled/types.ts';
import { writeNpz } from '../../../../src/inputs/write-npz.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import type { Value } from '../../../../src/runtime/session.ts';
import { rejection } from '../../../support/errors.ts';
import { openFiles, targetsOf } from '../../../support/labelled.ts';

const floats = (dims: readonly number[], ...numbers: readonly number[]): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from(numbers),
});
const open = (target: Value, options: Partial<LabelledOptions> = {}) => {
  const x = floats([1, 3, 2, 2], ...Array<number>(12).fill(0));
  const arrays = [
    ['x', x],
    ['target', target],
  ] as const;
  return openFiles({ 'd/a.npz': writeNpz(new Map(arrays)) }, { task: 'segment', ...options });
};
const message = async (target: Value, options: Partial<LabelledOptions> = {}) =>
  (await rejection(open(target, options))).message;

describe('class maps in arrays', () => {
  it('are labels as they are, with −1 and 255 left out, with or without an axis for the class', async () => {
    for (const dims of [
      [1, 2, 2],
      [1, 1, 2, 2],
      [2, 2],
    ]) {
      const data = await open(floats(dims, 0, 2, -1, 255));
      expect(data.classes, dims.join()).to.deep.equal(['0', '1', '2']);
      expect(Object.values(await targetsOf(data))).to.deep.equal([
        { kind: 'map', labels: Int16Array.of(0, 2, UNLABELLED, UNLABELLED), height: 2, width: 2 },
      ]);
    }
  });

  it('are refused for labels that are no classes, before they wrap or fill the memory', async () => {
    expect(await message(floats([1, 2, 2], 0, 1, 40_000, 1))).to.equal(
      'the mask has class 40000, and classes go up to 32767',
    );
    expect(await message(floats([1, 2, 2], 0, 1, 4e9, 1))).to.match(/^the mask has class 4000000000,/);
    expect(await message(floats([1, 2, 2], 0, 0.5, 1, 1))).to.match(/^the class 0.5 is not a whole number from 0$/);
    expect(await message(floats([1, 2, 2], 0, Number.NaN, 1, 1))).to.match(
      /^the class NaN is not a whole number from 0$/,
    );
    expect(await message(floats([1, 2, 2], 0, -2, 1, 1))).to.match(/^the class -2 is not a whole number from 0$/);
    expect(await message(floats([1, 2, 2], 0, 1, 2, 1), { headClasses: 2 })).to.match(/^class 2 is out of range/);
  });

  it('are refused in another shape, or if nothing is drawn or one class alone', async () => {
    expect(await message(floats([1, 2, 1], 0, 1))).to.equal(
      'it has the shape [1, 2, 1], which is not a map for inputs of [1, 3, 2, 2]',
    );
    expect(await message(floats([1, 2, 2, 2], 0, 1, 0, 1, 0, 1, 0, 1))).to.match(/^it has the shape \[1, 2, 2, 2\]/);
    expect(await message(floats([1, 2, 2], 255, -1, 255, 255))).to.match(/^no pixel has a class/);
    expect(await message(floats([1, 2, 2], 1, 1, 1, 255))).to.equal('all samples are of one class, "1"');
  });
});
