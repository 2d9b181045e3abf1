/**
 * SARIF 2.1.0, as GitHub code scanning and others read it: a rule for each kind of finding, a result for each finding.
 *
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { RULES, type RuleId } from '../../check/rules.ts';
import type { Finding } from '../../check/types.ts';
import { VERSION } from '../../version.ts';
import { printable } from '../format.ts';
import type { Gate } from './gate.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const IDS = Object.keys(RULES) as RuleId[];

/** The document, indented by two spaces. */
export function renderSarif(gates: readonly Gate[]): string {
  const rules = IDS.map((id) => ({ id, shortDescription: { text: RULES[id] } }));
  const driver = { name: 'gn-swap', version: VERSION, rules };
  const results = gates.flatMap(({ file, checks }) =>
    checks.flatMap(({ findings }) => findings.map((finding) => resultOf(finding, file))),
  );
  const notifications = gates.flatMap(({ file, error }) =>
    error === undefined
      ? []
      : [{ level: 'error', message: message(`${error.message}. ${error.remedy}`), locations: [locationOf(file, '')] }],
  );
  const invocation = {
    executionSuccessful: notifications.length === 0,
    ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
  };
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', invocations: [invocation], results };
  return JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, null, 2);
}

function resultOf(finding: Finding, file: string) {
  const { rule, severity, node, remedy } = finding;
  const place = node === '' ? '' : `${node}: `;
  return {
    ruleId: rule,
    ruleIndex: IDS.indexOf(rule),
    level: severity,
    message: message(`${place}${finding.message}. ${remedy}.`),
    locations: [locationOf(file, node)],
    // What makes it the same finding in the next run.
    partialFingerprints: { 'ruleAndNode/v1': plain(`${rule}:${node}`) },
  };
}

/** A model has no lines; some readers insist on one. */
function locationOf(file: string, node: string) {
  const physicalLocation = { artifactLocation: { uri: uriOf(file) }, region: { startLine: 1 } };
  return node === ''
    ? { physicalLocation }
    : { physicalLocation, logicalLocations: [{ name: plain(node), kind: 'element' }] };
}

/** A relative path stays one, so that it leads from the root of the repository. */
function uriOf(file: string): string {
  const path = file
    .replaceAll('\\', '/')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${path}` : path.replace(/^(\.\/)+/, '');
}

/** Braces are placeholders and ](…) is a link, unless they are escaped (§3.11.5, §3.11.6). */
function message(text: string) {
  return { text: plain(text).replace(/[{}]/g, '$&$&').replaceAll('](', '\\](') };
}

function plain(text: string): string {
  return printable(text).replace(/\\u\{([0-9a-f]+)\}/g, (_, code: string) => `\\u${code.padStart(4, '0')}`);
}
