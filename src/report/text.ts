/** Outcomes → what a person reads on a terminal. */

import type { Mismatch } from '../calibrate/mismatch.ts';
import { foldedWords } from '../find/kinds.ts';
import { NO_NORM, type Refusal } from '../find/types.ts';
import type { CalibrationFacts, Outcome } from '../jobs/outcome.ts';
import { dataTypeName } from '../onnx/data-type.ts';
import type { Plan } from '../plan/index.ts';
import type { SiteVerification } from '../verify/sites.ts';
import type { Check, Verification } from '../verify/verification.ts';
import { commandText, plural } from '../words.ts';
import { adviceOn, orderNote, unlike } from './advice.ts';
import { changeLines } from './change.ts';
import { chosenText, refinedText } from './chosen.ts';
import { comparisonLines } from './comparison.ts';
import { largest, placeOf } from './figures.ts';
import { finetuneLines, finetuneSummary } from './finetune.ts';
import { bytes, printable, table } from './format.ts';
import { checkSections } from './gate/text.ts';
import { gradientLines, gradientSummary } from './gradient.ts';
import { driftOf } from './proof.ts';
import { comparedOnLines, picturesLine, skippedLine } from './read-lines.ts';
import { checkLine, driftTable, type TextStyle, timesOf, verdictText } from './terminal.ts';
import { trainingLines } from './training.ts';
import { verdictLines } from './verdict.ts';
import {
  countLeft,
  driftedOn,
  earlyNote,
  fedOn,
  foldedNote,
  lostStatistics,
  movedText,
  notesOf,
  planWarnings,
  trainingNote,
  trainsNote,
} from './wording.ts';

