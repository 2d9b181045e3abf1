/**
 * The learning rate, by trying: each rate gets the same steps from the same start, and the one with the lowest held-out loss is taken.
 * A run of 200 steps or less is tried whole: after half of it, a rate that ends badly may look best.
 * While the best is the largest or the smallest that was tried, one more is tried beyond it; of rates that are all as good, beyond the
 * one of the lowest loss.
 */
import { GnSwapError } from '../errors.ts';
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import { Random } from '../inputs/random.ts';
import { ahead, loadStep, type Run, samplesOf, seedOf, stepsOf } from './batches.ts';
import type { FitOptions, TriedRate } from './fit-types.ts';
import { rateAt } from './schedule.ts';
import type { Trainer } from './trainer.ts';

/** What is tried first. */
const FIRST = [1e-4, 3e-4, 1e-3] as const;
const SMALLEST = 1e-6;
const LARGEST = 3e-2;
const MOST_TRIED = 6;
/** Steps of a trial: all of the run, so that a rate at which it ends badly is seen, but no more than these. */
const LONGEST_TRIAL = 200;
/** Samples that a trial is judged by. */
const MOST_HELD = 128;
/** A rate that is larger has to be better by more than the noise of few samples. */
const CLEARLY = 0.98;

/** @returns undefined if a signal ended the search */
export async function findRate(
  trainer: Trainer,
  data: LabelledData,
  options: FitOptions,
): Promise<{ rate: number; tried: TriedRate[] } | undefined> {
  const { held, seed, epochs, ahead: most, onEvent, signal } = options;
  const train = samplesOf(data);
  const plan: Run[][] = [];
  for (let epoch = 1; epoch <= epochs && plan.length < LONGEST_TRIAL; epoch++) {
    plan.push(...stepsOf(data, train, options, seedOf(seed, -epoch)));
  }
  // Without held-out samples, what is learnt is judged on samples that the trial did not see, if there are any.
  const hasHeld = held !== undefined && held.count > 0;
  const steps = plan.slice(0, Math.min(LONGEST_TRIAL, hasHeld ? plan.length : Math.ceil(plan.length / 2)));
  const seen = new Set(steps.flat(2));
  const unseen = train.filter((sample) => !seen.has(sample));
  const judges = hasHeld ? samplesOf(held) : unseen.length > 0 ? unseen : train;
  const by = new Random(seedOf(seed, -1)).shuffle([...judges]).slice(0, MOST_HELD);
  const source = hasHeld ? held : data;
  const start = trainer.parametersNow();

  const attempt = async (rate: number, done: number): Promise<TriedRate | undefined> => {
    trainer.restore({ theta: start });
    const change = (example: Example, sample: number) =>
      options.augment?.(example, new Random(seedOf(seed, -1, sample))) ?? example;
    let index = 0;
    for await (const runs of ahead(steps, (step) => loadStep(data, step, change), most)) {
      if (signal?.aborted === true) return undefined;
      const { loss } = await trainer.step(runs, rateAt(++index, steps.length, rate));
      onEvent?.({ kind: 'rate', rate, done: done * steps.length + index, of: MOST_TRIED * steps.length });
      if (Number.isNaN(loss)) return { rate, loss: null };
    }
    let loss = 0;
    for await (const example of ahead(by, (sample) => source.load(sample), most)) {
      loss += (await trainer.answer([example])).loss / by.length;
    }
    return { rate, loss: Number.isFinite(loss) ? loss : null };
  };

  const tried: TriedRate[] = [];
  const add = async (rate: number): Promise<boolean> => {
    const facts = await attempt(rate, tried.length);
    if (facts === undefined) return false;
    tried.push(facts);
    onEvent?.({ kind: 'tried', facts });
    return true;
  };
  onEvent?.({ kind: 'phase', phase: 'rate', done: 0, of: MOST_TRIED * steps.length, epoch: 0 });
  for (const rate of FIRST) if (!(await add(rate))) return undefined;
  while (tried.length < MOST_TRIED) {
    const best = bestOf(tried);
    const rates = tried.map(({ rate }) => rate);
    const [least, most] = [Math.min(...rates), Math.max(...rates)];
    // Where hardly anything was learned, the smallest is as good as any, and yet the largest shows the way.
    const leads = best?.rate === least ? lowestOf(tried)?.rate : best?.rate;
    const next =
      leads === undefined || leads === least ? nextRate(least, -1) : leads === most ? nextRate(most, 1) : undefined;
    if (next === undefined || next < SMALLEST || next > LARGEST) break;
    if (!(await add(next))) return undefined;
  }
  trainer.restore({ theta: start });
  const best = bestOf(tried);
  if (best === undefined) {
    throw new GnSwapError('invalid-data', `the loss is not a finite number at any rate from ${SMALLEST} on`, {
      node: '--lr',
      remedy: 'Check how inputs are read (--mean, --std, --preset), and the labels',
    });
  }
  return { rate: best.rate, tried: tried.toSorted((a, b) => a.rate - b.rate) };
}

/** The smallest rate that is about as good as the best. */
function bestOf(tried: readonly TriedRate[]): TriedRate | undefined {
  const good = tried.filter(({ loss }) => loss !== null).toSorted((a, b) => a.rate - b.rate);
  let best = good[0];
  // Losses of one's own may be negative.
  const clearly = (loss: number) => (loss < 0 ? loss / CLEARLY : CLEARLY * loss);
  for (const it of good) if ((it.loss as number) < clearly(best?.loss as number)) best = it;
  return best;
}

/** Of the lowest loss, the largest rate of these. */
function lowestOf(tried: readonly TriedRate[]): TriedRate | undefined {
  let lowest: TriedRate | undefined;
  for (const it of tried.toSorted((a, b) => a.rate - b.rate)) {
    if (it.loss !== null && it.loss <= (lowest?.loss ?? Number.POSITIVE_INFINITY)) lowest = it;
  }
  return lowest;
}

/** 1, 3, 10, 30 …, up or down. */
function nextRate(rate: number, direction: 1 | -1): number {
  const isThree = Math.abs(Math.log10(rate / 3) - Math.round(Math.log10(rate / 3))) < 1e-6;
  const factor = direction === 1 ? (isThree ? 10 / 3 : 3) : isThree ? 1 / 3 : 0.3;
  return Number((rate * factor).toPrecision(1));
}
