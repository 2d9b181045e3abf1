/**
 * Whether pictures are read as the model was trained: a few are read otherwise too, and what the source's norms remember of
 * the training data says which reading it fits best. That tells more than how well one reading fits, which hangs on the model.
 */

import { inInferenceMode } from '../graph/inference-mode.ts';
import type { Dataset } from '../inputs/dataset.ts';
import {
  doubled,
  halved,
  layoutOf,
  type PictureInput,
  pictureInput,
  type Reading,
  readAs,
  reversed,
} from '../inputs/readings.ts';
import type { RunLimits } from '../inputs/runs.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';
import { defaultMemory } from '../runtime/memory.ts';
import { divergenceOf } from './mismatch.ts';
import { orderFitsBetter, type ReadingCheck } from './reading-fit.ts';
import type { SiteStatistics } from './statistics.ts';
import { GROUP_SAMPLES, type Otherwise, refusal, type Survey, spread, survey } from './survey.ts';

/** So few, as twice the size costs four times as much; readings of the same pictures differ by more than chance. */
const SIZE_SAMPLES = 2;
/** From here on, another size is tried. Real data had 0.05 to 0.64, according to the model. */
const NOT_CLOSE = 0.1;

/** The pictures with their channels in the other order; `undefined` if the model takes no pictures of three channels. */
export async function otherOrder(
  model: Model,
  data: Dataset,
  samples: readonly number[],
): Promise<Dataset | undefined> {
  const picture = await pictureOf(model, data, samples);
  return picture?.channels === 3 ? readAs(data, picture.input, reversed) : undefined;
}

/** The input that pictures are fed to, and how many channels they have. */
async function pictureOf(
  model: Model,
  data: Dataset,
  [first]: readonly number[],
): Promise<{ input: PictureInput; channels: number } | undefined> {
  const input = pictureInput(model);
  if (input === undefined || first === undefined) return undefined;
  const value = (await data.load(first))[input.name];
  const layout = value && layoutOf(value);
  return layout && { input, channels: layout.channels };
}

/**
 * @param surveyed with what came of the other order, where the survey could tell
 * @param sites of the model that can be solved
 * @param samples that the survey chose from
 * @returns nothing where the model takes no pictures
 */
export async function checkReading(
  surveyed: Survey,
  sites: readonly SitePlan[],
  data: Dataset,
  samples: readonly number[],
  limits: RunLimits,
): Promise<ReadingCheck> {
  const picture = await pictureOf(surveyed.given, data, samples);
  if (picture === undefined) return {};
  const { input, channels } = picture;
  const own = sites.filter(({ site }) => site.needsData !== true);
  const subject: Subject = { surveyed, input, data, limits, sites: own };
  const few = spread(samples, GROUP_SAMPLES);
  const order = channels === 3 ? await checkOrder(subject, few) : undefined;
  const { statistics } = surveyed;
  const given = async () => (statistics.size > 0 ? divergenceIn(statistics, own) : await divergence(subject, few));
  const isClose = !((order?.given ?? (await given())) > NOT_CLOSE);
  const size = input.isSizeOpen && !isClose ? await checkSize(subject, spread(samples, SIZE_SAMPLES)) : undefined;
  return { ...(order && { order }), ...(size && { size }) };
}

interface Subject {
  readonly surveyed: Survey;
  readonly input: PictureInput;
  readonly data: Dataset;
  readonly limits: RunLimits;
  /** With a norm in the source. */
  readonly sites: readonly SitePlan[];
}

async function checkOrder(subject: Subject, samples: readonly number[]): Promise<ReadingCheck['order']> {
  const { surveyed, sites } = subject;
  const both = surveyed.otherwise === undefined ? await readBoth(subject, samples) : surveyed;
  const { statistics, agreement } = both.otherwise as Otherwise;
  const given = divergenceIn(both.statistics, sites);
  const other = divergenceIn(statistics, sites);
  const found = { given, reversed: other, samples: samples.length };
  if (orderFitsBetter(other, given) || orderFitsBetter(given, other)) return found;
  return agreement === undefined ? found : { ...found, agreement };
}

/** Looks at samples in both orders, in runs of as many as the model takes: what comes behind the last site need not take others. */
function readBoth(
  { surveyed: { given }, input, data, limits, sites }: Subject,
  samples: readonly number[],
): Promise<Survey> {
  const other = readAs(data, input, reversed);
  const options = { ...limits, sites, chooseGroups: true, other, opens: false };
  return survey(inInferenceMode(given), data, samples, options);
}

/** NaN if none tells. */
function divergenceIn(statistics: ReadonlyMap<SitePlan, SiteStatistics>, sites: readonly SitePlan[]): number {
  const known = sites.flatMap((it) => {
    const own = statistics.get(it);
    return own === undefined ? [] : [[it, own] as const];
  });
  return known.length === 0 ? Number.NaN : divergenceOf(new Map(known));
}

async function checkSize(subject: Subject, samples: readonly number[]): Promise<ReadingCheck['size']> {
  const given = await divergence(subject, samples);
  const half = await divergence(subject, samples, halved).catch(refusal);
  // Four times the pixels are about four times the values.
  const hasRoom = 4 * Math.max(...subject.surveyed.bytes.values()) <= (subject.limits.memory ?? defaultMemory());
  const double = hasRoom ? await divergence(subject, samples, doubled).catch(refusal) : undefined;
  return { given, ...(half !== undefined && { half }), ...(double !== undefined && { double }) };
}

async function divergence(
  { surveyed: { model }, input, data, limits, sites }: Subject,
  samples: readonly number[],
  reading?: Reading,
): Promise<number> {
  if (sites.length === 0) return Number.NaN;
  const read = reading === undefined ? data : readAs(data, input, reading);
  const { statistics } = await survey(model, read, samples, { ...limits, sites, chooseGroups: true });
  return divergenceIn(statistics, sites);
}
