import { expect } from 'chai';
import { BesideMeter, besideOf } from '../../../src/measure/boxes/beside.ts';
import type { Detection } from '../../../src/measure/boxes/box.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import { withGraph } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import type { Value, Values } from '../../../src/runtime/session.ts';
import { answers, floats, longs } from '../../support/answers.ts';
import { suppressed } from '../../support/detectors.ts';

const SIDE = 8;
/** Masks of so many columns each. */
const masks = (columns: readonly number[]): Value =>
  floats(
    [columns.length, 1, SIDE, SIDE],
    columns.flatMap((count) => Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE < count ? 0.9 : 0.2))),
  );
const at = (place: number): Detection => ({ box: [0, 0, 30, 40], score: 0.9, label: 1, place });
const output = (name: string, { type, dims }: Value) => ({ name, type, dims });

describe('besideOf', () => {
  it('tells masks and keypoints from scores of them', () => {
    expect(besideOf(floats([2, 1, 28, 28], []))).to.equal('masks');
    expect(besideOf(floats([2, 28, 28], []))).to.equal('masks');
    expect(besideOf(floats([2, 17, 3], []))).to.equal('keypoints');
    expect(besideOf(floats([2, 17], []))).to.equal(undefined);
    expect(besideOf(longs([2, 1, 28, 28], []))).to.equal(undefined);
  });
});

describe('BesideMeter', () => {
  it('compares masks row by row of the pairs, whatever their order', () => {
    const [source, rewritten] = [masks([4, 2]), masks([2, 6])];
    const meter = new BesideMeter([output('m', source)]);
    // 4 of 6 columns, and all.
    meter.add(
      [
        [at(0), at(1)],
        [at(1), at(0)],
      ],
      { m: source },
      { m: rewritten },
    );
    expect(meter.result().masks).to.be.closeTo((4 / 6 + 1) / 2, 1e-12);
    expect(meter.result().keypoints).to.equal(null);
  });

  it('counts keypoints that moved by less than a tenth of the box', () => {
    // The diagonal is 50, so 5 pixels are near: the first moved by 4, the second by 6.
    const points = (dx: number, dy: number) => floats([1, 2, 3], [10, 10, 1, 20 + dx, 20 + dy, 1]);
    const moved = floats([1, 2, 3], [14, 10, 1, 20, 26, 1]);
    const meter = new BesideMeter([output('k', moved)]);
    meter.add([[at(0), at(0)]], { k: points(0, 0) }, { k: moved });
    expect(meter.result().keypoints).to.equal(1 / 2);
  });
});

describe('masks behind NonMaxSuppression', () => {
  const model = suppressed(2, { rows: 'scores' });
  const { graph } = model.proto;
  const [boxes] = graph.output;
  const withMasks = withGraph(model, {
    ...graph,
    node: [...graph.node, create('NodeProto', { opType: 'Identity', input: ['boxes'], output: ['masks'] })],
    output: [...graph.output, create('ValueInfoProto', { name: 'masks', type: boxes?.type })],
  });
  const found = (columns: readonly number[]): Values => ({
    boxes: floats([2, 4], [0, 0, 10, 10, 20, 20, 40, 40]),
    labels: longs([2], [0, 1]),
    scores: floats([2], [0.9, 0.8]),
    masks: masks(columns),
  });

  it('lower what is kept, where the boxes are the same', () => {
    const judged = (columns: readonly number[]) => {
      const meter = new KeptMeter(withMasks);
      meter.add(answers(found([4, 4]), found(columns)), 1);
      return meter.result();
    };
    expect(judged([4, 4]).kept).to.equal(1);
    const { kept, tasks, unjudged } = judged([4, 2]);
    expect(kept).to.equal(3 / 4);
    expect(tasks[0]?.outputs).to.include('masks');
    expect(tasks[0]?.figures).to.include({ recall: 1, precision: 1, masks: 3 / 4 });
    expect(tasks[0]?.detail).to.match(/, masks overlap by 0\.750$/);
    expect(unjudged).to.deep.equal([]);
  });
});
