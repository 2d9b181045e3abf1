/**
 * What a model answered in runs that were made for something else, sample by sample, so that it is not run for it again.
 *
 * 1. Rows of an output must be those of the samples, in their order. Where the data decide how many there are, nothing tells whose they are.
 * 2. Of one sample alone nothing tells whether an output has a row a sample.
 */
import { batchOf, join } from '../inputs/batch.ts';
import { sizeOf, takeSamples } from '../inputs/generated.ts';
import type { Run } from '../inputs/runs.ts';
import type { Model } from '../onnx/model.ts';
import type { Value, Values } from '../runtime/session.ts';
import { Evidence } from './evidence.ts';
import { samplesFirst, type Turn } from './samples-first.ts';

/** Of a number at most. */
const BYTES = 8;

/** Answers of one model to the samples that are wanted. */
export class KnownAnswers {
  readonly model: Model;
  readonly wanted: readonly number[];
  /** Names of the outputs to fetch; none where nothing can be known (1). */
  readonly outputs: readonly string[];
  readonly #turn: Turn;
  /** Samples that a run must have, at least. */
  readonly #fewest: number;
  readonly #rows = new Map<number, Values>();
  #room: number;

  /**
   * @param wanted samples whose answers are worth keeping
   * @param room bytes that they may take
   */
  constructor(model: Model, wanted: readonly number[], room: number) {
    const evidence = new Evidence(model);
    this.model = model;
    this.wanted = wanted;
    this.outputs = evidence.outputs.some((name) => evidence.selects(name)) ? [] : evidence.outputs;
    this.#turn = samplesFirst(model);
    // (2)
    this.#fewest = batchOf(model).size ?? 2;
    this.#room = room;
  }

  /** Keeps what a run answered to samples that are wanted, as far as it tells. */
  add(results: Values, { samples, count }: Run): void {
    if (this.outputs.length === 0 || samples.length < this.#fewest) return;
    const own = this.outputs.flatMap((name): [string, Value][] => {
      const value = results[name];
      return value === undefined ? [] : [[name, value]];
    });
    const turned = this.#turn(Object.fromEntries(own), samples.length);
    // (1)
    if (own.length === 0 || Object.values(turned).some(({ dims }) => dims[0] !== samples.length)) return;
    for (const [index, sample] of samples.slice(0, count).entries()) {
      if (!this.wanted.includes(sample) || this.#rows.has(sample)) continue;
      const row = takeSamples(turned, samples.length, index, index + 1);
      this.#room -= Object.values(row).reduce((sum, value) => sum + BYTES * sizeOf(value), 0);
      if (this.#room < 0) return;
      this.#rows.set(sample, row);
    }
  }

  /** Of these samples, those that are wanted and not known. */
  missing(samples: readonly number[]): number[] {
    return this.outputs.length === 0 ? [] : samples.filter((it) => this.wanted.includes(it) && !this.#rows.has(it));
  }

  /** What the samples of a run that count were answered; undefined if one is not known. */
  of({ samples, count }: Run): Values | undefined {
    const rows: Values[] = [];
    for (const sample of samples.slice(0, count)) {
      const row = this.#rows.get(sample);
      if (row === undefined) return undefined;
      rows.push(row);
    }
    const names = Object.keys(rows[0] ?? {});
    return Object.fromEntries(names.map((name) => [name, join(rows.map((row) => row[name] as Value))]));
  }
}
