import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import type { Dataset } from '../../src/inputs/dataset.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { RefineJudge } from '../../src/jobs/refine-judge.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { classifier } from '../support/training.ts';

const model = readModel(writeModel(classifier()));
const search = findSites(model);
const data = datasetOf(madeInputs(model, 40));

/** The data, and which samples were loaded. */
function watched(of: Dataset) {
  const loaded = new Set<number>();
  const load = (index: number) => {
    loaded.add(index);
    return of.load(index);
  };
  return { data: { ...of, load }, loaded };
}

describe('jobs/refine-judge', () => {
  it('makes inputs where few were held out, counts those of one input once, and reads no other input', async () => {
    const own = watched(data);
    const judge = await RefineJudge.of(model, [3, 7, 9], { data: own.data, seed: 1 });
    expect(judge.samples).to.equal(32);
    const same = await judge.of(plan(search.sites, 17, { to: 'frozen' }), 0);
    expect(same).to.deep.include({ kept: 1, hasBoxes: false });
    expect(same.each).to.deep.equal([1, 1, 1]);
    expect([...own.loaded].sort((a, b) => a - b)).to.deep.equal([3, 7, 9]);
  });

  it('makes none where enough were held out, or nothing can be made of them', async () => {
    const many = await RefineJudge.of(
      model,
      Array.from({ length: 35 }, (_, at) => at),
      { data, seed: 1 },
    );
    expect(many.samples).to.equal(35);
    const net = new Net({ seed: 1 });
    const x = net.node('Expand', [net.input('x', ['n', 1, 1, 1]), net.weight('to', [4], [1, 3, 8, 8], 7)]);
    net.node('Flatten', [net.node('GlobalAveragePool', [net.bn(x, 3)])], {}, { outputs: ['y'] });
    const single = readModel(writeModel(net.output('y', ['n', 3]).model()));
    const few = await RefineJudge.of(single, [0, 1], { data: datasetOf(madeInputs(single, 4)), seed: 1 });
    expect(few.samples).to.equal(2);
  });

  it('judges a plan by what it keeps, the same each time, and tells that it is being done', async () => {
    const told: string[] = [];
    const how = {
      data,
      seed: 1,
      onProgress: (step: string, done: number, of: number) => told.push(`${step} ${done}/${of}`),
    };
    const judge = await RefineJudge.of(model, [1, 2, 3, 4], how);
    const copied = plan(search.sites, 17, { init: 'copy' });
    const [one, two] = [await judge.of(copied, 0), await judge.of(copied, 1)];
    expect(one).to.deep.equal(two);
    expect(one.each).to.have.length(4);
    const mean = one.each.reduce<number>((sum, it) => sum + (it ?? 0) / 4, 0);
    // As many inputs of each, so the mean of the shares is the share of all.
    expect(one.kept).to.be.closeTo(mean, 1e-12);
    expect(told).to.deep.equal(['judge what was refined 0/2', 'judge what was refined 1/2']);
  });

  it('does not judge by too few answers, and says what does not fit', async () => {
    const one = datasetOf(madeInputs(model, 2));
    const net = new Net({ seed: 1 });
    const x = net.bn(net.input('x', ['n', 3, 1, 1]), 3);
    net.node('Softmax', [net.node('Flatten', [x])], { axis: 1 }, { outputs: ['y'] });
    const small = readModel(writeModel(net.output('y', ['n', 3]).model()));
    const judge = await RefineJudge.of(model, [0], { data: one, seed: 1 });
    expect((await rejection(judge.of(undefined, 1))).code).to.equal('internal');
    expect((await judge.of(plan(search.sites, 17, { to: 'frozen' }), 0)).kept).to.equal(1);
    expect(small.proto.graph.node.length).to.be.above(0);
  });
});
