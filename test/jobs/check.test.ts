import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';
import { modelOf } from '../support/swapped.ts';

describe('check, of bytes', () => {
  const source = writeModel(modelOf(fixtureNamed('two-bn-one-input')));
  const other = writeModel(modelOf(fixtureNamed('rank-3')));
  let written: Uint8Array;
  before(async () => {
    written = (await swap(source, { verify: false })).model;
  });
  const rulesOf = async (file: Uint8Array, options?: Parameters<typeof check>[1]) => {
    const { passed, checks } = await check(file, options);
    const errors = checks.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error');
    return { passed, rules: errors.map(({ rule }) => rule) };
  };

  it('passes what was written, alone and against its source', async () => {
    expect(await rulesOf(written)).to.deep.equal({ passed: true, rules: [] });
    const { passed, against, drift, sites } = await check(written, { against: source });
    expect([passed, against, drift.length > 0, sites.length]).to.deep.equal([true, 'the source', true, 2]);
  });

  it('fails what was damaged, what has another source, and what drifts too far', async () => {
    const { proto, home } = readModel(written);
    const node = proto.graph.node.slice(1);
    const damaged = writeModel({ proto: { ...proto, graph: { ...proto.graph, node } }, home });
    expect((await rulesOf(damaged, { verify: false })).rules).to.include('value-undefined');
    expect((await rulesOf(written, { against: other, verify: false })).rules).to.include('other-source');
    expect((await rulesOf(written, { against: source, maxDrift: 1e-9 })).passed).to.equal(false);
  });

  it('does not ask for the original model where it was given', async () => {
    const { proto, home } = readModel(written);
    const unrecorded = writeModel({ proto: { ...proto, metadataProps: [] }, home });
    const noted = async (against?: Uint8Array) => {
      const { checks } = await check(unrecorded, { against, verify: false });
      return checks
        .flatMap(({ findings }) => findings)
        .flatMap(({ rule, remedy }) => (rule === 'no-record' ? [remedy] : []));
    };
    expect(await noted()).to.deep.equal(['Use --against FILE with the original model to prove more']);
    expect(await noted(source)).to.deep.equal([
      'If gn-swap wrote the file, a later tool dropped its record; if not, there is nothing to do',
    ]);
  });

  it('runs nothing where it is not to', async () => {
    const { verification, checks } = await check(written, { verify: false });
    expect(verification).to.equal(undefined);
    expect(checks.find(({ name }) => name === 'loads')?.status).to.equal('skipped');
  });

  it('tells half a file as damage, and half a source as an error', async () => {
    expect((await rulesOf(written.subarray(0, written.length >> 1))).rules).to.deep.equal(['unreadable']);
    const error = await rejection(check(written, { against: source.subarray(0, source.length >> 1) }));
    expect(error).to.be.instanceOf(GnSwapError).and.include({ code: 'invalid-model' });
  });
});
