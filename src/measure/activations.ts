/**
 * What every site answers in the rewritten model against what stood there in the source, on the same inputs. Only sites of
 * the main graph can be asked.
 */

import { sizeOf } from '../inputs/generated.ts';
import type { Model } from '../onnx/model.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { numbersIn, type Value } from '../runtime/session.ts';
import { type Drift, driftOf } from './drift.ts';
import { type HistogramPair, histogramsOf } from './histogram.ts';
import { type PartLimits, partsThatFit, valueNames, valuesAt } from './parts.ts';

/** How far a site's output is from the source's. */
export interface SiteDrift extends Pick<Drift, 'max' | 'mean' | 'relative' | 'cosine'> {
  readonly name: string;
  /** `undefined` where a number is not finite. */
  readonly histogram: HistogramPair | undefined;
}

/** What {@link compareSites} needs. */
export interface Comparison extends PartLimits {
  /** The model that the sites were found in, in types that the runtime computes and in inference mode. */
  readonly source: Model;
  /** As read back from the file, or that model's float32 twin. */
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  onSite?(done: number): void;
}

/** Compares all sites that can be asked, in the order given. */
export async function compareSites(comparison: Comparison): Promise<SiteDrift[]> {
  const { source, written, sites } = comparison;
  const [before, after] = [valueNames(source), valueNames(written)];
  const isKnown = ({ plan: { site } }: RewrittenSite) =>
    site.path === '' && after.has(site.input) && [before, after].every((names) => names.has(site.output));
  const results: SiteDrift[] = [];
  for (const part of await partsThatFit(written, sites.filter(isKnown), bytesOf, comparison)) {
    const names = part.map(({ plan }) => plan.site.output);
    const [a, b] = [await valuesAt(source, names, comparison), await valuesAt(written, names, comparison)];
    for (const { plan } of part) {
      const result = compare(plan.site.name, a[plan.site.output], b[plan.site.output]);
      if (result !== undefined) results.push(result);
      comparison.onSite?.(results.length);
    }
  }
  return results;
}

/** Both models' y, at the width of a float64 where they are 16-bit floats. */
function bytesOf(dims: readonly number[]): number {
  return 2 * 8 * sizeOf({ dims });
}

function compare(name: string, source: Value | undefined, rewritten: Value | undefined): SiteDrift | undefined {
  const drift = source && rewritten && driftOf(name, source, rewritten);
  if (drift === undefined) return undefined;
  const [a, b] = [numbersIn(source), numbersIn(rewritten)];
  const { max, mean, relative, cosine } = drift;
  return { name, max, mean, relative, cosine, histogram: histogramsOf(a, b) };
}
