import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import { outputFor } from '../../../src/train/tasks/outputs.ts';
import type { TrainedOutput } from '../../../src/train/types.ts';
import { thrown } from '../../support/errors.ts';

const output = (name: string, width: number): TrainedOutput => ({ name, type: DataType.FLOAT, dims: [1, width] });
const outputs = [output('boxes', 4), output('points', 10), output('face', 2)];
const always = () => true;

describe('outputFor', () => {
  const likely =
    (...names: readonly string[]) =>
    ({ name }: TrainedOutput) =>
      names.includes(name);

  it('takes the only output that fits', () => {
    expect(outputFor({ outputs, lossOf: undefined }, ({ dims }) => dims[1] === 10, 'ten').name).to.equal('points');
  });

  it('takes the only likely one of several, and the one that the caller names before it', () => {
    expect(outputFor({ outputs, lossOf: undefined }, always, 'a row', likely('face')).name).to.equal('face');
    expect(outputFor({ outputs, lossOf: 'boxes' }, always, 'a row', likely('face')).name).to.equal('boxes');
  });

  it('asks where none of several is likely, or more than one', () => {
    for (const names of [[], ['boxes', 'face']]) {
      const error = thrown(() => outputFor({ outputs, lossOf: undefined }, always, 'a row', likely(...names)));
      expect(error.message).to.include('3 outputs are a row: boxes, points, face');
      expect(error.remedy).to.include('--loss-of');
    }
  });

  it('does not take a likely one that does not fit', () => {
    expect(
      outputFor({ outputs, lossOf: undefined }, ({ dims }) => dims[1] === 10, 'ten', likely('face')).name,
    ).to.equal('points');
  });
});
