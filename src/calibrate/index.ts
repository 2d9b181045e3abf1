/**
 * Solves γ′ and β′ of every site from a few unlabelled inputs, so that the rewritten model does on day one almost what the
 * source did: the line from the normalised value to what the source had there that keeps its mean and deviation.
 *
 * One run tells two solutions: from what reaches a site with everything before it swapped, which takes back what was lost there, and
 * from what reaches it in the source, which adds no noise of its own. Neither is best for all models (docs/decisions.md).
 */
import { defined } from '../defined.ts';
import type { Search } from '../find/index.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { Random } from '../inputs/random.ts';
import { KnownAnswers } from '../measure/known-answers.ts';
import { normNamed } from '../norms/index.ts';
import { once } from '../once.ts';
import type { Model } from '../onnx/model.ts';
import { overflow, type Plan, type SitePlan } from '../plan/index.ts';
import type { Calibration, SiteFit, SolvedPlan } from './calibration.ts';
import { checkReading, otherOrder } from './check-reading.ts';
import { collect, collectedOrder, type PassOptions } from './collect.ts';
import { bestGroups, type GroupFit, groupFits, regroup } from './groups.ts';
import { mismatchAt, mismatchOf } from './mismatch.ts';
import { ofSource } from './of-source.ts';
import { reEstimate } from './re-estimate.ts';
import { reEstimatedPlan } from './re-estimated.ts';
import type { ReadingCheck } from './reading-fit.ts';
import { unsolvable, whyUnsolved } from './solvable.ts';
import { solve } from './solve.ts';
import { leaveOut, momentsFor, type SiteStatistics } from './statistics.ts';
import { type Survey, type SurveyOptions, survey } from './survey.ts';
import { poolTied } from './tied.ts';
import { withKernels } from './twin.ts';

/** How {@link calibrate} goes about it. */
export interface CalibrateOptions extends PassOptions {
  readonly data: Dataset;
  /** Of every random choice. */
  readonly seed: number;
  /** Whether each site's G is chosen by the data. */
  readonly chooseGroups: boolean;
  /** Whether the candidates will be compared, so that answers of the source are worth keeping. */
  readonly compares?: boolean | undefined;
}

/** The share of the samples that is kept for measuring drift; one at least, where there are two. */
const HELD_OUT = 0.2;

/**
 * @param search what was found
 * @param planned its plan, with the `statistics` init: what sites keep that can't be solved
 * @throws GnSwapError `invalid-data` where the model does not take the samples, and what the runtime throws
 */
export async function calibrate(search: Search, planned: Plan, options: CalibrateOptions): Promise<Calibration> {
  const { solvedOn, heldOut } = split(options.data.count, options.seed);
  if (isReEstimated(planned)) {
    const { moments } = await reEstimate(search.model, planned, solvedOn, options);
    return { ...reEstimatedPlan(planned, moments), solvedOn, heldOut };
  }
  const { model } = search;
  const answers =
    options.compares === true ? new KnownAnswers(model, comparedOn({ solvedOn, heldOut }), ROOM) : undefined;
  const known = defined({ answers, heldOut });
  const gathered = await gather(model, planned, solvedOn, { ...options, ...known });
  const { sites, fits, statistics, order, reading, bytes } = gathered;
  const choices = new Map(
    sites.flatMap((it, index) => (fits[index] === undefined ? [] : [[it.site.name, fits[index]]])),
  );
  const regrouped = { ...planned, sites };
  const path = solvePlan(regrouped, statistics, choices);
  const without = (found: ReadonlyMap<SitePlan, SiteStatistics>, samples: readonly number[]) => {
    const others = [...found].map(([it, all]) => [it, leaveOut(all, it.channels, order, samples)] as const);
    return solvedSites(regrouped, new Map(others)).plan;
  };
  // It is seldom asked for.
  const fromSource = once(() => new Map([...statistics].map(([it, found]) => [it, ofSource(it, found)])));
  const candidates: SolvedPlan[] = [
    { solver: 'path', solve: () => path.plan, without: (samples) => without(statistics, samples) },
    {
      solver: 'source',
      solve: once(() => solvedSites(regrouped, fromSource()).plan),
      without: (samples) => without(fromSource(), samples),
    },
    // What a folded norm was is not known without data.
    ...(planned.sites.some(({ site }) => site.needsData === true)
      ? []
      : [{ solver: 'statistics', solve: () => planned } as const]),
  ];
  return { ...path, solvedOn, heldOut, reading, candidates, bytes, answers };
}

