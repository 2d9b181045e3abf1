/** Norms that compute what the source does: how far rounding may take their outputs from the source's. */

import { viewOf } from '../graph/view.ts';
import type { Drift } from '../measure/drift.ts';
import { normNamed } from '../norms/index.ts';
import { DataType, unitRoundoff } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';

/** What such a plan promises. */
export interface SameFunction {
  readonly norm: string;
  /** Largest drift of an output, relative to the source. */
  readonly limit: number;
}

/**
 * Where a network answers with a difference of large numbers, or so near to 0 that a sigmoid has no digits left, rounding
 * takes even the source further from itself: by so many times as much may the norm.
 */
const OWN_ROUNDING = 4;

/** Where values are quantised, rounding takes some over the edge of a step, of which 8 bits have 255: what follows sees that. */
const QUANTUM = 2 ** -7;

/**
 * Nothing where a site gets another function. 16-bit types round by as much more as their unit roundoff is larger.
 *
 * @param model that the sites are of
 */
export function sameFunction(sites: readonly SitePlan[], model: Model): SameFunction | undefined {
  let limit = quantises(model) ? QUANTUM : 0;
  for (const { norm, site } of sites) {
    const { maxDrift } = normNamed(norm);
    if (maxDrift === undefined) return undefined;
    const coarser = Math.max(1, unitRoundoff(site.elementType) / unitRoundoff(DataType.FLOAT));
    limit = Math.max(limit, maxDrift * coarser);
  }
  return sites[0] && { norm: sites[0].norm, limit };
}

/** By the standard operators, and those of ONNX Runtime; those that only dequantise do not. */
function quantises(model: Model): boolean {
  return viewOf(model).scopes.some(({ graph }) => graph.node.some(({ opType }) => opType.includes('Quantize')));
}

/**
 * What is found of the promise, in words.
 *
 * @param drift of the outputs that hold floats: an index may jump by rounding
 * @param ofSource how far the source drifts from itself where the runtime computes it in another order; asked only where need be
 */
export async function keepsPromise(
  { norm, limit }: SameFunction,
  drift: readonly Drift[],
  ofSource: () => Promise<readonly Drift[]>,
): Promise<{ readonly kept: boolean; readonly detail: string }> {
  const isOver = ({ relative }: Drift) => !(relative <= limit);
  const over = drift.filter(isOver);
  const within = `no output drifts by more than ${limit.toExponential()}`;
  if (over.length === 0)
    return { kept: true, detail: `${within}; ${norm} norm computes the same function as the source` };
  const own = new Map((await ofSource()).map(({ output, relative }) => [output, relative]));
  const broken = over.find(({ output, relative }) => !(relative <= OWN_ROUNDING * (own.get(output) ?? 0)));
  if (broken !== undefined) {
    const by = `output ${JSON.stringify(broken.output)} drifts by ${broken.relative.toPrecision(3)}`;
    return {
      kept: false,
      detail: `${by}, more than ${limit.toExponential()}, although ${norm} norm computes the same function as the source`,
    };
  }
  const names = over.map(({ output, relative }) => {
    const alone = own.get(output)?.toPrecision(2);
    return `${JSON.stringify(output)} drifts by ${relative.toPrecision(2)}; rounding alone moves the source by ${alone}`;
  });
  return { kept: true, detail: `${names.join('; ')}. ${norm} norm computes the same function as the source` };
}
