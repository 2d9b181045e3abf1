/** Judges a refinement: what a plan keeps of the source's behaviour on held-out inputs, and on inputs made from them where they are few. */
import { GnSwapError } from '../errors.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { HeldOut } from '../measure/held-out.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import { tellsLittle } from '../measure/tells-little.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import { isVariable, madeFrom } from '../train/refine/made-inputs.ts';

export interface JudgeOptions {
  readonly data: Dataset;
  readonly seed: number;
  readonly memory?: number | undefined;
  readonly tasks?: TaskOptions | undefined;
  onProgress?(step: string, done: number, of: number): void;
}

/** What a plan keeps. */
export interface Judged {
  /** From 0 to 1; `null` if too little was compared to tell. */
  readonly kept: number | null;
  /**
   * The same of each held-out input, with those made from it: they are views of one thing, so they count once. `null` if nothing was
   * found in any of them.
   */
  readonly each: readonly (number | null)[];
  /** Whether boxes are among what was compared. */
  readonly hasBoxes: boolean;
}

/** So few held-out inputs tell little, so more are made of them. */
const JUDGED = 32;
/** Bytes that answers of the source may take. */
const ROOM = 256 << 20;

export class RefineJudge {
  readonly #source: Model;
  readonly #model: Model;
  readonly #held: HeldOut;
  /** Samples by the held-out input that they come from. */
  readonly #parts: readonly (readonly number[])[];
  readonly #onProgress: JudgeOptions['onProgress'];

  private constructor(
    model: Model,
    held: HeldOut,
    parts: readonly (readonly number[])[],
    onProgress: JudgeOptions['onProgress'],
  ) {
    this.#source = inInferenceMode(model);
    this.#model = model;
    this.#held = held;
    this.#parts = parts;
    this.#onProgress = onProgress;
  }

  /** @param model the source, in types that the runtime computes */
  static async of(
    model: Model,
    heldOut: readonly number[],
    { data, seed, memory, tasks, onProgress }: JudgeOptions,
  ): Promise<RefineJudge> {
    const all = await judged(data, heldOut, seed);
    const samples = Array.from({ length: all.count }, (_, index) => index);
    const parts = heldOut.map((_, origin) => samples.filter((index) => index % heldOut.length === origin));
    const held = await HeldOut.inParts(inInferenceMode(model), all, parts, { memory, tasks }, ROOM);
    return new RefineJudge(model, held, parts, onProgress);
  }

  /** Inputs that plans are judged on, those made from the held-out ones included. */
  get samples(): number {
    return this.#parts.flat().length;
  }

  /** @param index 0 for what stood before, 1 for what was refined */
  async of(plan: Plan | undefined, index: number): Promise<Judged> {
    this.#onProgress?.('judge what was refined', index, 2);
    if (plan === undefined) throw new GnSwapError('internal', 'refined numbers do not fit float32');
    const { model } = rewrite(this.#model, plan);
    const variants = this.#parts.map(() => ({ model, feeds: {} }));
    const { kept, each } = await this.#held.compareParts(this.#source, variants, true);
    await this.#held.close();
    // Where too little was compared, the distance alone decides: a box more or less of three says nothing.
    return {
      kept: tellsLittle(kept) ? null : kept.kept,
      each: inParts(each, this.#parts).map(meanOf),
      hasBoxes: kept.tasks.some(({ task }) => task === 'detect'),
    };
  }
}

/** A list of figures, cut as the parts follow each other. */
function inParts<T>(list: readonly T[], parts: readonly (readonly number[])[]): T[][] {
  const rest = [...list];
  return parts.map(({ length }) => rest.splice(0, length));
}

function meanOf(list: readonly (number | null)[]): number | null {
  const known = list.filter((it) => it !== null);
  return known.length === 0 ? null : known.reduce((sum, it) => sum + it, 0) / known.length;
}

/** The held-out inputs, and inputs made from them where they are few: number i comes from the held-out input i modulo their count. */
async function judged(data: Dataset, heldOut: readonly number[], seed: number): Promise<Dataset> {
  const given = heldOut.length;
  const canBeMade = isVariable(await data.load(heldOut[0] as number));
  const count = canBeMade ? Math.max(JUDGED, given) : given;
  // Others than those that distances were measured on.
  const made = madeFrom(data, heldOut, Math.max(1, count - given), seed + 3);
  return {
    count,
    keyOf: (index) => (index < given ? data.keyOf(heldOut[index] as number) : made.keyOf(index - given)),
    load: (index) => (index < given ? data.load(heldOut[index] as number) : made.load(index - given)),
  };
}
