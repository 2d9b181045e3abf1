/**
 * Which of several solutions of a calibration is taken: the one that keeps most of the source's behaviour on inputs that it was
 * not solved on, so that calibrating is never worse than not.
 */
import type { Calibration, SolvedPlan, Solver } from '../calibrate/calibration.ts';
import { isOutOfReach } from '../calibrate/twin.ts';
import type { Search } from '../find/index.ts';
import { float32Twin } from '../graph/float32.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { HeldOut } from '../measure/held-out.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import type { Model } from '../onnx/model.ts';
import { rewrite } from '../rewrite/index.ts';
import { lacksKernel } from '../runtime/session.ts';

/** How {@link chooseSolution} goes about it. */
export interface ChooseOptions {
  readonly data: Dataset;
  readonly memory?: number | undefined;
  readonly tasks?: TaskOptions | undefined;
  onProgress?(step: string, done: number, of: number): void;
}

/**
 * So few held-out inputs hold too few boxes or classes to tell solutions apart, so some that were solved on are taken too: a line of
 * two numbers a channel hardly learns them by heart.
 */
const SAMPLES = 16;
/** Bytes that answers of the source may take, so that it runs once. */
const ROOM = 256 << 20;

/** Compares the candidates of a calibration, and returns it with the plan of the best; as it is if there is nothing to compare. */
export async function chooseSolution(
  { model }: Search,
  calibration: Calibration,
  options: ChooseOptions,
): Promise<Calibration> {
  const { candidates = [], heldOut, solvedOn } = calibration;
  if (candidates.length < 2) return calibration;
  const samples = [...heldOut, ...solvedOn.slice(0, Math.max(0, SAMPLES - heldOut.length))];
  const judge = (inTypes: (it: Model) => Model) => keptOfEach(inTypes, model, candidates, samples, options);
  const isReadable = !isOutOfReach(model, calibration.plan.sites);
  const kept = await judge(isReadable ? (it) => it : float32Twin).catch((error: unknown) => {
    if (isReadable && lacksKernel(error)) return judge(float32Twin);
    throw error;
  });
  const best = bestOf(kept);
  const { plan } = candidates.find(({ solver }) => solver === best) as SolvedPlan;
  return { ...calibration, plan, choice: { solver: best, kept, samples: samples.length } };
}

async function keptOfEach(
  inTypes: (model: Model) => Model,
  model: Model,
  candidates: readonly SolvedPlan[],
  samples: readonly number[],
  { data, memory, tasks, onProgress }: ChooseOptions,
) {
  const source = inTypes(inInferenceMode(model));
  const judge = await HeldOut.of(source, data, samples, { memory, tasks }, ROOM);
  const kept: { solver: Solver; kept: number | null }[] = [];
  for (const { solver, plan } of candidates) {
    onProgress?.('compare solutions', kept.length, candidates.length);
    const rewritten = inTypes(rewrite(model, plan).model);
    kept.push({ solver, kept: (await judge.compare(source, rewritten)).kept.kept });
  }
  return kept;
}

/** Of equals the first. */
function bestOf(kept: readonly { readonly solver: Solver; readonly kept: number | null }[]): Solver {
  const figure = (it: { readonly kept: number | null }) => it.kept ?? Number.NEGATIVE_INFINITY;
  return kept.reduce((best, it) => (figure(it) > figure(best) ? it : best)).solver;
}
