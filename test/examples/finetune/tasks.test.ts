import { expect } from 'chai';
import { accuracy } from '../../../bench/ocr/accuracy.ts';
import { openSession, run } from '../../../bench/ocr/models.ts';
import { overlap } from '../../../bench/ocr/overlap.ts';
import { SEEDS, type SetOptions, TASKS } from '../../../examples/finetune/tasks.ts';

const [classifier, detector] = TASKS as [(typeof TASKS)[0], (typeof TASKS)[0]];

/** What is rendered, and what the source says of it. */
async function answered({ source, render }: (typeof TASKS)[0], options: SetOptions) {
  const { inputs, targets } = await render(options);
  const session = await openSession(source);
  const { data } = await run(session, inputs.data as Float32Array, inputs.dims.slice(1), 1);
  await session.release();
  return { inputs, targets, answers: data };
}

describe('examples/finetune/tasks', () => {
  it('leaves the classifier something to learn, above chance', async () => {
    const { targets, answers } = await answered(classifier, { count: 60, seed: 1 });
    expect(accuracy(answers, targets.data as Uint8Array)).to.be.within(0.55, 0.85);
  });

  it('leaves the detector something to learn: the page is the same, the light is not', async () => {
    const { inputs, targets, answers } = await answered(detector, { count: 6, seed: 1 });
    expect(inputs.dims).to.deep.equal([6, 3, 192, 192]);
    expect(targets.dims).to.deep.equal([6, 1, 192, 192]);
    expect(overlap(answers, targets.data as Float32Array, 6)).to.be.within(0.1, 0.8);
  });

  it('has a seed for each set, and what is calibrated on is nothing that is trained on or scored', () => {
    expect(new Set(Object.values(SEEDS)).size).to.equal(4);
    for (const { counts } of TASKS) expect(counts).to.have.all.keys(Object.keys(SEEDS));
  });
});
