import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { assumeSpatial } from '../../src/find/assume-spatial.ts';
import { findSites } from '../../src/find/index.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const mistaken = () => block({ opset: 7 }, { attributes: { spatial: 0 } }).model();

describe('find/assume-spatial', () => {
  it('leaves out spatial=0 where there is one number per channel: then it is the model that says nothing', () => {
    const plain = block({ opset: 7 }).model();
    expect(Buffer.compare(writeModel(assumeSpatial(mistaken())), writeModel(plain))).to.equal(0);
    expect(findSites(assumeSpatial(mistaken())).sites.length).to.equal(1);
  });

  it('leaves a true spatial=0, and a model without it, as they are', () => {
    for (const name of ['spatial-0', 'spatial-1', 'opset-13']) {
      const model = fixtureNamed(name).build();
      expect(assumeSpatial(model), name).to.equal(model);
    }
  });

  it('finds it in a branch, whose parameters are stored outside', () => {
    const inner = new Net({ opset: 7, prefix: 'inner/' });
    const outer = new Net({ opset: 7 });
    const x = outer.input('x', [2, 4, 3, 3]);
    const parameters = ['g', 'b', 'm', 'v'].map((name) => outer.weight(name, [4], [1, 1, 1, 1]));
    inner.output(inner.node('BatchNormalization', [x, ...parameters], { spatial: 0 }), [2, 4, 3, 3]);
    const branch = { graph: inner.graph() };
    const condition = outer.input('c', [], 9);
    const y = outer.node('If', [condition], { then_branch: branch, else_branch: branch });
    const model = outer.output(y, [2, 4, 3, 3]).model();
    expect(findSites(model).refusals[0]?.code).to.equal('spatial-by-mistake');
    expect(findSites(assumeSpatial(model)).refusals).to.deep.equal([]);
  });

  it('makes a whole swap of such a file possible, and its proof', async () => {
    const source = writeModel(mistaken());
    const refused = await rejection(swap(source));
    expect(refused).to.include({ code: 'nothing-to-swap' });
    const { model, verification } = await swap(source, { assumeSpatial: true });
    expect(verification?.passed).to.equal(true);
    const report = await check(model, { against: source });
    expect(report.passed, report.checks.find(({ status }) => status === 'failed')?.detail).to.equal(true);
  });

  it('writes what the file without the mistake becomes', async () => {
    const [one, other] = await Promise.all([
      swap(writeModel(mistaken()), { assumeSpatial: true, verify: false }),
      swap(writeModel(block({ opset: 7 }).model()), { verify: false }),
    ]);
    const x = { type: 1, dims: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)) };
    const [a, b] = await Promise.all([one, other].map(({ model }) => runModel(readModel(model), { x })));
    const name = readModel(one.model).proto.graph.output[0]?.name ?? '';
    expect(valueNamed(a ?? {}, name).data).to.deep.equal(valueNamed(b ?? {}, name).data);
  });
});
