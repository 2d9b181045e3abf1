import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { check } from '../../../src/jobs/check.ts';
import { untilAborted } from '../../../src/jobs/given/abort.ts';
import { swap } from '../../../src/jobs/swap.ts';
import { writeModel } from '../../../src/onnx/model.ts';

const bytes = writeModel(fixtureNamed('rank-4').build());

/** What a promise is rejected with, whatever it is. */
async function reasonOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return expect.fail('it was not rejected with an error');
}

describe('jobs/given/abort', () => {
  it('ends a swap at the first step behind its signal, with the reason of the signal', async () => {
    const own = new AbortController();
    const steps: string[] = [];
    const onProgress = (step: string) => {
      steps.push(step);
      own.abort(new Error('enough'));
    };
    expect((await reasonOf(swap(bytes, { signal: own.signal, onProgress }))).message).to.equal('enough');
    expect(steps).to.have.length(1);
  });

  it('ends a check', async () => {
    const own = new AbortController();
    const options = { against: bytes, signal: own.signal, onProgress: () => own.abort(new Error('enough')) };
    expect((await reasonOf(check(bytes, options))).message).to.equal('enough');
  });

  it('begins nothing if the signal was given before', async () => {
    const run = async () => expect.fail('it began');
    const error = await reasonOf(untilAborted({ signal: AbortSignal.abort() }, run));
    expect(error.name).to.equal('AbortError');
  });

  it('gives the reason of the signal, whatever a step made of it', async () => {
    const own = new AbortController();
    const run = async () => {
      own.abort(new Error('enough'));
      throw new Error('a step failed');
    };
    expect((await reasonOf(untilAborted({ signal: own.signal }, run))).message).to.equal('enough');
  });

  it('leaves a job alone that is not ended', async () => {
    const { signal } = new AbortController();
    const { verification } = await swap(bytes, { signal });
    expect(verification?.passed).to.equal(true);
    expect((await reasonOf(untilAborted({ signal }, () => Promise.reject(new Error('own'))))).message).to.equal('own');
  });
});
