import { expect } from 'chai';
import { Net, valueInfo } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { answers, floats, longs } from '../../support/answers.ts';

/** A last layer of so many classes, and what stands behind it. */
function head(classes: number, last: string | undefined, rank = 2): Model {
  const net = new Net();
  const dims = rank === 2 ? ['n', 4] : ['n', 't', 4];
  const y = net.node(
    'MatMul',
    [net.input('x', dims), net.weight('w', [4, classes])],
    {},
    last ? {} : { outputs: ['y'] },
  );
  if (last !== undefined) net.node(last, [y], last === 'Softmax' ? { axis: -1 } : {}, { outputs: ['y'] });
  return net.output('y', [...dims.slice(0, -1), classes]).model();
}

function judged(model: Model, dims: readonly number[], source: ArrayLike<number>, rewritten: ArrayLike<number>) {
  const meter = new KeptMeter(model);
  meter.add(answers({ y: floats(dims, source) }, { y: floats(dims, rewritten) }), dims[0] ?? 1);
  return meter.result();
}

describe('classify', () => {
  it('is the share of rows with the same largest number, by sorting instead', () => {
    const random = new Random(3);
    const numbers = () => Array.from({ length: 200 * 5 }, () => random.normal());
    const [a, b] = [numbers(), numbers()];
    const winner = (list: number[], row: number) =>
      [0, 1, 2, 3, 4].sort((x, y) => (list[5 * row + y] ?? 0) - (list[5 * row + x] ?? 0))[0];
    const same = Array.from({ length: 200 }, (_, row) => row).filter((row) => winner(a, row) === winner(b, row)).length;
    const { kept, tasks } = judged(head(5, 'Softmax'), [200, 5], a, b);
    expect(tasks[0]?.task).to.equal('classify');
    expect(kept).to.equal(same / 200);
    expect(same).to.be.within(20, 80);
  });

  it('compares no class where the source itself gives NaN, and counts NaN of the other model as another class', () => {
    const nan = Number.NaN;
    const rows = [nan, 1, 2, 0, 1, 2, 3, 1, 2];
    const { kept, tasks } = judged(head(3, 'Softmax'), [3, 3], rows, [0, 1, 2, nan, 1, 2, 3, 1, 2]);
    expect([kept, tasks[0]?.figures.answers]).to.deep.equal([0.5, 2]);
    expect(judged(head(3, 'Softmax'), [1, 3], [nan, nan, nan], [nan, nan, nan]).kept).to.equal(null);
    expect(judged(head(1, 'Sigmoid'), [2, 1], [nan, 0.9], [0.1, nan]).kept).to.equal(0);
  });

  it('takes a row of numbers from a last layer for classes, unless its name says other', () => {
    expect(judged(head(3, undefined), [1, 3], [0, 1, 2], [0, 5, 2]).tasks[0]).to.include({ task: 'classify', kept: 0 });
  });

  it('takes numbers beside a Softmax of another width for values, and of the same width for its logits', () => {
    const net = new Net();
    const x = net.input('x', ['n', 4]);
    const logits = net.node('MatMul', [x, net.weight('w', [4, 2])], {}, { outputs: ['dense_1'] });
    net.node('Softmax', [logits], { axis: -1 }, { outputs: ['dense_2'] });
    net.node('MatMul', [x, net.weight('v', [4, 4])], {}, { outputs: ['dense_3'] });
    for (const [name, width] of [
      ['dense_1', 2],
      ['dense_2', 2],
      ['dense_3', 4],
    ] as const)
      net.output(name, ['n', width]);
    const rows = { dense_1: floats([2, 2], [1, 0, 0, 1]), dense_2: floats([2, 2], [1, 0, 0, 1]) };
    const boxes = floats([2, 4], [1, 2, 3, 4, 5, 6, 7, 9]);
    const meter = new KeptMeter(net.model());
    meter.add(answers({ ...rows, dense_3: boxes }, { ...rows, dense_3: boxes }), 2);
    const found = meter.result().tasks.map(({ task, outputs }) => [outputs.join(), task]);
    expect(Object.fromEntries(found)).to.deep.equal({ dense_1: 'classify', dense_2: 'classify', dense_3: 'regress' });
  });

  it('takes one number for yes or no, and leaves labels out that nobody gives', () => {
    expect(judged(head(1, 'Sigmoid'), [4, 1], [0.9, 0.1, 0.2, 0.8], [0.7, 0.6, 0.4, 0.9]).kept).to.equal(3 / 4);
    // Labels of two rows: 0 and 1, 3; found 0, and 1, 2. In common 2 of 4.
    const labels = [0.9, 0.1, 0, 0, 0.1, 0.9, 0, 0.6];
    const found = [0.8, 0, 0, 0, 0, 0.9, 0.7, 0.4];
    expect(judged(head(4, 'Sigmoid'), [2, 4], labels, found).kept).to.equal(2 / 4);
    expect(judged(head(4, 'Sigmoid'), [1, 4], [0, 0, 0, 0], [0, 0, 0, 0]).kept).to.equal(null);
  });

  it('leaves steps out where both say nothing, which most of them do', () => {
    // 6 of 8 steps are class 0. Of those that say something in either, (1, 1), (2, 0), (0, 1): one of three is the same.
    const steps = (classes: readonly number[]) =>
      classes.flatMap((label) => [0, 1, 2].map((it) => Number(it === label)));
    const source = steps([0, 1, 0, 2, 0, 0, 0, 0]);
    const rewritten = steps([0, 1, 0, 0, 1, 0, 0, 0]);
    const { kept, tasks } = judged(head(3, 'Softmax', 3), [1, 8, 3], source, rewritten);
    expect(kept).to.equal(1 / 3);
    expect(tasks[0]?.detail).to.equal('same class in 1 of 3 steps that are not blank (0.333), 0 of 1 texts equal');
    expect(tasks[0]?.figures).to.include({ texts: 1, sameTexts: 0 });
    expect(judged(head(3, 'Softmax', 3), [1, 3, 3], steps([0, 0, 0]), steps([0, 0, 0])).kept).to.equal(null);
  });

  it('compares classes as they are, which an ArgMax made', () => {
    const net = new Net();
    const numbers = net.node('MatMul', [net.input('x', ['n', 4]), net.weight('w', [4, 5])]);
    net.node('ArgMax', [numbers], { axis: 1, keepdims: 0 }, { outputs: ['y'] });
    net.outputs.push(valueInfo('y', DataType.INT64, ['n']));
    const meter = new KeptMeter(net.model());
    meter.add(answers({ y: longs([4], [0, 3, 1, 4]) }, { y: longs([4], [0, 2, 1, 4]) }), 4);
    const { kept, tasks } = meter.result();
    expect([kept, tasks[0]?.task, tasks[0]?.why]).to.deep.equal([3 / 4, 'classify', 'produced by ArgMax']);
  });

  it('takes numbers that nothing is known of for classes if their name says so', () => {
    const rows = (name: string) => {
      const net = new Net();
      const x = net.input('x', ['n', 4]);
      net.node('Relu', [net.node('MatMul', [x, net.weight('w', [4, 3])])], {}, { outputs: [name] });
      const meter = new KeptMeter(net.output(name, ['n', 3]).model());
      meter.add(answers({ [name]: floats([1, 3], [1, 2, 0]) }, { [name]: floats([1, 3], [0, 5, 1]) }), 1);
      return meter.result().tasks[0];
    };
    expect(rows('cls_score')).to.include({ task: 'classify', why: 'named "cls_score"', kept: 1 });
    expect(rows('numbers')?.task).not.to.equal('classify');
  });

  it('leaves a run out in which there are more answers of one model than of the other', () => {
    for (const last of ['Softmax', 'Sigmoid']) {
      const meter = new KeptMeter(head(2, last));
      meter.add(answers({ y: floats([1, 2], [0, 1]) }, { y: floats([1, 2], [0, 1]) }), 1);
      meter.add(answers({ y: floats([1, 2], [0, 1]) }, { y: floats([2, 2], [1, 0, 1, 0]) }), 1);
      expect(meter.result().kept, last).to.equal(1);
    }
  });
});
