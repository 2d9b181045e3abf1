/**
 * Whether norms pass an empty batch, as BatchNormalization does: a detector without proposals feeds one.
 *
 * Run on the written nodes alone, since other layers of a model may end the process on a batch without samples, and one site of each
 * kind: the same nodes in the same rank pass alike. Sites whose batch is fixed, and forms that are known to fail, of which the plan has
 * told, are left out.
 */
import { formNamed } from '../forms/index.ts';
import type { Model } from '../onnx/model.ts';
import { failsEmpty } from '../plan/empty.ts';
import { formSiteOf } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { typed } from '../runtime/half.ts';
import { runtimeFailure, withSession } from '../runtime/session.ts';
import { siteModel } from './site-model.ts';

/** Which norm fails on an empty batch, and why; undefined if all pass. */
export async function emptyFailure(written: Model, sites: readonly RewrittenSite[]): Promise<string | undefined> {
  for (const site of kindsOf(sites)) {
    const failure = await failureOn(written, site);
    if (failure !== undefined) return `${JSON.stringify(site.plan.site.name)}: ${failure}`;
  }
  return undefined;
}

/** One of the sites that an empty batch may reach for each kind: the same nodes in the same rank. */
function kindsOf(sites: readonly RewrittenSite[]): RewrittenSite[] {
  const kinds = new Map<string, RewrittenSite>();
  for (const it of sites) {
    const { norm, form, channels, groups, site } = it.plan;
    const isOpen = site.shape === undefined || site.shape[0] === undefined;
    if (!isOpen || formNamed(form).takesIn === true || failsEmpty(formSiteOf(it.plan), form)) continue;
    const spread = groups === 1 || groups === channels ? groups === 1 : 'some';
    // Which sizes are known decides how the form is spelled, not how large they are.
    const rank = site.shape?.map((dim) => dim !== undefined).join();
    const key = [norm, form, spread, site.elementType, rank].join(' ');
    if (!kinds.has(key)) kinds.set(key, it);
  }
  return [...kinds.values()];
}

async function failureOn(written: Model, site: RewrittenSite): Promise<string | undefined> {
  const { model, sites } = siteModel(written, [{ site, forms: [] }]);
  const { channels, site: at } = site.plan;
  const [, , ...spatial] = at.shape ?? [0, 0, undefined, undefined];
  const dims = [0, channels, ...spatial.map((dim) => dim ?? 2)];
  const x = { type: at.elementType, dims, data: typed(at.elementType, new Float64Array(0)) };
  const [names] = sites;
  if (names === undefined) return undefined;
  const answers = await withSession(model, (session) => session.run({ [names.input]: x })).catch(runtimeFailure);
  if (answers instanceof Error) return `it fails on an empty batch, [${dims}]: ${answers.message}`;
  const found = answers[names.written]?.dims;
  return found?.join() === dims.join() ? undefined : `its output for an empty batch, [${dims}], is [${found}]`;
}
