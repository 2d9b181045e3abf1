import { expect } from 'chai';
import type { FinetuneFacts } from '../../src/jobs/finetune.ts';
import { trainingLines } from '../../src/report/training-verdict.ts';
import { FEWEST } from '../../src/train/gain.ts';

type Part = Pick<
  FinetuneFacts,
  'measure' | 'before' | 'after' | 'gain' | 'proof' | 'bestEpoch' | 'samples' | 'stopped' | 'history'
>;

const score = (value: number | undefined) => ({ value, detail: '', figures: {} });
const proof = { changed: 3, difference: 2.5e-7 };
const samples = { heldOut: 40 } as FinetuneFacts['samples'];

/** The first line on training that ended with these facts. */
function line(changes: Partial<Part>): readonly [tone: string | undefined, text: string | undefined] {
  const facts = {
    measure: 'accuracy',
    before: score(0.8),
    after: score(0.9),
    gain: { value: 0.1, low: 0.02, high: 0.18 },
    proof,
    bestEpoch: 2,
    samples,
    stopped: undefined,
    history: [{}, {}, {}],
    ...changes,
  };
  const [first] = trainingLines(facts as unknown as FinetuneFacts);
  return [first?.tone, first?.text];
}

describe('report/training-verdict', () => {
  it('says how sure a gain is, by its range', () => {
    expect(line({})).to.deep.equal([
      'good',
      'Better: accuracy 0.800 → 0.900 on 40 held-out samples; gain +0.020 to +0.180 with 95 % confidence',
    ]);
    expect(line({ gain: { value: 0.1, low: -0.02, high: 0.22 } as FinetuneFacts['gain'] })).to.deep.equal([
      'warn',
      'Perhaps better: accuracy 0.800 → 0.900 on 40 held-out samples; the gain may be chance (−0.020 to +0.220 with 95 % confidence)',
    ]);
  });

  it('says so if nothing was gained, or lost beside a new last layer', () => {
    const gain = (value: number) => ({ value, low: value, high: value }) as FinetuneFacts['gain'];
    const ended = (before: number, after: number) =>
      [
        { epoch: 0, loss: before },
        { epoch: 2, loss: after },
      ] as unknown as FinetuneFacts['history'];
    expect(line({ gain: gain(0), after: score(0.8), history: ended(1.5, 1.4) })).to.deep.equal([
      'warn',
      'Not better: accuracy 0.800 → 0.800 on 40 held-out samples; kept for its lower loss',
    ]);
    expect(line({ gain: gain(0), after: score(0.8), history: ended(1.5, 1.6) })[1]).to.equal(
      'Not better: accuracy 0.800 → 0.800 on 40 held-out samples, with a new last layer',
    );
    expect(line({ gain: gain(-0.1), after: score(0.7) })[1]).to.equal(
      'Not better than with the new last layer before training: accuracy 0.800 → 0.700 on 40 held-out samples',
    );
  });

  it('does not call it better if numbers are answered worse than by their mean', () => {
    const gain = { value: 9, low: 7, high: 11 } as FinetuneFacts['gain'];
    const changes = { measure: 'variance explained', before: score(-9.04), gain };
    expect(line({ ...changes, after: score(-0.04) })).to.deep.equal([
      'warn',
      'Less wrong, and still not better than to answer always the mean, which scores 0: variance explained -9.040 → -0.040 on 40 held-out samples',
    ]);
    expect(line({ ...changes, after: score(0.4) })[1]).to.match(/^Better: /);
  });

  it('judges a measure that can’t be taken apart only on enough samples', () => {
    const few = { heldOut: FEWEST - 1 } as FinetuneFacts['samples'];
    expect(line({ gain: null })).to.deep.equal(['good', 'Trained: accuracy 0.800 → 0.900 on 40 held-out samples']);
    expect(line({ gain: null, after: score(0.7) })[0]).to.equal('warn');
    const [tone, text] = line({ gain: null, samples: few });
    expect(tone).to.equal('warn');
    expect(text).to.match(/too few to tell a gain from chance$/);
  });

  it('says why nothing was written', () => {
    expect(line({ stopped: { notFinite: 7 }, bestEpoch: 0 } as Partial<Part>)).to.deep.equal([
      'bad',
      'Not trained: the loss stopped being a finite number at step 7; nothing was written',
    ]);
    expect(line({ stopped: 'interrupted', history: [] })[1]).to.match(/^Not trained: stopped before the end/);
    expect(line({ proof: null })[1]).to.equal(
      'Not better: no epoch scored more than the model as it was (accuracy 0.800 on 40 held-out samples); nothing was written',
    );
    expect(line({ proof: null, before: score(undefined) })[1]).to.equal(
      'Not better: no epoch scored more than the model as it was; nothing was written',
    );
  });

  it('claims nothing that was not measured, and tells of the file what was compared', () => {
    expect(line({ before: null, after: null })).to.deep.equal([
      undefined,
      'Trained; not measured, as no labelled samples are held out',
    ]);
  });
});
