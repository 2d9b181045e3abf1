import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import { epochsOf, whenOf } from '../../../src/report/sections/epoch-axis.ts';

/** As many epochs of four steps as were finished, and how many steps were taken. */
function axisOf(finished: number, steps: number) {
  const history = Array.from({ length: finished + 1 }, (_, epoch) => ({ epoch, steps: 4 * epoch }));
  const trace = steps === 0 ? [] : [{ step: 1 }, { step: steps }];
  const { perEpoch, axis } = epochsOf({ history, trace } as unknown as FinetuneFacts);
  return { perEpoch, domain: axis.x?.domain, ticks: axis.x?.ticks };
}

describe('report/sections/epoch-axis', () => {
  it('goes from before training to the last step, with a tick for each epoch', () => {
    expect(axisOf(3, 12)).to.deep.equal({ perEpoch: 4, domain: [0, 3], ticks: [0, 1, 2, 3] });
  });

  it('goes on to where a run was stopped in the middle of an epoch', () => {
    expect(axisOf(2, 10)).to.deep.equal({ perEpoch: 4, domain: [0, 2.5], ticks: [0, 1, 2] });
  });

  it('takes the steps that there were for one epoch where none was finished', () => {
    expect(axisOf(0, 3)).to.deep.equal({ perEpoch: 3, domain: [0, 1], ticks: [0, 1] });
    expect(axisOf(0, 0).domain).to.deep.equal([0, 1]);
  });

  it('names eleven epochs of many', () => {
    const { ticks } = axisOf(1000, 4000);
    expect(ticks).to.have.length(11);
    expect(ticks).to.include.members([0, 100, 1000]);
  });

  it('says when a figure was measured', () => {
    expect([0, 1, 12].map(whenOf)).to.deep.equal(['before training', 'after epoch 1', 'after epoch 12']);
  });
});
