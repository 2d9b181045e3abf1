import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { inspectModel } from '../../src/jobs/inspect.ts';
import { Job, outcomeOf } from '../../src/jobs/job.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';

describe('a job', () => {
  const bytes = writeModel(fixtureNamed('rank-4').build());

  it('works on a model in memory, and tells what it found and how long each step took', async () => {
    const job = new Job('rank-4', 'inspect');
    const outcome = await outcomeOf(job, async () => {
      const model = readModel(bytes);
      job.read(model);
      await inspectModel(job, model, { groups: 2, verify: false });
    });
    expect(outcome.model).to.include({ opset: 17, bytes: bytes.length });
    expect(outcome.plan?.sites.map(({ groups }) => groups)).to.deep.equal([2]);
    expect(Object.keys(outcome.timings)).to.deep.equal(['read', 'find']);
    expect(outcome).not.to.have.property('error');
  });

  it('keeps what was known when it failed, and names the file', async () => {
    const job = new Job('rank-4', 'swap');
    const outcome = await outcomeOf(job, async () => {
      job.read(readModel(bytes));
      throw new GnSwapError('refused', 'no');
    });
    expect(outcome.error).to.include({ code: 'refused', file: 'rank-4' });
    expect(outcome.model?.opset).to.equal(17);
  });

  it('reports what nobody foresaw as a fault of its own', async () => {
    const outcome = await outcomeOf(new Job('a', 'swap'), () => Promise.reject(new TypeError('a bug')));
    expect(outcome.error?.code).to.equal('internal');
    expect(outcome.error?.cause).to.be.instanceOf(TypeError);
  });
});
