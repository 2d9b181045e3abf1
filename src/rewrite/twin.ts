/** A rewritten site in its model's float32 twin. */
import { DataType } from '../onnx/data-type.ts';
import { storedNumbers } from '../plan/index.ts';
import type { RewrittenSite } from './index.ts';

/** The site in the twin: γ′ and β′ are the numbers that the model holds, so rounded to its own type. */
export function twinSite(rewritten: RewrittenSite): RewrittenSite {
  const { plan } = rewritten;
  const { parameterTypes: _, ...own } = plan.site;
  const site = { ...own, elementType: DataType.FLOAT };
  return { ...rewritten, plan: { ...plan, site, ...storedNumbers(plan) } };
}
