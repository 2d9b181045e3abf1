/** Norms that compute what the source does: how far rounding may take their outputs from the source's. */
import { normNamed } from '../norms/index.ts';
import { DataType, unitRoundoff } from '../onnx/data-type.ts';
import type { SitePlan } from '../plan.ts';
import type { Drift } from './drift.ts';

/** What such a plan promises. */
export interface SameFunction {
  readonly norm: string;
  /** Largest drift of an output, relative to the source. */
  readonly limit: number;
}

/** Nothing where a site gets another function. 16-bit types round by as much more as their unit roundoff is larger. */
export function sameFunction(sites: readonly SitePlan[]): SameFunction | undefined {
  let limit = 0;
  for (const { norm, site } of sites) {
    const { maxDrift } = normNamed(norm);
    if (maxDrift === undefined) return undefined;
    const coarser = Math.max(1, unitRoundoff(site.elementType) / unitRoundoff(DataType.FLOAT));
    limit = Math.max(limit, maxDrift * coarser);
  }
  return sites[0] && { norm: sites[0].norm, limit };
}

/**
 * What breaks the promise, in words.
 *
 * @param isFloat whether an output holds floats: an index may jump by rounding
 */
export function brokenPromise(
  { norm, limit }: SameFunction,
  drift: readonly Drift[],
  isFloat: (output: string) => boolean,
): string | undefined {
  const over = drift.find(({ output, relative }) => isFloat(output) && !(relative <= limit));
  if (over === undefined) return undefined;
  const by = `${JSON.stringify(over.output)} drifted by ${over.relative.toPrecision(3)}, more than ${limit.toPrecision(2)}`;
  return `${by}, though ${norm} computes what the source does`;
}
