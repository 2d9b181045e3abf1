/** Epochs: steps over training samples, a score on held-out ones, the best parameters kept. */
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import { Random } from '../inputs/random.ts';
import type { Values } from '../runtime/session.ts';
import { ahead, loadStep, samplesOf, seedOf, stepsOf } from './batches.ts';
import type { EpochFacts, FitOptions, FitState, Fitted, TriedRate } from './fit-types.ts';
import { findRate } from './rate.ts';
import { rateAt } from './schedule.ts';
import { Trace } from './trace.ts';
import type { Trainer } from './trainer.ts';
import type { PreparedTask, Score } from './types.ts';

/** How held-out samples are gone through. A signal ends it early, with a score that means nothing. */
interface Watch {
  readonly most: number | undefined;
  readonly signal: AbortSignal | undefined;
  onSample(done: number): void;
}

/** Scores a model as the trainer has it now. */
async function evaluate(
  trainer: Trainer,
  task: PreparedTask,
  data: LabelledData,
  { most, signal, onSample }: Watch,
): Promise<{ loss: number; score: Score }> {
  const scorer = task.scorer();
  let [loss, done] = [0, 0];
  onSample(done);
  for await (const example of ahead(samplesOf(data), (sample) => data.load(sample), most)) {
    if (signal?.aborted === true) break;
    const answered = await trainer.answer([example]);
    loss += answered.loss / data.count;
    await scorer.add(answered.outputs, [example]);
    onSample(++done);
  }
  return { loss, score: scorer.result() };
}

/**
 * Trains, and keeps the parameters of the best epoch: by score, equal ones by loss; without held-out samples, the last.
 *
 * @throws GnSwapError `invalid-arguments` if no rate gives finite losses
 */
export async function runEpochs(
  trainer: Trainer,
  task: PreparedTask,
  data: LabelledData,
  options: FitOptions,
): Promise<Fitted> {
  const run = new Fit(trainer, task, data, options);
  const start = trainer.parametersNow();
  if (await run.begin()) return run.go();
  // Steps of a trial are not steps of the run.
  trainer.restore({ theta: start });
  return run.result('interrupted');
}

/** What came of the steps of an epoch. */
interface Trained {
  readonly loss: number | null;
  readonly score: number | null;
}

class Fit {
  readonly #trainer: Trainer;
  readonly #task: PreparedTask;
  readonly #data: LabelledData;
  readonly #options: FitOptions;
  #history: EpochFacts[] = [];
  #best: Float32Array = new Float32Array();
  #bestEpoch = 0;
  #rate = 0;
  #tried: readonly TriedRate[] = [];
  #trace: Trace;

  constructor(trainer: Trainer, task: PreparedTask, data: LabelledData, options: FitOptions) {
    this.#trainer = trainer;
    this.#task = task;
    this.#data = data;
    this.#options = options;
    const { epochs, seed, resume } = options;
    this.#trace = new Trace(epochs * stepsOf(data, samplesOf(data), options, seed).length, resume?.trace);
  }

