import { expect } from 'chai';
import { Trace } from '../../src/train/trace.ts';

const facts = (step: number) => ({ step, loss: Math.sin(step) + 2, rate: step / 1000 });

function traced(steps: number, from = 1, to = steps, before: ReturnType<Trace['points']> = []) {
  const trace = new Trace(steps, before);
  for (let step = from; step <= to; step++) trace.add(facts(step));
  return trace;
}

describe('train/trace', () => {
  it('keeps every step of a short run, and at most 400 points of a long one', () => {
    expect(traced(400).points()).to.deep.equal(Array.from({ length: 400 }, (_, i) => facts(i + 1)));
    expect(traced(401).points()).to.have.length(201);
    for (const steps of [401, 799, 1000, 4321]) expect(traced(steps).points().length).to.be.within(100, 400);
  });

  it('has the mean loss of the steps of a point, and the step and rate of its last', () => {
    const points = traced(1000).points();
    expect(points).to.have.length(334);
    for (const [index, { step, loss, rate }] of points.entries()) {
      const own = [1, 2, 3].map((it) => 3 * index + it).filter((it) => it <= 1000);
      expect([step, rate]).to.deep.equal([own.at(-1), (own.at(-1) as number) / 1000]);
      expect(loss).to.be.closeTo(own.reduce((sum, it) => sum + facts(it).loss, 0) / own.length, 1e-12);
    }
  });

  it('goes on from the points of an epoch to those of a run that nothing stopped, if that gave them too', () => {
    const whole = traced(1000, 1, 500);
    const before = whole.points();
    for (let step = 501; step <= 1000; step++) whole.add(facts(step));
    expect(traced(1000, 501, 1000, before).points()).to.deep.equal(whole.points());
    // What was handed out does not change afterwards.
    expect(before).to.have.length(167);
  });
});
