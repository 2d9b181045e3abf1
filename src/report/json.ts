/** Outcomes → the JSON document that docs/report.schema.json describes. */

import type { GradientFacts } from '../jobs/gradient.ts';
import type { CalibrationFacts, Outcome, TrainingFacts } from '../jobs/outcome.ts';
import type { Drift } from '../measure/drift.ts';
import type { Kept } from '../measure/kept.ts';
import { dataTypeName } from '../onnx/data-type.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import type { SiteVerification } from '../verify/sites.ts';
import type { Verification } from '../verify/verification.ts';
import { VERSION } from '../version.ts';
import { adviceOn, orderNote } from './advice.ts';
import { operatorCounts } from './change.ts';
import { finetuneJson } from './finetune-json.ts';
import { checkOf } from './gate/json.ts';
import { verdictLines } from './verdict.ts';
import { planWarnings } from './wording.ts';

/** Of the document's layout; grows when a field changes its meaning or goes. */
export const REPORT_SCHEMA = 1;

/** The document, indented by two spaces. Numbers that are not finite are `null`. */
export function renderJson(outcomes: readonly Outcome[]): string {
  const results = outcomes.map(resultOf);
  return JSON.stringify({ schema: REPORT_SCHEMA, tool: { name: 'gn-swap', version: VERSION }, results }, null, 2);
}

function resultOf(outcome: Outcome) {
  const { file, command, plan, verification, check, error, ...rest } = outcome;
  const failed = verification?.passed === false || check?.passed === false;
  const proof = verification ?? check?.verification;
  return {
    file,
    command,
    status: error !== undefined ? 'error' : failed ? 'failed' : 'ok',
    verdict: verdictLines(outcome).map(({ about, text, tone = null }) => ({ about, text, tone })),
    output: rest.output ?? null,
    outputBytes: rest.outputBytes ?? null,
    model: rest.model ?? null,
    foldedConv: rest.foldedConv ?? null,
    change: changeOf(outcome),
    norm: plan?.norm ?? null,
    sites: plan === undefined ? [] : sitesOf(plan, verification),
    refusals: plan?.refusals ?? [],
    warnings: plan === undefined ? [] : planWarnings(plan),
    calibration: rest.calibration === undefined ? null : calibrationOf(rest.calibration, verification, plan),
    verification: proof === undefined ? null : verificationOf(proof),
    check: check === undefined ? null : checkOf(check, verifiedOf),
    comparison: rest.comparison ?? null,
    comparedOn:
      rest.comparedOn === undefined ? null : { ...rest.comparedOn, pictures: rest.comparedOn.pictures ?? null },
    training: rest.training === undefined ? null : trainingOf(rest.training),
    gradient: rest.gradient === undefined ? null : withParameters(rest.gradient),
    finetune: rest.finetune === undefined ? null : withParameters(finetuneJson(rest.finetune)),
    externalData: rest.externalData ?? null,
    timings: rest.timings,
    error:
      error === undefined
        ? null
        : { code: error.code, message: error.message, node: error.node ?? null, remedy: error.remedy ?? null },
  };
}

function changeOf(outcome: Outcome) {
  const { change, model, outputBytes } = outcome;
  if (change === undefined) return null;
  const { before, after } = change;
  return {
    operators: operatorCounts(outcome),
    nodes: { before: before.nodes, after: after.nodes },
    parameters: { before: before.parameters, after: after.parameters },
    bytes: { before: model?.bytes ?? null, after: outputBytes ?? null },
  };
}

function trainingOf({ rows, ...facts }: TrainingFacts) {
  const listed = rows.map(({ refused, ...row }) => ({
    ...row,
    refused: refused && { reason: refused.reason, remedy: refused.remedy ?? null },
  }));
  return { ...facts, rows: listed };
}

/** Facts with their parameters as a list of what matters. */
function withParameters<T extends Pick<GradientFacts, 'parameters'>>({ parameters, ...facts }: T) {
  const listed = parameters.map(({ name, dims, taken, role = null, why }) => ({ name, dims, taken, role, why }));
  return { ...facts, parameters: listed };
}

function sitesOf({ sites }: Plan, verification: Verification | undefined) {
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  return sites.map((it) => ({ ...siteOf(it), verification: verifiedOf(verified.get(it.site.name)) }));
}

function siteOf({ site, groups, form, init, notes }: SitePlan) {
  const { name, path, node, input, output, elementType, shape, channels, epsilon, training, evidence = null } = site;
  return {
    name,
    path,
    op: node.opType,
    input,
    output,
    elementType: dataTypeName(elementType),
    shape: shape?.map((dim) => dim ?? null) ?? null,
    channels,
    groups,
    epsilon,
    form,
    init,
    training,
    notes,
    evidence,
  };
}

function calibrationOf(facts: CalibrationFacts, verification: Verification | undefined, plan: Plan | undefined) {
  const {
    fits,
    mismatch,
    moved,
    reading,
    isOrderAssumed: _,
    choice = null,
    refined = null,
    shard = null,
    pictures = null,
    ...rest
  } = facts;
  const advice = adviceOn(
    facts,
    facts.measured ? (verification?.drift ?? []) : [],
    facts.measured ? verification?.kept : undefined,
    plan,
  );
  const sites = fits.map((fit) => ({
    ...fit,
    mismatch:
      fit.mismatch === undefined ? null : { shift: finite(fit.mismatch.shift), spread: finite(fit.mismatch.spread) },
    r2: finite(fit.r2),
    groups: fit.groups?.map((it) => ({ ...it, r2: finite(it.r2) })) ?? null,
  }));
  return {
    ...rest,
    pictures,
    shard,
    advice,
    mismatch: { shift: finite(mismatch.shift), spread: finite(mismatch.spread) },
    moved: moved === undefined ? null : { shift: finite(moved.shift), spread: finite(moved.spread) },
    reading: readingOf(facts),
    choice,
    refined,
    sites,
  };
}

function readingOf(facts: CalibrationFacts) {
  const { order, size } = facts.reading ?? {};
  if (order === undefined && size === undefined) return null;
  const known = (value: number | undefined) => finite(value ?? Number.NaN);
  return {
    order:
      order === undefined
        ? null
        : {
            given: known(order.given),
            reversed: known(order.reversed),
            agreement: known(order.agreement),
            samples: order.samples,
          },
    size: size === undefined ? null : { given: known(size.given), half: known(size.half), double: known(size.double) },
    note: orderNote(facts) ?? null,
  };
}

function verifiedOf(it: SiteVerification | undefined) {
  if (it === undefined) return null;
  const { input, dims, reference, independence, forms, failed, problem = null } = it;
  return { input, dims, reference, independence, forms, failed, problem };
}

function verificationOf({ passed, seed, inputs, inputDims, checks, drift, kept, latency }: Verification) {
  const drifts = drift.map((it: Drift) => ({
    ...it,
    max: finite(it.max),
    mean: finite(it.mean),
    relative: finite(it.relative),
    cosine: finite(it.cosine),
    sqnr: it.sqnr === null ? null : finite(it.sqnr),
  }));
  return {
    passed,
    seed,
    inputs,
    inputDims,
    checks,
    drift: drifts,
    kept: kept === undefined ? null : keptOf(kept),
    latency: latency ?? null,
  };
}

function keptOf({ kept, inputs, tasks, unjudged, doubts }: Kept) {
  const known = tasks.map(({ figures, ...it }) => ({
    ...it,
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value && finite(value)])),
  }));
  return { kept, inputs, tasks: known, unjudged, doubts };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
