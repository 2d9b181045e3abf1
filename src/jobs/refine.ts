/** A calibrated plan → the same with γ and β refined, if that keeps no less of the source's behaviour on held-out inputs. */
import type { Calibration, Refinement } from '../calibrate/calibration.ts';
import { twinOf } from '../calibrate/twin.ts';
import type { Search } from '../find/index.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { differencesOf, isBeyondChance } from '../measure/chance.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { legalForms, overflow, type Plan, type SitePlan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import { type Refined, refine } from '../train/refine/index.ts';
import { type Judged, RefineJudge } from './refine-judge.ts';

/** How {@link refineSolution} goes about it. */
export interface RefineJobOptions {
  readonly data: Dataset;
  readonly steps: number;
  /** Highest learning rate. 4e-3. */
  readonly rate?: number | undefined;
  readonly seed: number;
  readonly memory?: number | undefined;
  readonly tasks?: TaskOptions | undefined;
  onProgress?(step: string, done: number, of: number): void;
}

/** Measured: docs/refine.md. */
const RATE = 4e-3;
/** Boxes that stand without data are left to them if fewer inputs were held out: two or three tell nothing of others. */
const FEWEST_FOR_BOXES = 5;
/** To what share the distance has to fall: a little less says nothing of other inputs (docs/measurements/refinement.md). */
const NEARER = 0.93;

/**
 * Refines γ and β of a calibration.
 *
 * @throws GnSwapError as `refine`
 */
export async function refineSolution(
  search: Search,
  calibration: Calibration,
  options: RefineJobOptions,
): Promise<Calibration> {
  const { steps, rate = RATE } = options;
  const { plan, heldOut, solvedOn } = calibration;
  const nothing = { steps, rate, best: 0, taken: false, on: null, madeInputs: false, distance: null, samples: 0 };
  const unjudged = { before: null, after: null };
  const leave = (why: 'unmeasured' | 'alike' | 'few'): Calibration => ({
    ...calibration,
    refined: { ...nothing, why, kept: unjudged },
  });
  if (heldOut.length === 0) return leave('unmeasured');
  const wide = inFloat32(search.model, plan);
  const { model, sites } = rewrite(wide.model, spelledOut(wide.model, wide.plan));
  const trained = sites.filter(({ plan: it, scale, bias }) => it.site.path === '' && `${scale}${bias}` !== '');
  const judge = await RefineJudge.of(wide.model, heldOut, options);
  const before = await judge.of(wide.plan, 0);
  // What swapped norms answer without data is near already, so more can be lost than gained (docs/measurements/refinement.md).
  const isStrict = before.hasBoxes && (calibration.candidates ?? []).some(({ solver }) => solver === 'statistics');
  if (isStrict && heldOut.length < FEWEST_FOR_BOXES) return leave('few');
  const refined = await refine(
    {
      source: inInferenceMode(wide.model),
      rewritten: inInferenceMode(model),
      parameters: [...new Set(trained.flatMap(({ scale, bias }) => [scale, bias]))].filter((name) => name !== ''),
      norms: [...new Set(trained.map(({ plan: it }) => it.site.output))],
    },
    { ...options, rate, train: solvedOn, held: heldOut },
  );
  if (refined === undefined) return leave('alike');
  const moved = withNumbers(plan, sites, refined.parameters);
  const { distance, best, on, madeInputs } = refined;
  const facts = { steps, rate, best, on, madeInputs, distance };
  const left = (why: Refinement['why'], kept: Refinement['kept'], samples: number): Calibration => ({
    ...calibration,
    refined: { ...facts, taken: false, why, kept, samples },
  });
  if (moved === undefined) return left('too-large', unjudged, 0);
  const after = await judge.of(withNumbers(wide.plan, sites, refined.parameters), 1);
  const kept = { before: before.kept, after: after.kept };
  const why = verdictOf({ distance, before, after, isStrict });
  if (why !== 'kept') return left(why, kept, judge.samples);
  return { ...calibration, plan: moved, refined: { ...facts, taken: true, why, kept, samples: judge.samples } };
}

/**
 * Decides whether refined numbers are taken: `kept` if they are.
 *
 * @param isStrict whether boxes stand without data, so that it takes more than chance to replace them
 */
export function verdictOf({
  distance,
  before,
  after,
  isStrict,
}: Pick<Refined, 'distance'> & {
  readonly before: Pick<Judged, 'kept' | 'each'>;
  readonly after: Pick<Judged, 'kept' | 'each'>;
  readonly isStrict: boolean;
}): 'kept' | 'farther' | 'worse' | 'unsure' {
  if (!(distance.after < NEARER * distance.before)) return 'farther';
  if ((after.kept ?? 0) < (before.kept ?? 0)) return 'worse';
  return isStrict && !isBeyondChance(differencesOf(after.each, before.each)) ? 'unsure' : 'kept';
}

/** ONNX Runtime computes gradients in float32 alone. */
function inFloat32(model: Model, plan: Plan): { model: Model; plan: Plan } {
  return plan.sites.every(({ site }) => site.elementType === DataType.FLOAT) ? { model, plan } : twinOf(model, plan);
}

/** Norms spelled as plain operators, whose gradient keeps more digits than that of the fused one. */
function spelledOut(model: Model, plan: Plan): Plan {
  const opset = opsetOf(model);
  const sites = plan.sites.map((it): SitePlan => {
    const isLegal = legalForms(it, opset).some(({ name }) => name === 'reduce');
    return isLegal ? { ...it, form: 'reduce', plain: false } : it;
  });
  return { ...plan, sites };
}

/** @returns undefined if a type can't hold some of the numbers */
function withNumbers(
  plan: Plan,
  rewritten: ReturnType<typeof rewrite>['sites'],
  numbers: Refined['parameters'],
): Plan | undefined {
  const sites = plan.sites.map((it, index): SitePlan | undefined => {
    const names = rewritten[index];
    const of = (name: string | undefined, known: ArrayLike<number>) => {
      const own = numbers.get(name ?? '');
      return own === undefined ? known : Float64Array.from(own);
    };
    const [scale, bias] = [of(names?.scale, it.scale), of(names?.bias, it.bias)];
    return overflow(it.site, { scale, bias }) === undefined ? { ...it, scale, bias } : undefined;
  });
  return sites.includes(undefined) ? undefined : { ...plan, sites: sites.filter((it) => it !== undefined) };
}
