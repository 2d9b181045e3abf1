/** What a check found → what a person reads on a terminal. */
import type { CheckReport, ReportedSite } from '../../check/index.ts';
import type { CheckResult, Finding } from '../../check/types.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import type { SiteVerification } from '../../verify/sites.ts';
import { plural } from '../../words.ts';
import { placeOf } from '../figures.ts';
import { printable, table } from '../format.ts';
import { driftOf } from '../proof.ts';
import { checkLine, driftTable, type TextStyle, timesOf } from '../terminal.ts';
import { comparedOn } from '../wording.ts';

/** The sections of a checked file, each a list of lines. */
export function checkSections(outcome: Outcome, report: CheckReport, style: TextStyle): string[][] {
  return [
    report.sites.length === 0 ? [] : siteTable(report, style),
    report.checks
      .filter(({ status, unjudged }) => style.verbose || unjudged === true || status !== 'skipped')
      .map((check) => verdict(check, style)),
    drifts(outcome, report),
    report.checks.flatMap(({ findings }) => findings).flatMap((finding) => findingLines(finding, style)),
    [summary(outcome, report, style)],
  ];
}

function siteTable({ sites, verification }: CheckReport, { colors }: TextStyle): string[] {
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  const head = ['site', 'form', 'channels', 'groups', 'ε', 'γ and β', 'error', 'bound'];
  const rows = sites.map((site) => [...rowOf(site), ...figures(verified.get(site.name))]);
  const [first = '', ...rest] = table([head, ...rows], [2, 3, 6, 7]);
  return [colors.dim(first), ...rest];
}

function rowOf({ name, norm, record, state }: ReportedSite): string[] {
  const { form, channels, groups, epsilon, path } = norm;
  const known = record === undefined && state === 'unknown' ? 'not recorded' : state;
  return [
    printable(placeOf({ name, path })),
    form,
    String(channels),
    String(groups),
    String(Number(epsilon.toPrecision(6))),
    known,
  ];
}

function figures(it: SiteVerification | undefined): string[] {
  if (it === undefined) return ['–', '–'];
  return [it.reference.error.toExponential(1), it.reference.bound.toExponential(1)];
}

function drifts(outcome: Outcome, { verification }: CheckReport): string[] {
  const drift = driftOf(outcome);
  if (drift.length === 0) return [];
  return [`drift from the source${comparedOn(verification?.inputs)}`, ...driftTable(drift)];
}

function verdict(check: CheckResult, { colors }: TextStyle): string {
  const { status } = check;
  const line = checkLine(check);
  return status === 'failed' ? colors.red(line) : status === 'skipped' ? colors.dim(line) : line;
}

function findingLines({ rule, severity, node, message, remedy }: Finding, { colors }: TextStyle): string[] {
  const color = { error: colors.red, warning: colors.yellow, note: colors.dim }[severity];
  const place = node === '' ? '' : `${printable(node)}: `;
  return [`${color(`${severity} ${rule}`)}: ${place}${printable(message)}. ${printable(remedy)}.`];
}

function summary({ file, timings }: Outcome, { checks, sites, against }: CheckReport, { colors }: TextStyle): string {
  const times = timesOf(timings);
  const took = times === '' ? '' : ` (${times})`;
  const findings = checks.flatMap(({ findings: list }) => list);
  const count = (severity: Finding['severity']) => findings.filter((it) => it.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const of = `${plural(sites.length, 'norm')}${against === undefined ? '' : `, against ${printable(against)}`}${took}`;
  const also = warnings === 0 ? '' : ` and ${plural(warnings, 'warning')}`;
  return errors > 0
    ? colors.red(`${printable(file)}: ${plural(errors, 'error')}${also}: ${of}`)
    : `${colors.green('valid')}: ${printable(file)}${also}: ${of}`;
}
