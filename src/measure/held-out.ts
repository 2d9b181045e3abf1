/** How a rewritten model answers on samples that nothing was solved on, next to its source. */

import { inOrder } from '../graph/order.ts';
import { batchOf, joinSamples, loadSamples } from '../inputs/batch.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { sizeOf, takeSamples } from '../inputs/generated.ts';
import { type Run, type RunLimits, runsFor, samplesByKey, WORTH_OPTIMIZING } from '../inputs/runs.ts';
import { sampleMemory } from '../inputs/sample-memory.ts';
import { withSizes } from '../inputs/sized.ts';
import type { Model } from '../onnx/model.ts';
import type { Variant } from '../rewrite/variants.ts';
import { LastSession } from '../runtime/last-session.ts';
import { type Session, type SessionSettings, type Value, type Values, withSession } from '../runtime/session.ts';
import { type Drift, DriftMeter } from './drift.ts';
import { type Kept, KeptMeter } from './kept.ts';
import type { KnownAnswers } from './known-answers.ts';
import { samplesFirst, type Turn } from './samples-first.ts';
import type { TaskOptions } from './tasks/types.ts';

/** {@link RunLimits}, and how the runtime goes about both models. */
export interface HeldOutOptions extends RunLimits {
  readonly settings?: SessionSettings | undefined;
  /** Whether graphs are optimised only if the samples are so many or so large that it is worth its time. */
  readonly brief?: boolean | undefined;
  /** Bytes of all values of the source for one sample, by its key, as far as they are known; others are measured. */
  readonly bytes?: ReadonlyMap<string, number> | undefined;
  /** What the source answered before, if that was in a graph that was not optimised either. */
  readonly answers?: KnownAnswers | undefined;
  /** What the outputs are used for, where the caller says so. */
  readonly tasks?: TaskOptions | undefined;
}

/** How far the answers of a rewritten model are from the source's, and how much of what they are used for is kept. */
export interface Compared {
  readonly drift: readonly Drift[];
  readonly kept: Kept;
  /** What is kept on each sample by itself, in the order of the parts; `null` where one alone tells nothing. */
  readonly each: readonly (number | null)[];
}

/**
 * Runs both models over the samples.
 *
 * @param source in inference mode, and as the other in types that the runtime computes
 */
export async function compareHeldOut(
  source: Model,
  rewritten: Model,
  data: Dataset,
  samples: readonly number[],
  options: HeldOutOptions,
): Promise<Compared> {
  const heldOut = await HeldOut.of(source, data, samples, options);
  return heldOut.compare(source, rewritten);
}

/** Of sessions that run a few samples: see {@link HeldOutOptions.brief}. */
const BRIEF: SessionSettings = { optimize: false, spin: 'briefly' };

/** Samples that several rewritten models are measured on; the source's answers are kept where there is room for them. */
export class HeldOut {
  readonly #model: Model;
  readonly #turn: Turn;
  readonly #data: Dataset;
  /** By part. */
  readonly #runs: readonly (readonly Run[])[];
  readonly #settings: SessionSettings;
  readonly #tasks: TaskOptions;
  readonly #answers = new Map<Run, Values>();
  #room: number;
  /** The rewritten model that was run last; the next may be the same one. */
  readonly #last: LastSession;
  /** Inputs of a run, where those of all are of one size and graphs are not optimised. */
  readonly #sizes: Values | undefined;

  private constructor(
    model: Model,
    data: Dataset,
    runs: readonly (readonly Run[])[],
    { settings = {}, tasks = {} }: Pick<HeldOutOptions, 'settings' | 'tasks'>,
    room: number,
    sizes: Values | undefined,
  ) {
    this.#model = model;
    this.#turn = samplesFirst(model);
    this.#data = data;
    this.#runs = runs;
    // Memory that a session kept would not be there for the other's runs.
    this.#settings = { ...settings, keepMemory: false };
    this.#last = new LastSession(this.#settings);
    this.#tasks = tasks;
    this.#room = room;
    this.#sizes = sizes;
  }

  /**
   * @param model of the source, in types that the runtime computes
   * @param room bytes that answers of the source may take
   */
  static of(
    model: Model,
    data: Dataset,
    samples: readonly number[],
    options: HeldOutOptions,
    room = 0,
  ): Promise<HeldOut> {
    return HeldOut.inParts(model, data, [samples], options, room);
  }