  /** The state of the last epoch, or the score before training and the rate. @returns false, with no epoch, if a signal ended that */
  async begin(): Promise<boolean> {
    const { resume, rate, signal } = this.#options;
    if (resume !== undefined) {
      this.#trainer.restore(resume.trainer);
      this.#history = [...resume.history];
      this.#best = resume.best;
      this.#bestEpoch = resume.bestEpoch;
      this.#rate = resume.rate;
      this.#tried = resume.tried;
      return true;
    }
    this.#best = this.#trainer.parametersNow();
    const before = await this.#held(0, { loss: null, score: null }, signal);
    if (signal?.aborted === true) return false;
    const found = rate === 'auto' ? await findRate(this.#trainer, this.#data, this.#options) : { rate, tried: [] };
    if (found === undefined) return false;
    this.#history.push(before);
    this.#rate = found.rate;
    this.#tried = found.tried;
    await this.#options.onEpoch?.(this.#state());
    return true;
  }

  async go(): Promise<Fitted> {
    const { epochs, patience, signal, onEvent, onEpoch } = this.#options;
    // A run whose patience had ended was stopped before its file was there: it only has to be written.
    let stopped: Fitted['stopped'] = this.#isOver(patience) ? 'patience' : undefined;
    for (let epoch = this.#history.length; epoch <= epochs && stopped === undefined; epoch++) {
      const trained = await this.#epoch(epoch);
      if ('stopped' in trained) {
        stopped = trained.stopped;
        break;
      }
      const facts = await this.#held(epoch, trained);
      const isBest = this.#isBetter(facts);
      this.#history.push(facts);
      if (isBest) {
        this.#best = this.#trainer.parametersNow();
        this.#bestEpoch = epoch;
      }
      onEvent?.({ kind: 'epoch', facts, isBest });
      await onEpoch?.(this.#state());
      if (this.#isOver(patience)) stopped = 'patience';
      if (signal?.aborted === true) stopped = 'interrupted';
    }
    return this.result(stopped);
  }

  #isOver(patience: number): boolean {
    const epoch = this.#history.length - 1;
    return epoch > 0 && epoch - this.#bestEpoch >= patience;
  }

  result(stopped: Fitted['stopped']): Fitted {
    return {
      history: this.#history,
      trace: this.#trace.points(),
      bestEpoch: this.#bestEpoch,
      best: this.#best,
      rate: this.#rate,
      tried: this.#tried,
      steps: this.#trainer.steps,
      stopped,
    };
  }

  /** One pass over the training samples; its mean loss and, where that takes no time, its score. */
  async #epoch(epoch: number): Promise<Trained | { stopped: NonNullable<Fitted['stopped']> }> {
    const { seed, epochs, ahead: most, augment, signal, onEvent } = this.#options;
    const plan = stepsOf(this.#data, samplesOf(this.#data), this.#options, seedOf(seed, epoch));
    const total = plan.length * epochs;
    const change = (example: Example, sample: number) =>
      augment === undefined ? example : augment(example, new Random(seedOf(seed, epoch, sample)));
    let [loss, samples] = [0, 0];
    const pace = new Pace();
    const scorer = this.#task.scoresSteps === true ? this.#task.scorer() : undefined;
    const seen = scorer && ((outputs: Values, run: readonly Example[]) => scorer.add(outputs, run));
    for await (const runs of ahead(plan, (step) => loadStep(this.#data, step, change), most)) {
      if (signal?.aborted === true) return { stopped: 'interrupted' };
      const step = this.#trainer.steps + 1;
      const rate = rateAt(step, total, this.#rate);
      const stepped = await this.#trainer.step(runs, rate, seen);
      if (Number.isNaN(stepped.loss)) return { stopped: { notFinite: step } };
      const count = runs.reduce((sum, run) => sum + run.length, 0);
      loss += stepped.loss * count;
      samples += count;
      this.#trace.add({ step, loss: stepped.loss, rate });
      const perSecond = pace.add(count);
      const left = ((total - step) * count) / perSecond;
      onEvent?.({ kind: 'step', epoch, step, steps: total, loss: loss / samples, rate, perSecond, left });
    }
    if (!this.#trainer.isFinite()) return { stopped: { notFinite: this.#trainer.steps } };
    return { loss: loss / samples, score: scorer?.result().value ?? null };
  }

  /** @param signal ends it early: behind an epoch it does not, as the score says whether the epoch is kept */
  async #held(
    epoch: number,
    { loss: trainLoss, score: trainScore }: Trained,
    signal?: AbortSignal,
  ): Promise<EpochFacts> {
    const { held, ahead: most, onEvent } = this.#options;
    const facts = { epoch, steps: this.#trainer.steps, trainLoss, trainScore };
    if (held === undefined || held.count === 0) return { ...facts, loss: null, score: null };
    const onSample = (done: number) => onEvent?.({ kind: 'phase', phase: 'held', done, of: held.count, epoch });
    const { loss, score } = await evaluate(this.#trainer, this.#task, held, { most, signal, onSample });
    // As a saved state has them, so that a run that goes on compares the same numbers.
    const finite = (value: number | undefined) => (Number.isFinite(value) ? (value as number) : null);
    return { ...facts, loss: finite(loss), score: finite(score.value) };
  }

  #isBetter({ score, loss }: EpochFacts): boolean {
    if (this.#options.fresh === true && this.#bestEpoch === 0) return true;
    const { held } = this.#options;
    const best = this.#history[this.#bestEpoch];
    if (best === undefined || held === undefined || held.count === 0) return true;
    // What is not a number is worse than any that is. Of answers that are NaN the first class is the largest, and may happen to be right.
    if ((loss === null) !== (best.loss === null)) return best.loss === null;
    const scores = [score, best.score].map((it) => it ?? Number.NEGATIVE_INFINITY) as [number, number];
    return scores[0] > scores[1] || (scores[0] === scores[1] && loss !== null && loss < (best.loss as number));
  }

  #state(): FitState {
    return {
      trainer: this.#trainer.state(),
      best: this.#best,
      bestEpoch: this.#bestEpoch,
      history: this.#history,
      trace: this.#trace.points(),
      rate: this.#rate,
      tried: this.#tried,
    };
  }
}

/** Samples a second over the last half minute or so. */
class Pace {
  #started = performance.now();
  #samples = 0;

  add(samples: number): number {
    this.#samples += samples;
    const seconds = (performance.now() - this.#started) / 1000;
    const perSecond = this.#samples / Math.max(seconds, 1e-3);
    if (seconds > 30) {
      this.#started += (seconds * 1000) / 2;
      this.#samples /= 2;
    }
    return perSecond;
  }
}
