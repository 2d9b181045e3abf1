/** What verification found, in sentences. */
import type { Drift } from '../measure/drift.ts';
import { type DataType, dataTypeName } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import { allFinite, type Value, type Values } from '../runtime/session.ts';
import { type Deviation, isWithin } from './bounds.ts';
import type { SiteCheck, SiteVerification } from './sites.ts';

/** How an output differs in what no rewrite changes; a dimension that the source leaves open may depend on the values. */
export function unlike(source: Model, before: Values, after: Values): string | undefined {
  for (const { name, type } of source.proto.graph.output) {
    const [a, b] = [before[name], after[name]];
    const { shape } = declaredType(type);
    const isAlike =
      a?.type === b?.type &&
      a?.dims.length === b?.dims.length &&
      (shape?.every((dim, axis) => dim === undefined || a?.dims[axis] === b?.dims[axis]) ?? true);
    if (!isAlike) return `output ${JSON.stringify(name)} was ${typeText(a)} and is ${typeText(b)}`;
    if (a && b && allFinite(a) && !allFinite(b))
      return `output ${JSON.stringify(name)} holds NaN or infinity; in the source it does not`;
  }
  return undefined;
}

function typeText(value: Value | undefined): string {
  return value === undefined ? 'absent' : `${dataTypeName(value.type)} [${value.dims.join(', ')}]`;
}

/** Which output drifted too far, or is not known not to have; undefined if none. */
export function tooFar(
  drift: readonly Drift[],
  unknown: readonly string[],
  most: number,
  byData: ReadonlySet<string> = new Set(),
): string | undefined {
  const over = drift.find(({ relative }) => !(relative <= most));
  if (over !== undefined) {
    return `output ${JSON.stringify(over.output)} drifts by ${over.relative.toPrecision(3)}, more than ${most}`;
  }
  if (unknown[0] !== undefined) return `the drift of output ${JSON.stringify(unknown[0])} is unknown`;
  return drift.length === 0 && byData.size > 0 ? `no output has a drift${exceptByData(byData)}` : undefined;
}

/** Which outputs could not be compared, or not everywhere, because the source gives NaN there, and what to do; undefined if none. */
export function sourceNaN(drift: readonly Drift[], isMade: boolean): string | undefined {
  const outputs = drift.flatMap(({ output, sourceNaN: share }) =>
    share === undefined ? [] : [`${JSON.stringify(output)}${share === 1 ? '' : ` (${percent(share)} of the numbers)`}`],
  );
  if (outputs.length === 0) return undefined;
  const found = `The source itself gives NaN in ${outputs.join(', ')}${isMade ? ' on random input' : ''}, which can't be compared`;
  return `${found}. ${isMade ? 'Use real input: --inputs FILE.npz' : 'Use inputs on which the source gives numbers'}`;
}

function percent(share: number): string {
  return share < 0.01 ? 'less than 1 %' : `${Math.min(99, Math.round(100 * share))} %`;
}

/** Why drift was not judged. */
export function driftDetail(unknown: readonly string[], byData: ReadonlySet<string> = new Set()): string {
  const except = unknown.map((name) => JSON.stringify(name)).join(', ');
  const found = `not judged; set a limit with --max-drift${except === '' ? '' : `. The drift of ${except} is unknown`}`;
  return `${found}${exceptByData(byData)}`;
}

/** Which outputs have no drift, and what judges them. */
export function exceptByData(byData: ReadonlySet<string>): string {
  if (byData.size === 0) return '';
  const names = [...byData].map((name) => JSON.stringify(name)).join(', ');
  return `. The number of rows of ${names} depends on the data: use --min-kept`;
}

/** Why a model was verified through its float32 twin. */
export function twinDetail(types: readonly DataType[], failure: string): string {
  const names = types.map(dataTypeName).join(', ');
  return `verified on a float32 copy, because the runtime has no kernels for ${names} here (${failure})`;
}

/** Which sites fail a check, and by how much the first does; undefined if none. */
export function failing(sites: readonly SiteVerification[], check: SiteCheck): string | undefined {
  const names = sites.filter(({ failed }) => failed.includes(check)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const worst = sites.find(({ name }) => name === names[0]);
  const deviation = check === 'forms' ? worst?.forms.find((it) => !isWithin(it)) : worst?.[check];
  const figures = worst?.problem ?? beyond(deviation);
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name));
  return `${names.length} of ${sites.length} sites fail: ${shown.join(', ')}${names.length > 3 ? ' …' : ''} (${figures})`;
}

/** Says by how much a norm is out of its bound, or that its numbers can't be compared. */
export function beyond(deviation: Deviation | undefined): string {
  if (deviation === undefined || !Number.isFinite(deviation.error)) {
    return 'result cannot be compared: it holds NaN or infinity, or has another size';
  }
  return `error is ${deviation.error.toExponential(1)}, more than ${deviation.bound.toExponential(1)}`;
}
