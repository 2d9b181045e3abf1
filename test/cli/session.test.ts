import { join } from 'node:path';
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { callOptions } from '../../src/call/arguments.ts';
import { exitStatus, withModel } from '../../src/cli/session.ts';
import { swapFile, targetOf } from '../../src/cli/swap.ts';
import { GnSwapError } from '../../src/errors.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { useScratch } from '../support/scratch.ts';

describe('targetOf', () => {
  const cases: readonly (readonly [string, string | undefined, boolean, string])[] = [
    ['model.onnx', undefined, false, 'model.gn.onnx'],
    ['a/b/model.onnx', undefined, false, join('a', 'b', 'model.gn.onnx')],
    ['/x/model.v2.ort', undefined, false, '/x/model.v2.gn.ort'],
    ['model', undefined, false, 'model.gn.onnx'],
    ['.hidden', undefined, false, '.hidden.gn.onnx'],
    ['a/model.onnx', 'out', true, join('out', 'model.gn.onnx')],
    ['a/model.onnx', 'new.onnx', false, 'new.onnx'],
  ];
  for (const [file, output, intoFolder, expected] of cases) {
    it(`of ${file}${output === undefined ? '' : `, for ${output},`} is ${expected}`, () => {
      expect(targetOf(file, 'gn', output, intoFolder)).to.equal(expected);
    });
  }
});

describe('exitStatus', () => {
  it('is 0 for what was done, 1 for a failed check, 2 for an error', () => {
    const outcome = { file: 'a', command: 'swap', timings: {} } as const;
    const verification = {
      seed: 0,
      inputs: 'made',
      inputDims: {},
      checks: [],
      sites: [],
      drift: [],
      isSame: false,
    } as const;
    expect(exitStatus(outcome)).to.equal(0);
    expect(exitStatus({ ...outcome, verification: { ...verification, passed: true } })).to.equal(0);
    expect(exitStatus({ ...outcome, verification: { ...verification, passed: false } })).to.equal(1);
    expect(exitStatus({ ...outcome, error: new GnSwapError('refused', 'no') })).to.equal(2);
  });
});

const quiet = () => {};

describe('withModel', () => {
  const scratch = useScratch();

  it('tells what a file is, and how long each step took', async () => {
    const file = scratch().fixture('rank-4');
    const outcome = await withModel(file, 'inspect', quiet, async (job) => job.lap('look'));
    expect(outcome).to.include({ file, command: 'inspect' }).and.not.have.property('error');
    expect(outcome.model).to.deep.equal({
      irVersion: 8,
      opset: 17,
      producer: 'gn-swap fixtures',
      bytes: writeModel(fixtureNamed('rank-4').build()).length,
    });
    expect(Object.keys(outcome.timings)).to.deep.equal(['read', 'look']);
  });

  it('turns what goes wrong into a part of the outcome, and frees the file', async () => {
    const file = scratch().fixture('rank-4');
    let opened: { read(start: number, end: number): Uint8Array } | undefined;
    const refused = await withModel(file, 'swap', quiet, async (_, home) => {
      opened = home.file;
      throw new GnSwapError('refused', 'no');
    });
    expect(refused.error).to.include({ code: 'refused', message: 'no', file });
    expect(() => opened?.read(0, 1)).to.throw(/EBADF/);
    const bug = await withModel(file, 'swap', quiet, () => Promise.reject(new TypeError('a bug')));
    expect(bug.error).to.include({ code: 'internal', file });
    expect(bug.error?.describe()).to.match(/internal error: a bug\. Please report this/);
    expect(bug.error?.cause).to.be.instanceOf(TypeError);
  });
});

describe('swapFile', () => {
  const scratch = useScratch();

  it('leaves nothing, where any step fails', async () => {
    const file = scratch().fixture('rank-4');
    const target = scratch().path('out.onnx');
    const outcome = await swapFile(file, target, callOptions({ 'max-drift': 1e-9 }), () => {});
    expect([outcome.verification?.passed, outcome.output]).to.deep.equal([false, undefined]);
    const broken = await swapFile(file, target, callOptions({}), () => {
      throw new TypeError('a bug');
    });
    expect(broken.error?.code).to.equal('internal');
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('reports progress', async () => {
    const steps: string[] = [];
    await swapFile(scratch().fixture('rank-4'), scratch().path('o'), callOptions({}), (step) => void steps.push(step));
    expect(steps).to.include('verify sites');
  });
});
