/**
 * JUnit XML, as Jenkins, GitLab and most others read it: a suite for each file, a case for each check, and for checks of norms
 * a case for each norm.
 */
import XMLBuilder from 'fast-xml-builder';
import type { Finding } from '../../check/types.ts';
import { printable } from '../format.ts';
import type { VerdictLine } from '../verdict-line.ts';
import type { Gate, GateCheck } from './gate.ts';

type Attributes = Readonly<Record<`@${string}`, string>>;
type Case = Attributes & {
  readonly skipped?: string;
  readonly error?: Failure;
  readonly failure?: readonly Failure[];
};
type Failure = Attributes & { readonly '#text': string };

/** The document. Nothing in it depends on when or where it is made. */
export function renderJunit(gates: readonly Gate[]): string {
  const suites = gates.map(suiteOf);
  const total = (name: '@tests' | '@failures' | '@errors') =>
    String(suites.reduce((sum, suite) => sum + Number(suite[name]), 0));
  const builder = new XMLBuilder({
    attributeNamePrefix: '@',
    ignoreAttributes: false,
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  const counts = { '@tests': total('@tests'), '@failures': total('@failures'), '@errors': total('@errors') };
  const root = { testsuites: { '@name': 'gn-swap', ...counts, testsuite: suites } };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(root)}`;
}

function suiteOf({ file, checks, verdict, error }: Gate) {
  const cases = checks.flatMap((check) => casesOf(check, file));
  if (error !== undefined) {
    const failure = {
      '@type': 'error',
      '@message': plain(error.message),
      '#text': plain(`${error.message}. ${error.remedy}`),
    };
    cases.push({ ...named('readable', file), error: failure });
  }
  const count = (what: (it: Case) => boolean) => String(cases.filter(what).length);
  return {
    '@name': plain(file),
    '@tests': String(cases.length),
    '@failures': count((it) => it.failure !== undefined),
    '@errors': count((it) => it.error !== undefined),
    '@skipped': count((it) => it.skipped !== undefined),
    ...(verdict.length === 0 ? {} : { properties: { property: verdict.map(propertyOf) } }),
    testcase: cases,
  };
}

/** What came of it as a whole. */
function propertyOf({ about, text }: VerdictLine) {
  return { '@name': about, '@value': plain(text) };
}

function casesOf({ name, status, detail, findings, sites }: GateCheck, file: string): Case[] {
  if (status === 'skipped') return [{ ...named(name, file), skipped: plain(detail) }];
  const errors = findings.filter(({ severity }) => severity === 'error');
  const ofSites = sites.map((site) =>
    caseOf(
      `${name}: ${site}`,
      file,
      errors.filter((it) => it.site === site),
    ),
  );
  const others = errors.filter(({ site }) => site === undefined || !sites.includes(site));
  return sites.length > 0 && others.length === 0 ? ofSites : [...ofSites, caseOf(name, file, others)];
}

function caseOf(name: string, file: string, errors: readonly Finding[]): Case {
  const failure = errors.map((it) => ({
    '@type': it.rule,
    '@message': plain(sentence(it)),
    '#text': plain(`${sentence(it)}. ${it.remedy}.`),
  }));
  return { ...named(name, file), ...(failure.length === 0 ? {} : { failure }) };
}

function sentence({ node, message }: Finding): string {
  return node === '' ? message : `${node}: ${message}`;
}

function named(name: string, file: string) {
  return { '@name': plain(name), '@classname': plain(`gn-swap.${file}`) };
}

/** XML 1.0 has no place for control characters, nor for U+FFFE and U+FFFF, however they are written. */
function plain(text: string): string {
  return printable(text).replace(/[\uFFFE\uFFFF]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}
