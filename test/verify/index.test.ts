import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { fixture } from '../../fixtures/types.ts';
import { GnSwapError } from '../../src/errors.ts';
import { group } from '../../src/norms/group.ts';
import { INITS } from '../../src/norms/inits/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { verify } from '../../src/verify/index.ts';
import { setValues } from '../support/damage.ts';
import { countedHome } from '../support/home.ts';
import { searchOf, swapSearch } from '../support/swapped.ts';
import { checkNamed, type Damage, failedChecks, verifyFixture, verifySwapped } from '../support/verified.ts';

const NAMES = ['interface', 'loads', 'runs', 'reference', 'independence', 'forms', 'drift', 'kept'];

async function errorOf(promise: Promise<unknown>): Promise<GnSwapError> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).to.be.instanceOf(GnSwapError);
  return error as GnSwapError;
}

describe('verify', () => {
  for (const it_ of FIXTURES) {
    if (it_.sites === 0 || it_.notRunnable !== undefined) continue;
    it(`passes ${it_.name} in every legal form, with every init`, async () => {
      const search = await searchOf(it_);
      // The forms check runs every other legal form too, so that each init is verified in each of them.
      const choices = [...group.forms.map((form) => ({ form })), ...INITS.slice(1).map(({ name }) => ({ init: name }))];
      for (const choice of choices) {
        const swapped = swapSearch(search, choice);
        if (swapped.sites.length === 0) continue;
        const verification = await verifySwapped(it_, swapped);
        expect(failedChecks(verification), JSON.stringify([choice, verification.checks])).to.deep.equal([]);
        expect(verification.passed).to.equal(true);
        expect(verification.checks.map(({ name }) => name)).to.have.members(NAMES);
        expect(verification.sites.map(({ name }) => name)).to.deep.equal(
          swapped.sites.map(({ plan }) => plan.site.name),
        );
      }
    });
  }

  it('feeds sites of the main graph their real input, and those of a subgraph a made one', async () => {
    const main = await verifyFixture(fixtureNamed('opset-17'));
    expect(main.sites.map(({ input, dims }) => [input, dims])).to.deep.equal([['real', [2, 32, 4, 4]]]);
    const inner = await verifyFixture(fixtureNamed('if-own-parameters'));
    expect(new Set(inner.sites.map(({ input }) => input))).to.deep.equal(new Set(['made']));
  });

  it('feeds a site whose real input is not finite a made one', async () => {
    const nan = fixture('nan-input', 'a division by zero before the norm', 1, () => {
      const net = new Net();
      const zero = net.weight('zero', [], [0]);
      const x = net.node('Div', [net.node('Mul', [net.input('x', [2, 32, 4, 4]), zero]), zero]);
      return net.output(net.relu(net.bn(x, 32)), [2, 32, 4, 4]).model();
    });
    const { sites, passed } = await verifyFixture(nan);
    expect(sites.map(({ input }) => input)).to.deep.equal(['made']);
    expect(passed).to.equal(true);
  });

  it('comes to the same verdicts and figures with almost no memory', async () => {
    const net = fixture('three', 'three norms in a row', 3, () => {
      const it = new Net();
      let x = it.conv(it.input('x', [2, 3, 6, 6]), 3, 32);
      for (let i = 0; i < 3; i++) x = it.conv(it.relu(it.bn(x, 32)), 32, 32);
      return it.output(x, [2, 32, 6, 6]).model();
    });
    const ample = await verifyFixture(net, { memory: 2 ** 30 });
    expect(ample.passed).to.equal(true);
    for (const memory of [1, 60_000]) {
      expect(await verifyFixture(net, { memory })).to.deep.equal(ample);
    }
  });

  it('runs what is made of a large model, proves the same of it, and fails the same damage', async () => {
    const home = countedHome(true);
    const options = { home };
    const whole = await verifyFixture(fixtureNamed('rank-4'));
    const large = await verifyFixture(fixtureNamed('rank-4'), options);
    expect(large.checks.map(({ name, status }) => [name, status])).to.deep.equal(
      whole.checks.map(({ name, status }) => [name, status]),
    );
    expect(checkNamed(large, 'loads')?.detail).to.match(/without graph optimisation because it is large$/);
    expect(checkNamed(whole, 'loads')?.detail).not.to.match(/large/);
    const norms = home.models.map(({ proto }) =>
      proto.graph.node.some(({ opType }) => opType === 'BatchNormalization'),
    );
    // The written model, the source, the written model again with further outputs, and the site alone.
    expect(norms).to.deep.equal([false, true, false, false]);

    const damage: Damage = (model, [site]) =>
      setValues(model, site?.scale ?? '', (scale) => scale.map((value) => value * 1.01));
    const failed = await verifyFixture(fixtureNamed('rank-4'), options, damage);
    expect(failedChecks(failed)).to.deep.equal(failedChecks(await verifyFixture(fixtureNamed('rank-4'), {}, damage)));
    expect(failedChecks(failed)).not.to.be.empty;
  });

  it('times a large model in the sessions that it was run in', async () => {
    const home = countedHome(true);
    const { latency } = await verifyFixture(fixtureNamed('rank-4'), { home, time: true });
    expect(latency?.source).to.be.above(0);
    expect(latency?.written).to.be.above(0);
    // As without: see above.
    expect(home.loaded()).to.equal(4);
  });

  it('fetches what reaches the sites of a large model in a run of its own, where that takes much of the memory', async () => {
    const home = countedHome(true);
    const together = await verifyFixture(fixtureNamed('rank-4'), { home: countedHome(true) });
    const { sites, checks } = await verifyFixture(fixtureNamed('rank-4'), { home, memory: 1 });
    expect(sites).to.deep.equal(together.sites);
    expect(checks.filter(({ status }) => status === 'failed')).to.deep.equal([]);
    expect(home.loaded()).to.equal(5);
  });

  it('opens a file once that is its own source, and a copy beside it twice', async () => {
    const { model, sites } = swapSearch(await searchOf(fixtureNamed('rank-4')), {});
    const loads = async (isSame: boolean) => {
      const home = countedHome();
      const written = readModel(writeModel(model), home);
      const source = isSame ? written : readModel(writeModel(model), home);
      const { passed, drift } = await verify({ source, written, sites });
      return { loaded: home.loaded(), passed, drift };
    };
    const [once, twice] = [await loads(true), await loads(false)];
    expect(once).to.deep.equal({ ...twice, loaded: twice.loaded - 1 });
    expect(once.passed).to.equal(true);
  });

  it('takes the same inputs for the same seed, others for another', async () => {
    const rank4 = fixtureNamed('rank-4');
    const [a, b, c] = [await verifyFixture(rank4), await verifyFixture(rank4), await verifyFixture(rank4, { seed: 1 })];
    expect(a).to.deep.equal(b);
    expect([a.seed, c.seed]).to.deep.equal([0, 1]);
    expect(a.drift[0]?.max).not.to.equal(c.drift[0]?.max);
  });

  it('reports progress up to the last site', async () => {
    const steps: [string, number, number][] = [];
    await verifyFixture(fixtureNamed('two-bn-one-input'), { onProgress: (...step) => steps.push(step) });
    expect(steps.map(([step]) => step)).to.include.members(['load', 'run the source', 'run the rewritten model']);
    expect(steps.at(-1)).to.deep.equal(['verify sites', 2, 2]);
  });

  it('fails drift above the limit, by the name of the output, and only there', async () => {
    const rank4 = fixtureNamed('rank-4');
    const free = await verifyFixture(rank4);
    const relative = free.drift[0]?.relative ?? 0;
    expect(relative).to.be.above(0);
    expect((await verifyFixture(rank4, { maxDrift: relative * 1.01 })).passed).to.equal(true);
    const bound = await verifyFixture(rank4, { maxDrift: relative / 2 });
    expect(failedChecks(bound)).to.deep.equal(['drift']);
    expect(checkNamed(bound, 'drift')?.detail).to.contain('"Relu_2_out"').and.contain(relative.toPrecision(3));
  });

  it('verifies bfloat16 through a float32 twin, and says so', async () => {
    const verification = await verifyFixture(fixtureNamed('type-bfloat16'));
    expect(verification.passed).to.equal(true);
    const loads = checkNamed(verification, 'loads');
    expect(loads?.status).to.equal('skipped');
    expect(loads?.detail).to.match(/float32 copy.*bfloat16/);
  });

  it('verifies a model of several types through a twin, though its norms are float32', async () => {
    const net = new Net({ opset: 22 });
    const type = DataType.BFLOAT16;
    const narrow = net.node('Cast', [net.input('x', ['n', 4, 5, 5])], { to: type });
    const y = net.node('Conv', [narrow, net.weight('w', [8, 4, 1, 1], undefined, type)]);
    net.output(net.bn(net.node('Cast', [y], { to: DataType.FLOAT }), 8), ['n', 8, 5, 5]);
    const verification = await verifyFixture(fixture('mixed', 'bfloat16 but for its norm', 1, () => net.model()));
    expect(verification.passed).to.equal(true);
    expect(checkNamed(verification, 'loads')?.detail).to.match(/float32 copy.*bfloat16/);
  });

  it('verifies a float64 form without kernels through a twin, and one with kernels as it is', async () => {
    const float64 = fixtureNamed('type-float64');
    expect(checkNamed(await verifyFixture(float64, { form: 'instance' }), 'loads')?.status).to.equal('skipped');
    const own = await verifyFixture(float64, { form: 'reduce' });
    expect(checkNamed(own, 'loads')?.status).to.equal('passed');
    expect(own.sites[0]?.forms.map(({ form }) => form)).to.deep.equal(['instance', 'instance-conv']);
    expect(own.passed).to.equal(true);
  });

  it('compares a source in training mode by its running statistics', async () => {
    const verification = await verifyFixture(fixtureNamed('training-unused-outputs'), { init: 'statistics' });
    expect(verification.passed).to.equal(true);
    // On the batch's own statistics the drift would be another: pinned by the same model in inference mode.
    const inference = await verifyFixture(
      fixture('inference', 'the same in inference mode', 1, () => block({ opset: 15 }).model()),
    );
    expect(verification.drift[0]?.relative).to.be.closeTo(inference.drift[0]?.relative ?? 0, 1e-6);
  });

  it('blames a source that does not load, and not the rewrite', async () => {
    const foreign = await errorOf(verifyFixture(fixtureNamed('domain-foreign')));
    expect(foreign.code).to.equal('runtime-failed');
    expect(foreign.message).to.match(/^the source itself fails: .*com\.example/);
    expect(foreign.remedy).to.contain('--no-verify');
    const twice = await errorOf(verifyFixture(fixtureNamed('names-twice')));
    expect(twice.message).to.match(/^the source itself fails: .*same node name/);
  });

  it('says how to mend a run that fails on made inputs', async () => {
    const error = await errorOf(verifyFixture(fixtureNamed('rank-unknown-reshape'), { inputs: undefined }));
    expect(error.code).to.equal('invalid-data');
    expect(error.message).to.match(/^the source does not run on random input \(/);
    expect(error.remedy).to.contain('--inputs').and.contain('--no-verify');
  });

  it('says what is wrong with given inputs', async () => {
    const one = fixtureNamed('rank-4');
    const wrong = { x: { type: DataType.FLOAT, dims: [2, 3, 4, 5], data: new Float32Array(120) } };
    const error = await errorOf(verifyFixture(one, { inputs: wrong }));
    expect([error.code, error.node]).to.deep.equal(['invalid-data', 'x']);
    expect(error.message).to.equal('its shape is [2, 3, 4, 5]; the model takes [2, 3, 4, 4]');
  });
});
