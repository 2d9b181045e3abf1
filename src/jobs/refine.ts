/** A calibrated plan → the same with γ and β refined, if that keeps no less of the source's behaviour on held-out inputs. */
import type { Calibration, Refinement } from '../calibrate/calibration.ts';
import { twinOf } from '../calibrate/twin.ts';
import { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { HeldOut } from '../measure/held-out.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import { tellsLittle } from '../measure/tells-little.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, opsetVersion } from '../onnx/model.ts';
import { legalForms, overflow, type Plan, type SitePlan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import { type Refined, refine } from '../train/refine/index.ts';
import { isVariable, madeFrom } from '../train/refine/made-inputs.ts';

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
/** To what share the distance has to fall: a little less says nothing of other inputs (docs/measurements/refinement.md). */
const NEARER = 0.93;
/** So few held-out inputs tell little, so more are made of them. */
const JUDGED = 32;
/** Bytes that answers of the source may take. */
const ROOM = 256 << 20;

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
  const leave = (why: 'unmeasured' | 'alike'): Calibration => ({
    ...calibration,
    refined: { ...nothing, why, kept: unjudged },
  });
  if (heldOut.length === 0) return leave('unmeasured');
  const wide = inFloat32(search.model, plan);
  const { model, sites } = rewrite(wide.model, spelledOut(wide.model, wide.plan));
  const trained = sites.filter(({ plan: it, scale, bias }) => it.site.path === '' && `${scale}${bias}` !== '');
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
  const { kept, samples } = await judge(wide.model, [wide.plan, withNumbers(wide.plan, sites, refined.parameters)], {
    ...options,
    heldOut,
  });
  if (!(distance.after < NEARER * distance.before)) return left('farther', kept, samples);
  if ((kept.after ?? 0) < (kept.before ?? 0)) return left('worse', kept, samples);
  return { ...calibration, plan: moved, refined: { ...facts, taken: true, why: 'kept', kept, samples } };
}

/** ONNX Runtime computes gradients in float32 alone. */
function inFloat32(model: Model, plan: Plan): { model: Model; plan: Plan } {
  return plan.sites.every(({ site }) => site.elementType === DataType.FLOAT) ? { model, plan } : twinOf(model, plan);
}

/** Norms spelled as plain operators, whose gradient keeps more digits than that of the fused one. */
function spelledOut(model: Model, plan: Plan): Plan {
  const opset = opsetVersion(model.proto) ?? 0;
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

async function judge(
  model: Model,
  [before, after]: readonly [Plan, Plan | undefined],
  { data, heldOut, seed, memory, tasks, onProgress }: RefineJobOptions & Pick<Calibration, 'heldOut'>,
): Promise<{ kept: Refinement['kept']; samples: number }> {
  const all = await judged(data, heldOut, seed);
  const source = inInferenceMode(model);
  const samples = Array.from({ length: all.count }, (_, index) => index);
  const held = await HeldOut.of(source, all, samples, { memory, tasks }, ROOM);
  const keptBy = async (plan: Plan | undefined, index: number) => {
    onProgress?.('judge what was refined', index, 2);
    if (plan === undefined) throw new GnSwapError('internal', 'refined numbers do not fit float32');
    const { kept } = await held.compare(source, rewrite(model, plan).model);
    // Then the distance alone decides: a box more or less of three says nothing.
    return tellsLittle(kept) ? null : kept.kept;
  };
  return { kept: { before: await keptBy(before, 0), after: await keptBy(after, 1) }, samples: all.count };
}

/** The held-out inputs, and inputs made from them where they are few. */
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
