import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { type ObserveContext, observe } from '../../src/measure/observe.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { twinSite } from '../../src/rewrite/twin.ts';
import { swapFixture } from '../support/swapped.ts';

async function observed(name: string, changes: Partial<ObserveContext> = {}) {
  const { search, plan, model, sites } = await swapFixture(fixtureNamed(name));
  const bytes = writeModel(model);
  const context: ObserveContext = {
    written: model,
    sites,
    inputs: changes.inputs ?? generateInputs(search.model, 0, 2, 8),
    memory: 1e9,
    twinned: false,
    ...changes,
  };
  return observe({ source: search.model, plan, bytes: bytes.length }, context);
}

describe('observe', () => {
  it('compares the sites, and times the source, the file and every other form', async () => {
    const { runtime, sites, latency, latencyNote } = await observed('opset-21');
    expect(runtime).to.match(/^\d+\.\d+\.\d+$/);
    expect(sites).to.have.length(1);
    expect(latency?.timings.map(({ name }) => name)).to.have.members([
      ...['source', 'native (as written)', 'reduce', 'instance', 'instance-conv'],
    ]);
    expect(latencyNote).to.equal(undefined);
  });

  it('times as many as the memory has room for, and says so', async () => {
    const size = (await swapFixture(fixtureNamed('opset-21')).then(({ model }) => writeModel(model))).length;
    const some = await observed('opset-21', { memory: 6 * size });
    expect(some.latency?.timings).to.have.length(3);
    expect(some.latencyNote).to.contain('some forms are left out');
    const none = await observed('opset-21', { memory: size });
    expect(none.latency).to.equal(undefined);
    expect(none.latencyNote).to.contain('not measured: both models together do not fit');
  });

  it('times no twin, but compares sites in it', async () => {
    const { search, model, sites } = await swapFixture(fixtureNamed('type-bfloat16'));
    const twin = float32Twin(search.model);
    const {
      sites: drifts,
      latency,
      latencyNote,
    } = await observed('type-bfloat16', {
      twinned: true,
      written: float32Twin(model),
      sites: sites.map(twinSite),
      inputs: generateInputs(twin, 0, 2, 8),
    });
    expect(drifts).to.have.length(sites.length);
    expect([latency, latencyNote?.slice(0, 12)]).to.deep.equal([undefined, 'not measured']);
  });

  it('leaves out what the runtime refuses', async () => {
    const { sites, latency, latencyNote } = await observed('rank-4', { inputs: {} });
    expect([sites, latency]).to.deep.equal([[], undefined]);
    expect(latencyNote).to.match(/^not measured: ONNX Runtime does not run the model/);
  });
});
