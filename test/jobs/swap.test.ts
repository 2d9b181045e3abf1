import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { findAllSites, planAll, swap } from '../../src/jobs/swap.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { digestOf } from '../../src/onnx/digest.ts';
import { memoryHome, readModel, writeModel } from '../../src/onnx/model.ts';
import { PROVENANCE_KEY } from '../../src/rewrite/record.ts';
import { VERSION } from '../../src/version.ts';
import { rejection, thrown } from '../support/errors.ts';
import { countNorms } from '../support/model-parts.ts';

const bytesOf = (name: string) => writeModel(fixtureNamed(name).build());

/** Two norms; γ of the second is the remainder of a division, which is constant but for the runtime to tell. */
function computed(operator: string) {
  const net = new Net();
  const x = net.bn(net.conv(net.input('x', [2, 3, 4, 4]), 3, 16), 16);
  const attributes = operator === 'Mod' ? { fmod: 1 } : {};
  const scale = net.node(
    operator,
    [net.weight('a', [16], net.numbers(16, 1, 2)), net.weight('b', [16], net.numbers(16, 2, 3))],
    attributes,
  );
  return net.output(net.bn(x, 16, { scale }), [2, 16, 4, 4]).model();
}

describe('jobs/swap', () => {
  it('does the whole job: a model without BatchNormalization, its plan, and the proof', async () => {
    const source = bytesOf('rank-4');
    const before = source.slice();
    const { model, plan, calibration, verification } = await swap(source);
    expect(countNorms(readModel(source))).to.equal(1);
    expect(countNorms(readModel(model))).to.equal(0);
    expect(plan.sites).to.have.length(1);
    expect(calibration).to.equal(undefined);
    expect(verification?.passed).to.equal(true);
    expect(source).to.deep.equal(before);
  });

  it('records where the result comes from', async () => {
    const source = bytesOf('rank-4');
    const { model } = await swap(source, { init: 'copy', verify: false });
    const entry = readModel(model).proto.metadataProps.find(({ key }) => key === PROVENANCE_KEY);
    expect(JSON.parse(entry?.value ?? '')).to.include({
      schema: 2,
      version: VERSION,
      source: digestOf(new MemorySource(source)),
      norm: 'group',
      init: 'copy',
    });
  });

  it('refuses data where a norm takes all from the source, and a norm of a Conv that has none left', async () => {
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data: new Float32Array(96) };
    const error = await rejection(swap(bytesOf('rank-4'), { to: 'frozen', calibrate: datasetOf({ x }) }));
    expect(error.describe()).to.equal(
      '--to frozen has nothing to solve from data. Leave --calibrate out; --inputs gives inputs to verify on.',
    );
    const folded = await rejection(swap(bytesOf('folded-conv'), { to: 'weight', sites: 'folded' }));
    expect(folded.message).to.equal('--to weight is made from a BatchNormalization, and a folded one is gone');
    expect(folded.remedy).to.equal('Leave --sites out');
  });

  it('gives the same bytes for the same input and options, verified or not', async () => {
    const source = bytesOf('shared-everything');
    const [a, b] = [await swap(source, { groups: 4 }), await swap(source, { groups: 4, verify: false })];
    expect(a.model).to.deep.equal(b.model);
    expect((await swap(source, { groups: 2, verify: false })).model).not.to.deep.equal(a.model);
  });

  it('hands the options of verification on', async () => {
    const steps: string[] = [];
    const { verification } = await swap(bytesOf('rank-4'), {
      seed: 7,
      maxDrift: 1e-9,
      onProgress: (step) => void steps.push(step),
    });
    expect(verification?.seed).to.equal(7);
    expect(verification?.passed).to.equal(false);
    expect(steps).to.include('verify sites');
    const random = new Random(1);
    const data = Float32Array.from({ length: 96 }, () => random.normal());
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data };
    expect((await swap(bytesOf('rank-4'), { inputs: { x } })).verification?.inputs).to.equal('given');
  });

  it('refuses what it can’t use, with a code', async () => {
    const codes = await Promise.all([
      rejection(swap(new Uint8Array(0))),
      rejection(swap(new Uint8Array([8, 7, 6]))),
      rejection(swap(bytesOf('rank-4'), { to: 'nothing' })),
      rejection(swap(bytesOf('rank-4'), { groups: 0 })),
      rejection(swap(bytesOf('no-bn'))),
      rejection(swap(bytesOf('external-one-file'))),
    ]);
    expect(codes.map(({ code }) => code)).to.deep.equal([
      'invalid-model',
      'invalid-model',
      'invalid-arguments',
      'invalid-arguments',
      'nothing-to-swap',
      'invalid-data',
    ]);
  });
});

describe('findAllSites', () => {
  it('computes constant expressions where it may', async () => {
    expect((await findAllSites(computed('Mod'), { run: true })).sites).to.have.length(2);
    const still = await findAllSites(computed('Mod'), { run: false });
    expect(still.sites).to.have.length(1);
    expect(still.refusals.map(({ code, remedy }) => [code, remedy])).to.deep.equal([
      ['parameters-need-running', 'Run without --no-verify, so that ONNX Runtime can compute them'],
    ]);
  });

  it('refuses a site whose expression the runtime can’t compute, and keeps the others', async () => {
    const { sites, refusals } = await findAllSites(computed('Unheard'), { run: true });
    expect(sites).to.have.length(1);
    const [refusal] = refusals;
    expect(refusal?.code).to.equal('parameters-need-running');
    expect(refusal?.reason).to.match(/^its parameters can't be computed: .*Unheard/);
    expect(refusal?.remedy).to.equal('Export the model with its parameters stored');
  });

  it('does not hide what is no refusal of the runtime', async () => {
    const home = { ...memoryHome(), load: () => Promise.reject(new TypeError('a bug')) };
    const broken = findAllSites({ ...computed('Mod'), home }, { run: true });
    expect(await broken.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });
});

describe('planAll', () => {
  const search = (name: string) => findSites(fixtureNamed(name).build());

  it('says what the model has instead where there is nothing to swap', () => {
    const none = thrown(() => planAll(search('no-bn'), {}));
    expect(none.describe()).to.equal('0 BatchNormalization nodes. Give a model that has BatchNormalization.');
    const folded = thrown(() => planAll(search('folded-conv'), {}));
    expect(folded.message).to.match(
      /^0 BatchNormalization nodes; 1 Conv looks as if its BatchNormalization was folded in$/,
    );
    expect(folded.remedy).to.match(/export the model with its norms kept/i);
  });

  it('says why where all are refused', () => {
    const error = thrown(() => planAll(search('variance-nan'), {}));
    expect([error.code, error.node]).to.deep.equal(['nothing-to-swap', 'BatchNormalization_1']);
    expect(error.message).to.match(/^1 BatchNormalization node, and none can be swapped: .*NaN/);
  });

  it('gives up on one refusal where --strict is set, but not on what was excluded', () => {
    const both = findSites(computed('Mod'));
    expect(planAll(both, {}).sites).to.have.length(1);
    const error = thrown(() => planAll(both, { strict: true }));
    expect(error.code).to.equal('refused');
    expect(error.message).to.match(/^1 can't be swapped, and --strict is set; /);
    const left = planAll(findSites(block().model()), { strict: true, groups: 1 });
    expect(left.sites).to.have.length(1);
    const two = search('two-bn-one-input');
    const excluded = planAll(two, { strict: true, exclude: [new RegExp(two.sites[0]?.name ?? '')] });
    expect([excluded.sites.length, excluded.refusals.length]).to.deep.equal([1, 1]);
  });
});