/**
 * So few held-out inputs hold too few boxes or classes to tell solutions apart, so some that were solved on are taken too. Each of those
 * is judged by a solution without it: with few inputs, the line of a channel learns them by heart.
 */
const COMPARED = 16;
/** Bytes that answers of the source may take, so that it runs once. */
export const ROOM = 256 << 20;

/** The samples that candidates are compared on: the held-out ones, then some that were solved on. */
export function comparedOn({ solvedOn, heldOut }: Pick<Calibration, 'solvedOn' | 'heldOut'>): number[] {
  return [...heldOut, ...solvedOn.slice(0, Math.max(0, COMPARED - heldOut.length))];
}

/** Whether data tell a plan's μ and σ², and not its γ′ and β′. */
export function isReEstimated({ norm }: Plan): boolean {
  return normNamed(norm).data === 'required';
}

/** What the data tell of the sites of a plan. */
interface Gathered {
  /** The plan's, with the groups that were chosen. */
  readonly sites: readonly SitePlan[];
  /** What each G would explain, in the order of the sites; `undefined` where G was not to be chosen. */
  readonly fits: readonly (readonly GroupFit[] | undefined)[];
  /** Of those sites that can be solved. */
  readonly statistics: ReadonlyMap<SitePlan, SiteStatistics>;
  /** The samples, as the statistics have them. */
  readonly order: readonly number[];
  readonly reading: ReadingCheck;
  /** Of all values of the source for one sample, by its key. */
  readonly bytes: Survey['bytes'];
}

/**
 * Statistics of every site over the given samples. Where the runtime can't compute the model's type, its float32 twin tells
 * them.
 *
 * @param planned with the `statistics` init
 * @throws as {@link calibrate}
 */
export async function gather(
  model: Model,
  planned: Plan,
  samples: readonly number[],
  options: Omit<CalibrateOptions, 'seed'> & Pick<SurveyOptions, 'heldOut'>,
): Promise<Gathered> {
  const { groups, fits, statistics, order, reading, bytes } = await withKernels(model, planned, (own, plan) =>
    gatherIn(own, plan, samples, options),
  );
  const sites = planned.sites.map((it, index) => regroup(it, groups[index] as number));
  const collected = new Map(
    sites.flatMap((it, index) => (statistics[index] === undefined ? [] : [[it, statistics[index]]])),
  );
  return { sites, fits, statistics: collected, order, reading, bytes };
}

/** By the position of a site in the plan: its groups, what they were chosen by, its statistics. */
interface ByPosition extends Pick<Gathered, 'order' | 'reading' | 'bytes'> {
  readonly groups: readonly number[];
  readonly fits: Gathered['fits'];
  readonly statistics: readonly (SiteStatistics | undefined)[];
}