  /** {@link of}, for samples in parts, each of which is run on a rewritten model of its own. */
  static async inParts(
    model: Model,
    data: Dataset,
    parts: readonly (readonly number[])[],
    { memory, settings, brief = false, bytes: known, answers, tasks }: HeldOutOptions,
    room = 0,
  ): Promise<HeldOut> {
    // Shapes are asked for by nodes behind the model's, which the runtime takes only in order.
    const keys = [...samplesByKey(data, parts.flat()).keys()];
    const isKnown = known !== undefined && keys.every((key) => known.has(key));
    const bytes = isKnown ? known : await sampleMemory(inOrder(model).model, data, parts.flat());
    // Of rows that depend on the data nothing else tells whose they are.
    const size = batchOf(model).size ?? (new KeptMeter(model).runsAlone() ? 1 : undefined);
    const runs = parts.map((samples) =>
      [...samplesByKey(data, samples)].flatMap(([key, list]) => runsFor(list, size, bytes.get(key) ?? 1, memory)),
    );
    const most = Math.max(...bytes.values());
    const values = parts.flat().reduce((sum, sample) => sum + (bytes.get(data.keyOf(sample)) ?? most), 0);
    const isBrief = brief && values <= WORTH_OPTIMIZING;
    if (!isBrief) return new HeldOut(model, data, runs, { settings, tasks }, room, undefined);
    const [first] = runs.flat();
    const sizes = first && keys.length === 1 ? await loadSamples(model, data, first.samples) : undefined;
    const heldOut = new HeldOut(model, data, runs, { settings: { ...settings, ...BRIEF }, tasks }, room, sizes);
    for (const run of runs.flat()) heldOut.#keep(run, answers?.model === model ? answers.of(run) : undefined);
    return heldOut;
  }

  /** @param source run where some of its answers are not kept */
  async compare(source: Model, rewritten: Model): Promise<Compared> {
    try {
      return await this.compareParts(
        source,
        this.#runs.map(() => ({ model: rewritten, feeds: {} })),
      );
    } finally {
      await this.close();
    }
  }

  /**
   * {@link compare}, for a rewritten model for each part. The last one stays open for the next call, until {@link close}.
   *
   * @param alone whether to tell what is kept on each sample, too
   */
  async compareParts(source: Model, rewritten: readonly Variant[], alone = false): Promise<Compared> {
    const meters: Meters = {
      drift: new Map<string, DriftMeter>(),
      kept: new KeptMeter(this.#model, this.#tasks),
      each: alone ? [] : undefined,
    };
    const compare = async (before?: Session) => {
      for (const [part, runs] of this.#runs.entries()) {
        if (runs.length === 0) continue;
        const { model, feeds } = rewritten[part] as Variant;
        const after = await this.#last.of(this.#sizes === undefined ? model : withSizes(model, this.#sizes), model);
        for (const run of runs) await this.#add(run, before, { after, feeds }, meters);
      }
    };
    if (this.#runs.flat().every((run) => this.#answers.has(run))) await compare();
    else await withSession(source, compare, this.#settings);
    const drift = [...meters.drift.values()].map((meter) => meter.result()).filter((it) => it !== undefined);
    return { drift, kept: meters.kept.result(), each: meters.each ?? [] };
  }

  /** Frees the rewritten model that was run last. */
  close(): Promise<void> {
    return this.#last.close();
  }

  async #add(
    run: Run,
    before: Session | undefined,
    { after, feeds }: { readonly after: Session; readonly feeds: Values },
    { drift, kept, each }: Meters,
  ): Promise<void> {
    const inputs = await loadSamples(this.#model, this.#data, run.samples);
    const own = (values: Values) =>
      takeSamples(this.#turn(values, run.samples.length), run.samples.length, 0, run.count);
    const rewritten = own(await after.run({ ...inputs, ...feeds }));
    const source = this.#answers.get(run) ?? own((await before?.run(inputs)) ?? {});
    this.#keep(run, source);
    for (const [name, value] of Object.entries(source)) {
      const meter = drift.get(name) ?? new DriftMeter(name);
      drift.set(name, meter);
      meter.add(value, rewritten[name] as Value);
    }
    kept.add({ inputs, source, rewritten }, run.count);
    for (let index = 0; each !== undefined && index < run.count; index++) {
      const meter = kept.fresh();
      const of = (values: Values, count: number) => takeSamples(values, count, index, index + 1);
      const answers = { source: of(source, run.count), rewritten: of(rewritten, run.count) };
      meter.add({ inputs: of(inputs, run.samples.length), ...answers }, 1);
      each.push(meter.result().kept);
    }
  }

  #keep(run: Run, answers: Values | undefined): void {
    if (answers === undefined || this.#answers.has(run)) return;
    const bytes = Object.values(answers).reduce((sum, value) => sum + BYTES * sizeOf(value), 0);
    if (bytes > this.#room) return;
    this.#room -= bytes;
    this.#answers.set(run, answers);
  }
}

interface Meters {
  readonly drift: Map<string, DriftMeter>;
  readonly kept: KeptMeter;
  readonly each: (number | null)[] | undefined;
}

/** Of a number at most. */
const BYTES = 8;

/** Inputs to check sites on, as they were given: the first two samples that may share a run, or as many as the model's batch is. */
export async function siteInputs(model: Model, data: Dataset, samples: readonly number[]): Promise<Values> {
  const [first = 0] = samples;
  const alike = samples.filter((sample) => data.keyOf(sample) === data.keyOf(first));
  const count = batchOf(model).size ?? Math.min(2, alike.length);
  const chosen = Array.from({ length: count }, (_, index) => alike[index % alike.length] as number);
  return joinSamples(model, data, chosen);
}