/** One outcome as text, without a line break at its end. An outcome that is an error has nothing to show. */
export function renderText(outcome: Outcome, style: TextStyle): string {
  const { plan, verification, check } = outcome;
  const sections = [
    [...heading(outcome, style), ...(outcome.error === undefined ? verdictText(verdictLines(outcome), style) : [])],
    ...(check === undefined ? [] : checkSections(outcome, check, style)),
    plan === undefined || plan.sites.length === 0 ? [] : siteTable(plan, outcome, style),
    plan === undefined
      ? []
      : [...warnings(plan, style), ...notes(plan, outcome), ...refusals(plan.refusals, outcome, style)],
    outcome.calibration === undefined ? [] : calibrated(outcome.calibration, outcome, style),
    verification === undefined ? [] : verified(outcome, verification, style),
    verification === undefined ? [] : drifts(outcome, verification),
    changeLines(outcome),
    outcome.comparison === undefined ? [] : comparisonLines(outcome.comparison),
    outcome.comparedOn === undefined ? [] : comparedOnLines(outcome.comparedOn, style),
    outcome.training === undefined ? [] : trainingLines(outcome.training, style),
    outcome.gradient === undefined ? [] : gradientLines(outcome.gradient, style.verbose),
    outcome.finetune === undefined ? [] : finetuneLines(outcome.finetune, style),
    summaryOf(outcome, style),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function summaryOf(outcome: Outcome, style: TextStyle): string[] {
  if (outcome.gradient !== undefined) return gradientSummary(outcome);
  return outcome.finetune === undefined ? summary(outcome, style) : finetuneSummary(outcome);
}

function heading({ file, model }: Outcome, { colors }: TextStyle): string[] {
  if (model === undefined) return [colors.bold(printable(file))];
  const producer = model.producer === '' ? '' : `, from ${printable(model.producer)}`;
  return [`${colors.bold(printable(file))}: opset ${model.opset}, ${bytes(model.bytes)}${producer}`];
}

const RIGHT_ALIGNED = ['channels', 'groups', 'R²', 'shift', 'spread', 'error', 'bound', 'alone'];

function siteTable({ sites }: Plan, outcome: Outcome, { colors, verbose }: TextStyle): string[] {
  const { command, verification, calibration } = outcome;
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  const fits = new Map(calibration?.fits.map((it) => [it.name, it]));
  const head = ['site', 'op', 'type', 'channels', 'groups', 'form', 'init'];
  const guessed = command === 'inspect' && sites.some(({ site }) => site.evidence !== undefined);
  if (guessed) head.push('why');
  if (fits.size > 0) head.push('R²');
  const looked = command === 'inspect' && fits.size > 0;
  if (looked) head.push('shift', 'spread');
  if (verification !== undefined) head.push('error', 'bound', ...(verbose ? ['alone', 'other forms'] : []));
  const rows = sites.map(({ site, channels, groups, form, init }) => {
    const type = dataTypeName(site.elementType);
    const row = [printable(placeOf(site)), site.node.opType, type, String(channels), String(groups), form, init];
    if (guessed) row.push(printable(site.evidence ?? ''));
    if (fits.size > 0) row.push(shareOf(fits.get(site.name)?.r2));
    if (looked) row.push(...mismatchCells(fits.get(site.name)?.mismatch));
    if (verification !== undefined) row.push(...figures(verified.get(site.name), verbose));
    return row;
  });
  const [first = '', ...rest] = table(
    [head, ...rows],
    RIGHT_ALIGNED.flatMap((name) => head.indexOf(name)),
  );
  const failed = new Set(verification?.sites.filter((it) => it.failed.length > 0).map((it) => it.name));
  return [
    colors.dim(first),
    ...rest.map((line, index) => (failed.has(sites[index]?.site.name ?? '') ? colors.red(line) : line)),
  ];
}

/** How far the inputs' channels are from the training data's, in its deviations, and their spread against it; medians of a site. */
function mismatchCells(mismatch: Mismatch | undefined): string[] {
  return mismatch === undefined ? ['–', '–'] : [mismatch.shift.toFixed(2), mismatch.spread.toFixed(2)];
}

function figures(it: SiteVerification | undefined, verbose: boolean): string[] {
  if (it === undefined) return ['', ''];
  const small = (value: number) => value.toExponential(1);
  const pair = [small(it.reference.error), small(it.reference.bound)];
  if (!verbose) return pair;
  const forms = it.forms.map(({ form, error }) => `${form} ${small(error)}`).join(', ');
  return [...pair, small(it.independence.error), it.input === 'real' ? forms : `${forms} (random input)`];
}

function warnings(plan: Plan, { colors }: TextStyle): string[] {
  return planWarnings(plan).map((it) => `${colors.yellow('warning')}: ${printable(it)}.`);
}

function notes(plan: Plan, outcome: Outcome): string[] {
  const lines = notesOf(plan).map(
    ({ note, names }) =>
      `note: ${note} (${names.length === 1 ? printable(names[0] ?? '') : plural(names.length, 'site')})`,
  );
  const more = [trainingNote(plan), trainsNote(plan), earlyNote(plan), foldedNote(outcome)].filter(
    (it) => it !== undefined,
  );
  return [...lines, ...more.map((it) => `note: ${it}`)];
}

function refusals(all: readonly Refusal[], { command }: Outcome, { colors, verbose }: TextStyle): string[] {
  // Most Conv are no candidates; why each is not, is what inspect is for.
  const list = all.filter(({ code }) => !NO_NORM.has(code) || command === 'inspect' || verbose);
  return list.map((it) => {
    const { reason, remedy, code } = it;
    const place = printable(placeOf(it));
    const why = printable(reason);
    return code === 'excluded' || code === 'not-folded'
      ? colors.dim(`left: ${place}: ${why}`)
      : `${colors.yellow('left')}: ${place}: ${why}. ${printable(remedy)}.`;
  });
}

function calibrated(facts: CalibrationFacts, { command, plan, verification }: Outcome, style: TextStyle): string[] {
  const { colors, verbose } = style;
  const { path, solvedOn, heldOut, seed, skipped, fits, shard, pictures } = facts;
  const shares = fits.flatMap(({ r2 }) => (Number.isNaN(r2) ? [] : [r2]));
  const mean = shares.reduce((sum, r2) => sum + r2, 0) / shares.length;
  const part = shard === undefined ? '' : `shard ${shard.index} of ${shard.of}, `;
  const moved = movedText(facts);
  const lines = [
    `${command === 'inspect' ? 'looked at' : 'calibrated on'} ${part}${plural(solvedOn, 'input')} of ${printable(path)}, ${heldOut} held out (seed ${seed})` +
      (moved === undefined ? '' : `: ${moved}`) +
      (fits.length === 0 ? '' : `: mean R² ${shareOf(mean)}; ${fitted(fits, plan)}`),
  ];
  if (command === 'inspect') lines.push(...mismatchLines(facts));
  lines.push(...[chosenText(facts), refinedText(facts)].filter((it) => it !== undefined));
  lines.push(...picturesLine(pictures, style));
  const order = orderNote(facts);
  if (order !== undefined) lines.push(colors.dim(order));
  lines.push(...skippedLine(skipped, style));
  for (const sentence of adviceOn(
    facts,
    facts.measured ? (verification?.drift ?? []) : [],
    facts.measured ? verification?.kept : undefined,
    plan,
  ))
    lines.push(`${colors.yellow('warning')}: ${printable(sentence)}.`);
  if (verbose) lines.push(...groupTable(fits));
  return lines;
}

/** What the columns shift and spread compare, and the site where inputs and running statistics differ most. */
function mismatchLines({ fits, mismatch }: CalibrationFacts): string[] {
  const known = fits.flatMap(({ name, mismatch: own }) => (own === undefined ? [] : [{ name, shift: own.shift }]));
  const far = largest(known, ({ shift }) => shift);
  if (far === undefined) return [];
  return [
    'shift: distance of channel means from the running statistics, in their deviations (0 if alike); spread: ratio of deviations (1 if alike)',
    `in the middle shift ${mismatch.shift.toFixed(2)} and spread ${mismatch.spread.toFixed(2)}; largest shift ${far.shift.toFixed(2)} at ${printable(far.name)}`,
  ];
}

/** A dash where nothing varies: a share of nothing means nothing. */
function shareOf(r2 = Number.NaN): string {
  return Number.isNaN(r2) ? '–' : r2.toFixed(3);
}

/** Says how many channels the data could fit, and what the others use. */
function fitted(fits: CalibrationFacts['fits'], plan: Plan | undefined): string {
  const folded = new Set(plan?.sites.filter(({ site }) => site.needsData === true).map(({ site }) => site.name));
  const channels = sumOf(fits, 'channels');
  const unfitted = [
    [fits.filter(({ name }) => !folded.has(name)), 'use running statistics'],
    [fits.filter(({ name }) => folded.has(name)), 'output a constant'],
  ] as const;
  const parts = unfitted
    .map(([list, instead]) => [sumOf(list, 'fallbacks'), instead] as const)
    .filter(([count]) => count > 0)
    .map(([count, instead]) => `${count} could not be fitted and ${instead}`);
  return parts.length === 0
    ? `all ${channels} channels were fitted from the data`
    : `of ${channels} channels, ${parts.join(', and ')}`;
}

function sumOf(fits: CalibrationFacts['fits'], field: 'fallbacks' | 'channels'): number {
  return fits.reduce((sum, fit) => sum + fit[field], 0);
}

/** What each number of groups would have explained, where the data chose it. */
function groupTable(fits: CalibrationFacts['fits']): string[] {
  const chosen = fits.filter(({ groups }) => (groups?.length ?? 0) > 1);
  return chosen.map(({ name, groups }) => {
    const list = groups?.map((it) => `${it.groups}: ${shareOf(it.r2)}`).join(', ');
    return `  R² by groups at ${printable(name)}: ${list}`;
  });
}

function verified({ calibration }: Outcome, verification: Verification, style: TextStyle): string[] {
  const { checks } = verification;
  const fed = printable(fedOn(verification, calibration));
  const doubts = calibration?.measured === true ? [] : (verification.kept?.doubts ?? []);
  const doubted = doubts.length === 0 ? [] : [`${style.colors.yellow('warning')}: ${printable(unlike(doubts))}.`];
  return [`verified in ONNX Runtime on ${fed}`, ...checks.map((check) => verdict(check, style)), ...doubted];
}

function verdict(check: Check, { colors }: TextStyle): string {
  const line = checkLine(check);
  return check.status === 'failed' ? colors.red(line) : line;
}

function drifts(outcome: Outcome, { inputs }: Verification): string[] {
  const { calibration, plan } = outcome;
  const drift = driftOf(outcome);
  if (drift.length === 0) return [];
  return [`drift from the source${driftedOn(calibration, inputs, plan)}`, ...driftTable(drift)];
}

function summary(outcome: Outcome, { colors }: TextStyle): string[] {
  const { command, plan, output, outputBytes, verification, externalData, timings, foldedConv } = outcome;
  if (plan === undefined) return [];
  const left = countLeft(plan);
  const counts = `${plural(plan.sites.length, 'site')}${left === 0 ? '' : `, ${left} left as ${left === 1 ? 'it is' : 'they are'}`}`;
  const took = `(${timesOf(timings)})`;
  if (command === 'inspect') {
    const folded = foldedConv ? `; ${foldedWords(foldedConv)}` : '';
    return [`would swap ${counts}${folded} ${took}`, ...nextOf(outcome)];
  }
  if (verification?.passed === false) return [colors.red(`${counts}: a check failed, so nothing was written ${took}`)];
  if (command === 'moments') {
    return [
      `${colors.green('wrote')} ${printable(output ?? '')}, ${bytes(outputBytes ?? 0)}: statistics of ${counts} ${took}`,
    ];
  }
  if (output === undefined) return [`would write ${counts} ${took}`];
  const external =
    externalData === undefined
      ? ''
      : `; ${plural(externalData.files.length, 'file')} of external data ${externalData.carried}`;
  const proof = verification === undefined ? ', not verified' : ', verified';
  return [
    `${colors.green('wrote')} ${printable(output)}, ${bytes(outputBytes ?? 0)}: ${counts}${proof}${external} ${took}`,
  ];
}

/** Says what to type after a look, built from what was typed: no lines if there is nothing to swap. */
function nextOf({ typed = [], plan, foldedConv = 0 }: Outcome): string[] {
  if (!typed.includes('inspect')) return [];
  const words = typed.filter((word) => !['inspect', '--json', '--verbose'].includes(word));
  const isTyped = (name: string) => words.some((word) => word === name || word.startsWith(`${name}=`));
  const needsData = plan?.sites.some((it) => it.site.needsData === true || lostStatistics(it)) ?? false;
  const found = plan?.sites.length ?? 0;
  if (found === 0 && (foldedConv === 0 || isTyped('--sites'))) return [];
  const options = found === 0 ? ['--sites', 'folded'] : [];
  if ((needsData || found === 0) && !isTyped('--calibrate')) options.push('--calibrate', 'DIR');
  return [`next: ${commandText(words, options)}`];
}