async function gatherIn(
  model: Model,
  planned: Plan,
  samples: readonly number[],
  options: Omit<CalibrateOptions, 'seed'> & Pick<SurveyOptions, 'heldOut'>,
): Promise<ByPosition> {
  const { data, memory, chooseGroups, answers, heldOut } = options;
  const unsolved = unsolvable(model, planned.sites);
  const solvable = planned.sites.filter((it) => !unsolved.has(it));
  // In the same session as the rest; in training mode answers would be those of a batch.
  const trains = planned.sites.some(({ site }) => site.training);
  const other = chooseGroups && !trains ? await otherOrder(model, data, samples) : undefined;
  const known = { answers, heldOut };
  const surveyed = await survey(model, data, samples, { memory, sites: solvable, chooseGroups, other, ...known });
  const pooled = poolTied(solvable, surveyed.statistics);
  const fits = planned.sites.map((it) => {
    const statistics = pooled.get(it);
    // On a single sample every G explains all there is.
    return statistics !== undefined && statistics.meanX.length > it.channels ? groupFits(it, statistics) : undefined;
  });
  const sites = planned.sites.map((it, index) => {
    const found = fits[index];
    return found === undefined ? it : regroup(it, bestGroups(found));
  });
  const collected = await collect(model, { ...planned, sites }, data, samples, options, surveyed);
  const reading = await checkReading(surveyed, solvable, data, samples, { memory });
  const order = collectedOrder(surveyed, data, samples, options);
  return {
    groups: sites.map(({ groups }) => groups),
    fits,
    statistics: sites.map((it) => collected.get(it)),
    order,
    reading,
    bytes: surveyed.bytes,
  };
}

/**
 * γ′ and β′ of every site that there are statistics for; others keep what they have, and say so.
 *
 * @param choices what each number of groups would have explained, by site, where the data chose it
 */
export function solvePlan(
  planned: Plan,
  collected: ReadonlyMap<SitePlan, SiteStatistics>,
  choices: ReadonlyMap<string, readonly GroupFit[]> = new Map(),
): Pick<Calibration, 'plan' | 'fits' | 'mismatch'> {
  const { plan, solved } = solvedSites(planned, collected);
  const fits = solved.map(({ it, statistics, r2, fallbacks }): SiteFit => {
    const { name } = it.site;
    const more = defined({ groups: choices.get(name), mismatch: mismatchAt(it, statistics) });
    return { name, r2, fallbacks, channels: it.channels, ...more };
  });
  return { plan, fits, mismatch: mismatchOf(collected) };
}

/** A site that was solved, and how well that could be done. */
interface Solved extends Pick<SiteFit, 'r2' | 'fallbacks'> {
  readonly it: SitePlan;
  readonly statistics: SiteStatistics;
}

/** {@link solvePlan}, without what is only told: most plans are made to be compared. */
function solvedSites(
  planned: Plan,
  collected: ReadonlyMap<SitePlan, SiteStatistics>,
): { readonly plan: Plan; readonly solved: readonly Solved[] } {
  const solved: Solved[] = [];
  const pooled = poolTied(planned.sites, collected);
  const sites = planned.sites.map((it): SitePlan => {
    const statistics = pooled.get(it);
    if (statistics === undefined) {
      return { ...it, notes: [...it.notes, whyUnsolved(it)] };
    }
    const { scale, bias, r2, fallbacks } = solve(momentsFor(statistics, it.channels, it.groups, it.epsilon), it);
    const tooLarge = overflow(it.site, { scale, bias });
    if (tooLarge !== undefined) {
      return { ...it, notes: [...it.notes, `solved from running statistics, because from the data ${tooLarge[0]}`] };
    }
    solved.push({ it, statistics, r2, fallbacks });
    return { ...it, init: 'calibrate', scale, bias };
  });
  return { plan: { ...planned, sites }, solved };
}

/** Which samples are solved on, and which are kept for measuring. The same for the same seed. */
export function split(count: number, seed: number): { solvedOn: number[]; heldOut: number[] } {
  const order = new Random(seed).shuffle(Array.from({ length: count }, (_, index) => index));
  if (count < 2) return { solvedOn: order, heldOut: [] };
  const kept = Math.max(1, Math.round(count * HELD_OUT));
  const ascending = (list: number[]) => list.sort((a, b) => a - b);
  return { solvedOn: ascending(order.slice(kept)), heldOut: ascending(order.slice(0, kept)) };
}
