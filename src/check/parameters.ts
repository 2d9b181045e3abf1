/** γ and β are finite, and what they were or trained since; swapped or reordered numbers are neither. */
import { GnSwapError } from '../errors.ts';
import type { Site } from '../find/types.ts';
import type { Parameter } from '../graph/graph-view.ts';
import { INITS } from '../norms/inits/index.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';
import { digestOfNumbers } from '../rewrite/record.ts';
import { ofSite, wrong } from './finding.ts';
import type { CheckedSite, FileCheck, Finding, ParameterState, Subject } from './types.ts';

const NAMES = { scale: 'γ', bias: 'β' } as const;
type Role = keyof typeof NAMES;
const ROLES = ['scale', 'bias'] as const;

/** Digests of γ and β; see {@link digestOfNumbers}. */
type Digests = Readonly<Record<Role, string>>;

export const parameters: FileCheck = {
  name: 'parameters',
  summary: 'γ and β are finite, and unchanged or trained; not exchanged, not reordered',
  perSite: true,
  run(subject) {
    const findings: Finding[] = [];
    for (const site of subject.sites) {
      const own = finiteness(site, subject);
      const [were, are] = [written(site, subject), digests(site, subject)];
      const [state, damage] =
        were === undefined || are === undefined ? (['unknown', []] as const) : judge(site, were, are);
      subject.states.set(site, own.length > 0 ? 'damaged' : state);
      findings.push(...[...own, ...damage].map((finding) => ofSite(site.name, finding)));
    }
    return { findings, detail: summary(subject) };
  },
};

function summary({ sites, states }: Subject): string {
  const count = (state: ParameterState) => sites.filter((site) => states.get(site) === state).length;
  const [unchanged, trained, unknown] = [count('unchanged'), count('trained'), count('unknown')];
  const parts = [
    unchanged > 0 ? `unchanged at ${unchanged} of ${sites.length} sites` : '',
    trained > 0 ? `trained at ${trained} of ${sites.length} sites` : '',
    unknown > 0 ? `finite at ${unknown} with unknown originals` : '',
  ];
  return parts.every((part) => part === '')
    ? 'there are no norms'
    : `γ and β are ${parts.filter((it) => it !== '').join(', ')}`;
}

function finiteness({ norm }: CheckedSite, subject: Subject): Finding[] {
  return ROLES.flatMap((role) => {
    const values = numbersOf(norm[role], subject);
    const bad = values?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (bad < 0) return [];
    const message = `${NAMES[role]} of channel ${bad} is ${values?.[bad]}`;
    return [
      wrong(
        'parameter-not-finite',
        norm[role]?.name ?? '',
        message,
        'Resume training from an earlier checkpoint, or swap the source again',
      ),
    ];
  });
}

/** Numbers of γ or β; `undefined` where there is none, or its data are not there, which another check says. */
function numbersOf(parameter: Parameter | undefined, { model }: Subject): Float64Array | undefined {
  if (parameter === undefined) return undefined;
  try {
    return valuesOf(parameter.tensor, model.home.open);
  } catch (error) {
    if (error instanceof GnSwapError) return undefined;
    throw error;
  }
}

function digests({ norm }: CheckedSite, subject: Subject): Digests | undefined {
  const [scale, bias] = ROLES.map((role) => numbersOf(norm[role], subject));
  if (scale === undefined || bias === undefined) return undefined;
  return { scale: digestOfNumbers(scale), bias: digestOfNumbers(bias) };
}

/** What γ and β were when they were written: as recorded, else as an init makes them of the source. */
function written({ norm, record }: CheckedSite, subject: Subject): Digests | undefined {
  if (record?.scale !== undefined && record.bias !== undefined) return { scale: record.scale, bias: record.bias };
  const { source, provenance } = subject;
  const site = source?.search.sites.find(({ output, needsData }) => output === norm.output && needsData !== true);
  const init = typeof provenance === 'object' ? INITS.find(({ name }) => name === provenance.init) : undefined;
  if (site === undefined || init === undefined || site.channels !== norm.channels) return undefined;
  const affine = init.parameters(site.statistics, norm.groups, site.epsilon);
  return { scale: storedDigest(site, affine.scale), bias: storedDigest(site, affine.bias) };
}

function storedDigest({ elementType }: Site, values: Float64Array): string {
  return digestOfNumbers(valuesOf(makeTensor('', elementType, [values.length], values)));
}

function judge({ name, norm }: CheckedSite, were: Digests, are: Digests): [ParameterState, Finding[]] {
  const swapped = ROLES.filter((role) => {
    const other = role === 'scale' ? 'bias' : 'scale';
    return were.scale !== were.bias && are[role] === were[other];
  });
  if (swapped.length > 0) {
    const message =
      swapped.length === 2
        ? 'γ and β are exchanged'
        : swapped.map((role) => `${NAMES[role]} holds the numbers of ${role === 'scale' ? 'β' : 'γ'}`).join();
    return ['damaged', [wrong('parameters-swapped', name, message)]];
  }
  const permuted = ROLES.filter((role) => are[role] !== were[role] && sortedPart(are[role]) === sortedPart(were[role]));
  if (permuted.length > 0) {
    const findings = permuted.map((role) => {
      const message = `the channels of ${NAMES[role]} of ${name} are in a different order than gn-swap wrote them`;
      return wrong('channels-permuted', norm[role]?.name ?? name, message);
    });
    return ['damaged', findings];
  }
  return [ROLES.every((role) => are[role] === were[role]) ? 'unchanged' : 'trained', []];
}

function sortedPart(digest: string): string | undefined {
  return digest.split(':')[1];
}
