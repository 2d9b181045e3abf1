import { expect } from 'chai';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersIn } from '../../../src/runtime/session.ts';
import { look } from '../../../src/train/detect/look.ts';
import { yolov8 } from '../../support/detectors.ts';
import { runModel } from '../../support/session.ts';

const x = { type: DataType.FLOAT, dims: [1, 3, 64, 64], data: new Float32Array(3 * 64 * 64).fill(0.5) };
const example: Example = { inputs: { x, unknown: x }, target: { kind: 'boxes', boxes: [] } };

describe('train/detect/look', () => {
  it('tells what a detector answers to a picture, and which columns are boxes and scores', async () => {
    const { outputs, values, roles } = await look(yolov8(3), example, {});
    expect(outputs).to.deep.equal([{ name: 'output', type: DataType.FLOAT, dims: [1, 7, 84] }]);
    const expected = numbersIn((await runModel(yolov8(3), { x })).output);
    // Operators that were fused round otherwise.
    for (const [index, it] of Array.from(numbersIn(values.output)).entries())
      expect(it).to.be.closeTo(expected[index] as number, 1e-4 * Math.max(1, Math.abs(it)));
    expect(roles?.boxes).to.deep.equal([{ output: 'output', layout: 'ncr', from: 0, to: 4 }]);
    expect(roles?.scores).to.deep.equal([{ output: 'output', layout: 'ncr', from: 4, to: 7 }]);
  });

  it('finds the same columns where the file leaves its sizes open, by those of the run', async () => {
    const open = await look(yolov8(3, 0, true), example, {});
    expect(open.roles?.scores).to.deep.equal([{ output: 'output', layout: 'ncr', from: 4, to: 7 }]);
    expect(open.evidence.segments('output', 1).map(({ size }) => size)).to.deep.equal([4, 3]);
  });

  it('goes by what the caller says', async () => {
    const { roles } = await look(yolov8(3), example, { boxes: 'output[0:4]', scores: 'output[4:6]' });
    expect(roles?.scores[0]).to.include({ from: 4, to: 6 });
  });
});
