/** A plan with the μ and σ² that its inputs were found to have. */
import { formNamed } from '../forms/index.ts';
import { overflow, type Plan, type SitePlan } from '../plan/index.ts';
import { type BatchMoments, pooled } from './batch-moments.ts';
import type { Calibration } from './calibration.ts';
import { type Mismatch, median } from './mismatch.ts';
import { inOrder } from './steps.ts';

/** Below this share of what it was, or of ε, a variance says that the channel does not vary on these inputs. */
const CONSTANT = 1e-6;

/** @param moments of every site of the plan, over all samples */
export function reEstimatedPlan(
  planned: Plan,
  moments: ReadonlyMap<SitePlan, BatchMoments>,
): Pick<Calibration, 'plan' | 'fits' | 'mismatch' | 'moved'> {
  // Those of shards are not yet.
  const graph = planned.sites[0]?.site.graph;
  const together = pooled(graph === undefined ? [] : inOrder(graph, planned.sites).ties, moments);
  const sites = planned.sites.map((it): SitePlan => {
    const { mean, variance } = together.get(it) ?? (moments.get(it) as BatchMoments);
    const more = { mean, variance };
    const tooLarge = overflow(it.site, { ...it, more }, formNamed(it.form));
    if (tooLarge !== undefined) return { ...it, notes: [...it.notes, `keeps its running statistics: ${tooLarge[0]}`] };
    const constant = Array.from(variance).filter((value, c) =>
      isConstant(value, it.site.statistics.variance[c] as number, it.epsilon),
    );
    const notes =
      constant.length === 0
        ? []
        : [`${constant.length} of ${it.channels} channels are constant on these inputs, so their σ is only √ε`];
    return { ...it, init: 'calibrate', more, notes: [...it.notes, ...notes] };
  });
  const unknown = { shift: Number.NaN, spread: Number.NaN };
  return { plan: { ...planned, sites }, fits: [], mismatch: unknown, moved: movedBy(planned, moments) };
}

function isConstant(variance: number, before: number, epsilon: number): boolean {
  return variance <= CONSTANT * Math.max(epsilon, before) && before > CONSTANT * epsilon;
}

/** How far μ and σ went from where they were, in terms of the σ that was. */
function movedBy({ sites }: Plan, moments: ReadonlyMap<SitePlan, BatchMoments>): Mismatch {
  const shifts: number[] = [];
  const spreads: number[] = [];
  for (const it of sites) {
    const { mean, variance } = moments.get(it) as BatchMoments;
    const before = it.site.statistics;
    for (let c = 0; c < it.channels; c++) {
      const deviation = Math.sqrt(before.variance[c] as number);
      if (deviation === 0) continue;
      shifts.push(Math.abs((mean[c] as number) - (before.mean[c] as number)) / deviation);
      spreads.push(Math.sqrt(variance[c] as number) / deviation);
    }
  }
  return { shift: median(shifts), spread: median(spreads) };
}
