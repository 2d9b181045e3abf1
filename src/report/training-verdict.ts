/** What came of training, in a sentence: better or not, on how many samples, and how sure that is. */
import type { FinetuneFacts } from '../jobs/finetune.ts';
import { FEWEST } from '../train/gain.ts';
import { plural } from '../words.ts';
import type { VerdictLine } from './verdict-line.ts';

/** One line on the gain, and one on the file. */
export function trainingLines(facts: FinetuneFacts): VerdictLine[] {
  const { proof } = facts;
  const lines = [gainLine(facts)];
  if (proof !== null) {
    lines.push({
      about: 'file',
      tone: 'good',
      text: `Same file otherwise: ${plural(proof.changed, 'tensor')} changed; read back, its outputs are the trainer’s within ${proof.difference.toExponential(1)}`,
    });
  }
  return lines;
}

function gainLine(facts: FinetuneFacts): VerdictLine {
  const { measure, before, after, gain, proof, bestEpoch, samples, stopped, history } = facts;
  const line = (tone: VerdictLine['tone'], text: string): VerdictLine => ({
    about: 'training',
    text,
    ...(tone && { tone }),
  });
  const [a, b] = [before?.value, after?.value];
  if (typeof stopped === 'object' && stopped !== null && bestEpoch === 0) {
    return line(
      'bad',
      `Not trained: the loss stopped being a finite number at step ${stopped.notFinite}; nothing was written`,
    );
  }
  if (stopped === 'interrupted' && history.length < 2) {
    return line('warn', 'Not trained: stopped before the end of the first epoch; nothing was written');
  }
  if (proof === null) {
    const kept = a === undefined ? '' : ` (${measure} ${a.toFixed(3)} on ${held(samples.heldOut)})`;
    return line('warn', `Not better: no epoch scored more than the model as it was${kept}; nothing was written`);
  }
  if (a === undefined || b === undefined)
    return line(undefined, 'Trained; not measured, as no labelled samples are held out');
  const figures = `${measure} ${a.toFixed(3)} → ${b.toFixed(3)} on ${held(samples.heldOut)}`;
  // Of a measure that can't be taken apart the range is not known.
  if (gain === null) {
    if (samples.heldOut >= FEWEST) return line(b > a ? 'good' : 'warn', `Trained: ${figures}`);
    return line('warn', `Trained: ${figures}, too few to tell a gain from chance`);
  }
  // Only a rebuilt last layer may score less, and be kept: before it was trained it was random.
  if (gain.value < 0) return line('warn', `Not better than with the new last layer before training: ${figures}`);
  if (gain.value === 0) {
    const lossAt = (epoch: number) => history.find((it) => it.epoch === epoch)?.loss ?? Number.POSITIVE_INFINITY;
    const isLower = lossAt(bestEpoch) < lossAt(0);
    return line('warn', `Not better: ${figures}${isLower ? '; kept for its lower loss' : ', with a new last layer'}`);
  }
  // The mean of the targets, whatever is shown, explains none of their variance.
  if (measure === 'variance explained' && b <= 0)
    return line('warn', `Less wrong, and still not better than to answer always the mean, which scores 0: ${figures}`);
  const range = `${signed(gain.low)} to ${signed(gain.high)}`;
  if (gain.low > 0) return line('good', `Better: ${figures}; gain ${range} with 95 % confidence`);
  return line('warn', `Perhaps better: ${figures}; the gain may be chance (${range} with 95 % confidence)`);
}

function held(count: number): string {
  return plural(count, 'held-out sample');
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
