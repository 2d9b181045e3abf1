import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { Proof } from '../../src/verify/proof.ts';
import type { VerifyOptions } from '../../src/verify/verification.ts';
import { floats } from '../support/answers.ts';
import { rejection } from '../support/errors.ts';
import { swapSearch } from '../support/swapped.ts';

/** One norm, and behind it an operator that makes NaN of what is negative. */
function rooted(): Model {
  const net = new Net({ seed: 2 });
  const y = net.bn(net.conv(net.input('x', ['n', 2, 4, 4]), 2, 4), 4);
  net.node('Sqrt', [y], {}, { outputs: ['y'] });
  return readModel(writeModel(net.output('y', ['n', 4, 4, 4]).model()));
}

/** All steps of a proof, as verification takes them. */
async function proven(
  source: Model,
  options: Partial<VerifyOptions> & { readonly to?: string },
  change = (it: Model) => it,
) {
  const { to = 'frozen', ...more } = options;
  const { model, sites } = swapSearch(await findSites(source), { to });
  const written = readModel(writeModel(change(model)), source.home);
  const proof = new Proof({ source, written, sites, ...more });
  const runs = await proof.load();
  if (runs !== undefined && (await proof.run(runs)) && (await proof.proveSites(runs))) await proof.judgeDrift(runs);
  return proof.result();
}

const statusOf = ({ checks }: Awaited<ReturnType<typeof proven>>, name: string) =>
  checks.find((it) => it.name === name)?.status;

describe('verify/proof', () => {
  it('has nothing to tell before its steps, and each check once behind them', async () => {
    const source = readModel(writeModel(fixtureNamed('opset-17').build()));
    const { model, sites } = swapSearch(await findSites(source), {});
    const fresh = new Proof({ source, written: model, sites });
    expect(fresh.result()).to.deep.include({ passed: true, checks: [], sites: [], drift: [], isSame: false });
    const { checks, passed } = await proven(source, { to: 'group' });
    const names = checks.map(({ name }) => name);
    expect(names).to.deep.equal(['interface', 'loads', 'runs', 'reference', 'independence', 'forms', 'drift', 'kept']);
    expect(passed).to.equal(true);
  });

  it('does not blame a norm for NaN of the source, compares what is a number, and claims no more', async () => {
    const some = await proven(rooted(), {});
    expect(some).to.include({ passed: true, isSame: true });
    expect(some.drift[0]?.sourceNaN).to.be.within(0.1, 0.9);
    expect(some.checks.find(({ name }) => name === 'drift')?.detail).to.include('The source itself gives NaN in "y"');
    // Negative everywhere, so that nothing is left to compare.
    const source = rooted();
    const { graph } = source.proto;
    const node = graph.node.flatMap((it) =>
      it.opType === 'Sqrt'
        ? [
            create('NodeProto', { opType: 'Abs', input: [it.input[0] ?? ''], output: ['size'], name: 'abs' }),
            create('NodeProto', { opType: 'Neg', input: ['size'], output: ['below'], name: 'neg' }),
            create('NodeProto', { ...it, input: ['below'] }),
          ]
        : [it],
    );
    const all = await proven(readModel(writeModel(withGraph(source, { ...graph, node }))), {});
    expect(all).to.include({ passed: true, isSame: false });
    expect([statusOf(all, 'drift'), statusOf(all, 'kept')]).to.deep.equal(['skipped', 'skipped']);
    expect(all.drift[0]?.sourceNaN).to.equal(1);
  });

  it('stops where the file does not load, and names what fails', async () => {
    const source = readModel(writeModel(fixtureNamed('opset-17').build()));
    const broken = (it: Model) => {
      const { graph } = it.proto;
      const node = graph.node.map((own, at) =>
        at === 0 ? create('NodeProto', { ...own, opType: 'NoSuchOperator' }) : own,
      );
      return withGraph(it, { ...graph, node });
    };
    const { checks, passed } = await proven(source, {}, broken);
    expect(passed).to.equal(false);
    expect(checks.map(({ name, status }) => [name, status])).to.deep.equal([
      ['interface', 'passed'],
      ['loads', 'failed'],
    ]);
  });

  it('says of inputs without a sample that nothing was tested, and whose fault it is that the source does not run', async () => {
    const empty = await proven(rooted(), { inputs: { x: floats([0, 2, 4, 4], []) } });
    expect(statusOf(empty, 'runs')).to.equal('failed');
    const wrong = await rejection(proven(rooted(), { inputs: { x: floats([1, 3, 4, 4], new Array(48).fill(1)) } }));
    expect(wrong.code).to.be.oneOf(['invalid-data', 'runtime-failed', 'invalid-arguments']);
  });
});
