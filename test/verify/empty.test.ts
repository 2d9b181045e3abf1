/** Norms on an empty batch, and one seen to fail. */
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import type { Model } from '../../src/onnx/model.ts';
import { emptyFailure } from '../../src/verify/empty.ts';
import { setValues } from '../support/damage.ts';
import { swapFixture } from '../support/swapped.ts';
import { checkNamed, verifyFixture } from '../support/verified.ts';

/** The Reshape to groups with −1 for what remains, which can't be told of an empty batch. */
function withRest(model: Model): Model {
  const reshape = model.proto.graph.node.find(({ name }) => name.endsWith('/Groups'));
  return setValues(model, reshape?.input[1] ?? '', (dims) => dims.map((dim, axis) => (axis === 2 ? -1 : dim)));
}

describe('verify/empty', () => {
  const open = fixtureNamed('dynamic-batch');

  it('passes the forms that are chosen by themselves or by name, in every norm', async () => {
    for (const options of [{}, { form: 'instance' }, { form: 'instance-conv' }, { to: 'layer' }, { to: 'frozen' }]) {
      const { model, sites } = await swapFixture(open, options);
      expect(await emptyFailure(model, sites), JSON.stringify(options)).to.equal(undefined);
    }
  });

  it('finds a norm that fails, by name', async () => {
    const { model, sites } = await swapFixture(open, { form: 'instance', groups: 2 });
    const failure = await emptyFailure(withRest(model), sites);
    expect(failure).to.include(`${JSON.stringify(sites[0]?.plan.site.name)}: it fails on an empty batch, [0,`);
  });

  it('is a part of the proof of a swap that fails with it, and of no other proof', async () => {
    const options = { form: 'instance', groups: 2 };
    const failed = checkNamed(await verifyFixture(open, { ...options, empty: true }, withRest), 'reference');
    expect([failed?.status, failed?.detail.includes('it fails on an empty batch')]).to.deep.equal(['failed', true]);
    const passed = checkNamed(await verifyFixture(open, options, withRest), 'reference');
    expect(passed?.status).to.equal('passed');
  });

  it('leaves out a fixed batch, and forms of which the plan has told', async () => {
    const told = await swapFixture(open, { for: 'tensorrt', groups: 2 });
    expect(told.plan.sites[0]?.notes.join()).to.include('fails in ONNX Runtime on an empty batch');
    expect(await emptyFailure(told.model, told.sites)).to.equal(undefined);
  });
});
