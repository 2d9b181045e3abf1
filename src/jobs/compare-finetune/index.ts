/**
 * Trains a model in each of several ways on the same samples, and says which pays: frozen BatchNormalization or training mode, other norms, or
 * no training at all. Every way gets the same number of samples, the same search of a rate, and the same samples to be measured on, which
 * choose nothing.
 */
import { GnSwapError } from '../../errors.ts';
import { splitShare } from '../../inputs/labelled/split.ts';
import type { LabelledData } from '../../inputs/labelled/types.ts';
import { once } from '../../once.ts';
import type { Model } from '../../onnx/model.ts';
import { takesBatches } from '../../train/confirm.ts';
import type { FitEvent } from '../../train/fit-types.ts';
import { plural } from '../../words.ts';
import { finetune } from '../finetune.ts';
import { inputsOf, keptAs, modelOf } from './make.ts';
import { recommend, untrainedNote } from './recommend.ts';
import { ROWS, type Row, type RowName, rowNamed, USUAL_ROWS } from './rows.ts';
import type { ComparedRow, ComparedTraining, CompareFinetuneOptions, TrainingRun } from './types.ts';

/** Defaults, short enough to be run before a decision. */
const [EPOCHS, SEEDS, SAMPLES] = [3, 3, 64] as const;

/** What is the model's or the row's fault, so that other rows may do; not the data's or the machine's. */
const REFUSALS = new Set([
  'invalid-arguments',
  'nothing-to-swap',
  'unsupported-model',
  'refused',
  'runtime-failed',
  'verification-failed',
]);

/**
 * Compares rows by training.
 *
 * @param data what is trained on
 * @returns with the runs so far if a signal ended it
 * @throws GnSwapError `invalid-data` if there are too few samples, and what `finetune` throws if no row can be trained
 */
export async function compareFinetune(
  model: Model,
  data: LabelledData,
  options: CompareFinetuneOptions,
): Promise<ComparedTraining> {
  return new Comparison(model, data, options).run();
}

class Comparison {
  readonly #model: Model;
  readonly #data: LabelledData;
  readonly #options: CompareFinetuneOptions;
  readonly #batches: readonly number[];
  readonly #seeds: readonly number[];
  /** Rows that train, the source's first: it also tells what the model scores without training. */
  readonly #rows: readonly Row[];
  readonly #wanted: ReadonlySet<RowName>;
  readonly #held: { readonly choose: LabelledData; readonly measure: LabelledData };
  readonly #runs: TrainingRun[] = [];
  /** By row and batch: a batch may be too large where a smaller one is not. */
  readonly #refused = new Map<string, GnSwapError>();

  constructor(model: Model, data: LabelledData, options: CompareFinetuneOptions) {
    const { rows = USUAL_ROWS, batches = [1], seeds = SEEDS, seed = 0, held, test } = options;
    this.#model = model;
    this.#data = data;
    this.#options = options;
    this.#batches = batches;
    this.#seeds = Array.from({ length: seeds }, (_, index) => seed + index);
    this.#wanted = new Set(rows);
    const needsSource = this.#wanted.has('none') && !this.#wanted.has('bn-train');
    this.#rows = ROWS.filter(
      ({ name, kind }) => kind !== 'none' && (this.#wanted.has(name) || (name === 'bn-frozen' && needsSource)),
    );
    this.#held = test === undefined ? halves(held, seed) : { choose: held, measure: test };
  }

