/** What a report shows of a rewritten model beside its proof. */

import { GnSwapError } from '../errors.ts';
import { float32Twin } from '../graph/float32.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { legalForms, type Plan, type SitePlan } from '../plan/index.ts';
import { rewrite } from '../rewrite/index.ts';
import { runtimeFailure, runtimeVersion } from '../runtime/session.ts';
import { type Comparison, compareSites, type SiteDrift } from './activations.ts';
import { type Latency, type Timed, timeModels } from './latency.ts';

/** What is to be looked at. */
export interface Observe {
  /** The model that the plan's sites were found in. */
  readonly source: Model;
  /** What was put into it, to be timed in other forms too; those are not timed where absent. */
  readonly plan?: Plan;
  /** Of all files of the source. */
  readonly bytes: number;
}

/** What was seen. */
export interface Observations {
  /** Version of ONNX Runtime. */
  readonly runtime: string;
  /** Of those sites that can be asked: see compareSites. */
  readonly sites: readonly SiteDrift[];
  readonly latency?: Latency;
  /** Why there is no latency, or why not of all forms. */
  readonly latencyNote?: string | undefined;
}

/** What {@link observe} needs beside that. */
export interface ObserveContext extends Omit<Comparison, 'source' | 'onSite'> {
  /** Whether `written` is the float32 twin of the file. */
  readonly twinned: boolean;
  onProgress?(step: string, done: number, of: number): void;
}

/** Looks at a rewritten model. What the runtime refuses is left out; that it does is another check's business. */
export async function observe(observed: Observe, context: ObserveContext): Promise<Observations> {
  const { onProgress, twinned, sites } = context;
  const reference = inInferenceMode(twinned ? float32Twin(observed.source) : observed.source);
  const compared = await compareSites({
    ...context,
    source: reference,
    onSite: (done) => onProgress?.('compare sites', done, sites.length),
  }).catch(runtimeFailure);
  return {
    runtime: await runtimeVersion(),
    sites: compared instanceof GnSwapError ? [] : compared,
    ...(await latencyOf(observed, context)),
  };
}

async function latencyOf(
  observed: Observe,
  context: ObserveContext,
): Promise<Pick<Observations, 'latency' | 'latencyNote'>> {
  if (context.twinned) return { latencyNote: 'not measured: the runtime has no kernels for the model’s own type' };
  context.onProgress?.('measure latency', 0, 1);
  const { models, note } = modelsToTime(observed, context);
  if (models.length === 0) return { latencyNote: note };
  const latency = await timeModels(models, context.inputs, context.settings).catch(runtimeFailure);
  if (latency instanceof GnSwapError) return { latencyNote: `not measured: ${latency.message}` };
  const isWhole = latency.timings.length === models.length;
  return { latency, latencyNote: note ?? (isWhole ? undefined : 'some forms are left out because they take long') };
}

/** A session holds its weights, and what it made of them to compute faster. */
const COPIES = 2;

/** The source, the written file, and the same plan in every other form that is legal somewhere; as many as memory has room for. */
function modelsToTime(observed: Observe, context: ObserveContext): { models: Timed[]; note?: string | undefined } {
  const { source, plan, bytes } = observed;
  const planned = plan?.sites ?? [];
  const room = Math.floor(context.memory / (COPIES * Math.max(bytes, 1)));
  if (room < 2) return { models: [], note: 'not measured: both models together do not fit into --memory' };
  const opset = opsetOf(source);
  const legal = new Map(planned.map((it) => [it, legalForms(it, opset).map(({ name }) => name)]));
  const own = new Set(context.sites.map((it) => it.plan.form));
  const others = [...new Set([...legal.values()].flat())].filter((form) => !(own.size === 1 && own.has(form)));
  const models: Timed[] = [
    { name: 'source', model: () => inInferenceMode(source) },
    { name: `${[...own].join(', ')} (as written)`, model: () => context.written },
    ...others.map((form) => ({
      name: form,
      model: () => respelled(source, plan as Plan, legal, form),
    })),
  ];
  if (models.length <= room) return { models };
  return { models: models.slice(0, room), note: 'some forms are left out because they do not fit into --memory' };
}

/** The plan with every site in that form where it is legal, put into the source. */
function respelled(source: Model, plan: Plan, legal: ReadonlyMap<SitePlan, readonly string[]>, form: string): Model {
  const sites = plan.sites.map((it) => (legal.get(it)?.includes(form) ? { ...it, form } : it));
  return rewrite(source, { ...plan, sites }).model;
}
