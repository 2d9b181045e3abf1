/**
 * Which of several solutions of a calibration is taken: the one that keeps most of the source's behaviour on inputs that it was
 * not solved on, so that calibrating is never worse than not.
 */
import type { Calibration, SolvedPlan } from '../calibrate/calibration.ts';
import { comparedOn, ROOM } from '../calibrate/index.ts';
import { isOutOfReach } from '../calibrate/twin.ts';
import type { Search } from '../find/index.ts';
import { float32Twin } from '../graph/float32.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { HeldOut, type HeldOutOptions } from '../measure/held-out.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import type { Model } from '../onnx/model.ts';
import { Variants } from '../rewrite/variants.ts';
import { lacksKernel } from '../runtime/session.ts';
import { mayBeTaken, prefer, type Trial } from './prefer.ts';

/** How {@link chooseSolution} goes about it. */
export interface ChooseOptions {
  readonly data: Dataset;
  readonly memory?: number | undefined;
  readonly tasks?: TaskOptions | undefined;
  onProgress?(step: string, done: number, of: number): void;
}

/** Of the inputs solved on, so many are left out at a time. */
const LEFT_OUT = 1 / 3;

/** Compares the candidates of a calibration, and returns it with the plan of the best; as it is if there is nothing to compare. */
export async function chooseSolution(
  { model }: Search,
  calibration: Calibration,
  options: ChooseOptions,
): Promise<Calibration> {
  const { candidates = [] } = calibration;
  if (candidates.length < 2) return calibration;
  const parts = partsOf(calibration);
  const { bytes, answers } = calibration;
  const judge = (inTypes: (it: Model) => Model) =>
    trialsOf(inTypes, model, candidates, parts, { ...options, bytes, answers });
  const isReadable = !isOutOfReach(model, calibration.plan.sites);
  const trials = await judge(isReadable ? (it) => it : float32Twin).catch((error: unknown) => {
    if (isReadable && lacksKernel(error)) return judge(float32Twin);
    throw error;
  });
  const { solver, why } = prefer(trials);
  const plan = (candidates.find((it) => it.solver === solver) as SolvedPlan).solve();
  const kept = trials.map((it) => ({ solver: it.solver, kept: it.kept }));
  return { ...calibration, plan, choice: { solver, why, kept, samples: parts.flat().length } };
}

/** The held-out samples, then parts of those that were solved on. */
function partsOf({ heldOut, solvedOn }: Calibration): number[][] {
  const others = comparedOn({ heldOut, solvedOn }).slice(heldOut.length);
  const size = Math.max(1, Math.ceil(solvedOn.length * LEFT_OUT));
  const parts = Array.from({ length: Math.ceil(others.length / size) }, (_, index) =>
    others.slice(index * size, (index + 1) * size),
  );
  return [[...heldOut], ...parts];
}

async function trialsOf(
  inTypes: (model: Model) => Model,
  model: Model,
  candidates: readonly SolvedPlan[],
  parts: readonly (readonly number[])[],
  { data, memory, tasks, bytes, answers, onProgress }: ChooseOptions & Pick<HeldOutOptions, 'bytes' | 'answers'>,
): Promise<Trial[]> {
  const source = inTypes(inInferenceMode(model));
  const judge = await HeldOut.inParts(source, data, parts, { memory, tasks, bytes, answers, brief: true }, ROOM);
  const variants = new Variants(model, inTypes);
  const trials: Trial[] = [];
  try {
    for (const [index, { solver, solve, without }] of candidates.entries()) {
      if (!mayBeTaken(solver, trials)) continue;
      onProgress?.('compare solutions', index, candidates.length);
      const own = parts.map((samples, part) =>
        variants.of(part === 0 || without === undefined ? solve() : without(samples)),
      );
      const { kept, each } = await judge.compareParts(source, own, true);
      trials.push({ solver, kept: kept.kept, each, tasks: kept.tasks.map(({ task }) => task) });
    }
  } finally {
    await judge.close();
  }
  return trials;
}
