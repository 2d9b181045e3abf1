/** Outcomes → what a person reads on a terminal. */
import type { Colors } from 'picocolors/types.js';
import type { Refusal } from '../find/types.ts';
import { dataTypeName } from '../onnx/data-type.ts';
import type { Plan } from '../plan.ts';
import type { Drift } from '../verify/drift.ts';
import type { Check, Verification } from '../verify/index.ts';
import type { SiteVerification } from '../verify/sites.ts';
import { bytes, duration, plural, printable, table } from './format.ts';
import type { Outcome } from './types.ts';

/** How to write. */
export interface TextStyle {
  readonly colors: Colors;
  /** Whether to show the figures of every check. */
  readonly verbose: boolean;
}

/** One outcome as text, without a line break at its end. An outcome that is an error has nothing to show. */
export function renderText(outcome: Outcome, style: TextStyle): string {
  const { plan, verification } = outcome;
  const sections = [
    heading(outcome, style),
    plan === undefined || plan.sites.length === 0 ? [] : siteTable(plan, verification, style),
    plan === undefined ? [] : [...notes(plan), ...refusals(plan.refusals, style)],
    verification === undefined ? [] : verified(verification, style),
    verification === undefined ? [] : drifts(verification.drift, verification.inputs),
    summary(outcome, style),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function heading({ file, model }: Outcome, { colors }: TextStyle): string[] {
  if (model === undefined) return [colors.bold(printable(file))];
  const producer = model.producer === '' ? '' : `, from ${printable(model.producer)}`;
  return [`${colors.bold(printable(file))}: opset ${model.opset}, ${bytes(model.bytes)}${producer}`];
}

function siteTable({ sites }: Plan, verification: Verification | undefined, { colors, verbose }: TextStyle): string[] {
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  const head = ['site', 'op', 'type', 'channels', 'groups', 'form', 'init'];
  const rows = sites.map(({ site, channels, groups, form, init }) => [
    ...[printable(site.path === '' ? site.name : `${site.path}: ${site.name}`), site.node.opType],
    ...[dataTypeName(site.elementType), String(channels), String(groups), form, init],
    ...(verification === undefined ? [] : figures(verified.get(site.name), verbose)),
  ]);
  if (verification !== undefined) head.push('error', 'bound', ...(verbose ? ['alone', 'other forms'] : []));
  const [first = '', ...rest] = table([head, ...rows], [3, 4, 7, 8, 9]);
  const failed = new Set(verification?.sites.filter((it) => it.failed.length > 0).map((it) => it.name));
  return [
    colors.dim(first),
    ...rest.map((line, index) => (failed.has(sites[index]?.site.name ?? '') ? colors.red(line) : line)),
  ];
}

function figures(it: SiteVerification | undefined, verbose: boolean): string[] {
  if (it === undefined) return ['', ''];
  const small = (value: number) => value.toExponential(1);
  const pair = [small(it.reference.error), small(it.reference.bound)];
  if (!verbose) return pair;
  const forms = it.forms.map(({ form, error }) => `${form} ${small(error)}`).join(', ');
  return [...pair, small(it.independence.error), it.input === 'real' ? forms : `${forms} (made input)`];
}

function notes({ sites }: Plan): string[] {
  const all = sites.flatMap(({ site, notes }) => notes.map((note) => ({ name: site.name, note })));
  const counts = new Map<string, string[]>();
  for (const { name, note } of all) counts.set(note, [...(counts.get(note) ?? []), name]);
  const lines = [...counts].map(([note, names]) => {
    const [first = ''] = names;
    return `note: ${note} (${names.length === 1 ? printable(first) : plural(names.length, 'site')})`;
  });
  const training = sites.filter(({ site }) => site.training).length;
  if (training > 0) {
    lines.push(
      `note: ${plural(training, 'site')} normalised by batch statistics (training_mode=1); the reference is the same node on its running statistics`,
    );
  }
  return lines;
}

function refusals(list: readonly Refusal[], { colors }: TextStyle): string[] {
  return list.map(({ name, path, reason, remedy, code }) => {
    const place = printable(path === '' ? name : `${path}: ${name}`);
    const why = printable(reason);
    return code === 'excluded'
      ? colors.dim(`left: ${place}: ${why}`)
      : `${colors.yellow('left')}: ${place}: ${why}. ${printable(remedy)}.`;
  });
}

function verified({ checks, inputs, inputDims, seed }: Verification, style: TextStyle): string[] {
  const dims = Object.entries(inputDims).map(([name, list]) => `${printable(name)} [${list.join(', ')}]`);
  const fed = `${inputs === 'made' ? `made inputs (seed ${seed})` : 'the given inputs'}: ${dims.join(', ')}`;
  return [`verified in ONNX Runtime on ${fed}`, ...checks.map((check) => checkLine(check, style))];
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;

function checkLine({ name, status, detail }: Check, { colors }: TextStyle): string {
  const line = `  ${MARKS[status]} ${name.padEnd(12)} ${printable(detail)}`;
  return status === 'failed' ? colors.red(line) : line;
}

function drifts(list: readonly Drift[], inputs: Verification['inputs']): string[] {
  if (list.length === 0) return [];
  const number = (value: number) => (Number.isFinite(value) ? value.toPrecision(3) : 'not finite');
  const rows = list.map(({ output, max, mean, relative, cosine, sqnr, argmax }) => [
    ...[`  ${printable(output)}`, number(max), number(mean), number(relative), number(cosine)],
    sqnr === null ? 'none differs' : `${number(sqnr)} dB`,
    argmax === null ? '–' : `${Math.round(argmax * 100)} %`,
  ]);
  const head = ['  output', 'max', 'mean', 'relative', 'cosine', 'SQNR', 'same argmax'];
  const made =
    inputs === 'made' ? ' (made inputs are noise: give real ones with --inputs to learn what they mean)' : '';
  return [`drift from the source${made}`, ...table([head, ...rows], [1, 2, 3, 4, 5, 6])];
}

function summary(outcome: Outcome, { colors }: TextStyle): string[] {
  const { command, plan, output, outputBytes, verification, externalData, timings, foldedConv } = outcome;
  if (plan === undefined) return [];
  const left = plan.refusals.length;
  const counts = `${plural(plan.sites.length, 'site')}${left === 0 ? '' : `, ${left} left as ${left === 1 ? 'it is' : 'they are'}`}`;
  const times = Object.entries(timings).map(([step, milliseconds]) => `${step} ${duration(milliseconds)}`);
  const took = `(${times.join(', ')})`;
  if (command === 'inspect') {
    const folded = foldedConv ? `; ${foldedConv} Conv look as if their BatchNormalization was folded in` : '';
    return [`would swap ${counts}${folded} ${took}`];
  }
  if (verification?.passed === false) return [colors.red(`${counts}: a check failed, so nothing was written ${took}`)];
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