  async run(): Promise<ComparedTraining> {
    const { signal } = this.#options;
    for (const [index, row] of this.#rows.entries()) {
      if (signal?.aborted === true) break;
      const make = once(() => this.#make(row));
      for (const [place, batch] of this.#batches.entries()) {
        try {
          await this.#train(row, batch, index * this.#batches.length + place, make);
        } catch (error) {
          if (!(error instanceof GnSwapError) || !REFUSALS.has(error.code)) throw error;
          this.#refused.set(`${row.name} ${batch}`, error);
        }
      }
    }
    const [first] = this.#refused.values();
    if (this.#runs.length === 0 && first !== undefined) throw first;
    return this.#result();
  }

  /** @param before rows and batches that were trained, or refused, already */
  async #train(row: Row, batch: number, before: number, make: () => Promise<Model>): Promise<void> {
    const { known = [], signal, onProgress, onRun, rate = 'auto' } = this.#options;
    const each = this.#seeds.length;
    const all = this.#rows.length * this.#batches.length * each;
    let found: number | undefined;
    for (const [index, seed] of this.#seeds.entries()) {
      if (signal?.aborted === true) return;
      const done = before * each + index;
      const told = `${row.title}, batch ${batch}, seed ${seed}`;
      onProgress?.(told, done, all);
      const old = known.find((it) => it.row === row.name && it.batch === batch && it.seed === seed);
      const onEvent = (event: FitEvent) => {
        if (event.kind === 'epoch') onProgress?.(`${told}, epoch ${event.facts.epoch}`, done, all);
      };
      const run = old ?? (await this.#runOnce(row, await make(), batch, seed, found ?? rate, onEvent));
      if (run === undefined) return;
      found = run.rate;
      this.#runs.push(run);
      if (old === undefined) onRun?.(run);
    }
  }

  #make(row: Row): Promise<Model> {
    const { sites, groups, absorbAffine, include, exclude, seed, memory, samples = SAMPLES, calibrate } = this.#options;
    const inputs = calibrate ?? inputsOf(this.#data, samples, seed ?? 0);
    const tasks = { task: keptAs(this.#options.task, this.#options.lossOf) };
    const how = { sites, groups, absorbAffine, include, exclude, seed, memory, tasks };
    return modelOf(row, this.#model, how, inputs);
  }

  /** @returns undefined if a signal ended it */
  async #runOnce(
    row: Row,
    model: Model,
    batch: number,
    seed: number,
    rate: number | 'auto',
    onEvent: (event: FitEvent) => void,
  ): Promise<TrainingRun | undefined> {
    const { task, lossOf, losses, optimizer, weightDecay, clip, train, augment, head, oldClasses, detection } =
      this.#options;
    const { signal, memory } = this.#options;
    const { choose: held, measure: test } = this.#held;
    const epochs = this.#options.epochs ?? EPOCHS;
    const how = { lossOf, losses, optimizer, weightDecay, clip, train, augment, head, oldClasses, detection };
    const { facts } = await finetune(model, this.#data, {
      ...how,
      task,
      held,
      test,
      epochs,
      // The same samples for all: nobody ends early.
      patience: epochs + 1,
      batch,
      rate,
      seed,
      batchNorm: row.batchNorm,
      memory,
      signal,
      onEvent,
    });
    if (facts.stopped === 'interrupted') return undefined;
    const [before, after] = [facts.test?.before.value, facts.test?.after.value];
    if (before === undefined || after === undefined) throw unmeasured();
    const { measure, bestEpoch, steps, seconds, stopped } = facts;
    return { row: row.name, batch, seed, measure, before, after, rate: facts.rate, bestEpoch, steps, seconds, stopped };
  }

  #result(): ComparedTraining {
    const { task, epochs = EPOCHS, samples = SAMPLES, calibrate, signal } = this.#options;
    const { choose, measure } = this.#held;
    const name = this.#runs[0]?.measure ?? '';
    const rows = this.#batches.flatMap((batch) =>
      ROWS.filter((row) => this.#wanted.has(row.name)).map((row) => this.#rowOf(row, batch)),
    );
    const interrupted = signal?.aborted === true;
    const advice = interrupted
      ? []
      : this.#batches.flatMap((batch) => {
          const own = recommend(
            rows.filter((row) => row.batch === batch),
            name,
            measure.count,
          );
          return own === undefined ? [] : [{ batch, ...own }];
        });
    const isSplit = !takesBatches(this.#model) && this.#batches.some((batch) => batch > 1);
    const untrained = untrainedNote(
      rows.filter(({ batch }) => batch === this.#batches[0]),
      name,
    );
    const notes = [...(isSplit ? [SPLIT] : []), ...(untrained === undefined || interrupted ? [] : [untrained])];
    return {
      task,
      measure: name,
      samples: {
        train: this.#data.count,
        choose: choose.count,
        measure: measure.count,
        calibrate: calibrate?.count ?? Math.min(samples, this.#data.count),
      },
      epochs,
      seeds: this.#seeds.length,
      batches: this.#batches,
      rows,
      advice,
      runs: this.#runs,
      interrupted,
      notes,
    };
  }

  #rowOf(row: Row, batch: number): ComparedRow {
    const { name, title, kind } = row;
    if (kind === 'none') {
      // What the source scores is the same whatever trains it next; the classes of a new head begin anew with each seed.
      const source = this.#runs.filter((it) => it.batch === batch && rowNamed(it.row).kind === 'source');
      const of = source.filter((it) => it.row === source[0]?.row).map(({ before }) => before);
      const refused = of.length === 0 ? this.#refusedOf('bn-frozen', batch) : null;
      return { name, title, batch, before: meanOf(of), scores: of, rate: null, refused };
    }
    const own = this.#runs.filter((it) => it.row === name && it.batch === batch);
    return {
      name,
      title,
      batch,
      before: meanOf(own.map(({ before }) => before)),
      scores: own.map(({ after }) => after),
      rate: own[0]?.rate ?? null,
      refused: this.#refusedOf(name, batch),
    };
  }

  #refusedOf(name: RowName, batch: number): ComparedRow['refused'] {
    const error = this.#refused.get(`${name} ${batch}`);
    return error === undefined ? null : { reason: error.message, remedy: error.remedy };
  }
}

const SPLIT =
  'The file takes one sample at a time, so the samples of a batch are run one by one, and their gradients averaged';

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Fewer held-out samples than these can't both choose and measure. */
const FEWEST_HELD = 4;

function halves(held: LabelledData, seed: number) {
  if (held.count < FEWEST_HELD) {
    throw new GnSwapError(
      'invalid-data',
      `only ${plural(held.count, 'held-out sample')}; half choose a rate, half measure`,
      {
        remedy: 'Hold out more: --val 0.4, or a folder of their own',
        next: { set: { val: '0.4' } },
      },
    );
  }
  const { train: choose, val: measure } = splitShare(held, 0.5, seed);
  return { choose, measure };
}

function unmeasured(): GnSwapError {
  return new GnSwapError('invalid-data', 'nothing could be measured on the held-out samples', {
    remedy: 'Use labelled samples of the task: docs/data.md',
  });
}
