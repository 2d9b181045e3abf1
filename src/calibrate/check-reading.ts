/**
 * Whether pictures are read as the model was trained: a few are read otherwise too, and what the source's norms remember of
 * the training data says which reading it fits best. That tells more than how well one reading fits, which hangs on the model.
 */

import { inInferenceMode } from '../graph/inference-mode.ts';
import { batchOf, loadSamples } from '../inputs/batch.ts';
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
import { blame, type RunLimits } from '../inputs/runs.ts';
import { agreementOf, DriftMeter } from '../measure/drift.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';
import { defaultMemory } from '../runtime/memory.ts';
import { type Session, type Value, withSession } from '../runtime/session.ts';
import { divergenceOf } from './mismatch.ts';
import { orderFitsBetter, type ReadingCheck } from './reading-fit.ts';
import type { SiteStatistics } from './statistics.ts';
import { GROUP_SAMPLES, refusal, type Survey, spread, survey } from './survey.ts';

/** So few, as twice the size costs four times as much; readings of the same pictures differ by more than chance. */
const SIZE_SAMPLES = 2;
/** From here on, another size is tried. Real data had 0.05 to 0.64, according to the model. */
const NOT_CLOSE = 0.1;
/**
 * @param surveyed with statistics, where they were wanted
 * @param sites of the model that can be solved
 * @param samples that the survey chose from
 * @returns nothing where the model takes no pictures
 */
export async function checkReading(
  { model, bytes, statistics }: Survey,
  sites: readonly SitePlan[],
  data: Dataset,
  samples: readonly number[],
  limits: RunLimits,
): Promise<ReadingCheck> {
  const input = pictureInput(model);
  const [first] = samples;
  if (input === undefined || first === undefined) return {};
  const value = (await data.load(first))[input.name];
  const layout = value && layoutOf(value);
  if (layout === undefined) return {};
  const own = sites.filter(({ site }) => site.needsData !== true);
  const subject: Subject = { model, bytes, input, data, limits, sites: own };
  const known = own.flatMap((it) => (statistics.has(it) ? [[it, statistics.get(it) as SiteStatistics] as const] : []));
  const few = spread(samples, GROUP_SAMPLES);
  const given = known.length > 0 ? divergenceOf(new Map(known)) : await divergence(subject, few);
  const order = layout.channels === 3 ? await checkOrder(subject, few, given) : undefined;
  const isClose = !(given > NOT_CLOSE);
  const size = input.isSizeOpen && !isClose ? await checkSize(subject, spread(samples, SIZE_SAMPLES)) : undefined;
  return { ...(order && { order }), ...(size && { size }) };
}

interface Subject {
  readonly model: Model;
  readonly bytes: Survey['bytes'];
  readonly input: PictureInput;
  readonly data: Dataset;
  readonly limits: RunLimits;
  /** With a norm in the source. */
  readonly sites: readonly SitePlan[];
}

async function checkOrder(subject: Subject, samples: readonly number[], given: number): Promise<ReadingCheck['order']> {
  const other = await divergence(subject, samples, reversed);
  const found = { given, reversed: other, samples: samples.length };
  if (orderFitsBetter(other, given) || orderFitsBetter(given, other)) return found;
  const agreement = await agreementOfOrders(subject, samples);
  return agreement === undefined ? found : { ...found, agreement };
}

async function checkSize(subject: Subject, samples: readonly number[]): Promise<ReadingCheck['size']> {
  const given = await divergence(subject, samples);
  const half = await divergence(subject, samples, halved).catch(refusal);
  // Four times the pixels are about four times the values.
  const hasRoom = 4 * Math.max(...subject.bytes.values()) <= (subject.limits.memory ?? defaultMemory());
  const double = hasRoom ? await divergence(subject, samples, doubled).catch(refusal) : undefined;
  return { given, ...(half !== undefined && { half }), ...(double !== undefined && { double }) };
}

async function divergence(
  { model, input, data, limits, sites }: Subject,
  samples: readonly number[],
  reading?: Reading,
): Promise<number> {
  if (sites.length === 0) return Number.NaN;
  const read = reading === undefined ? data : readAs(data, input, reading);
  return divergenceOf((await survey(model, read, samples, { ...limits, sites, chooseGroups: true })).statistics);
}

/** The least over the outputs; nothing where no output can be compared. */
async function agreementOfOrders(
  { model, input, data }: Subject,
  samples: readonly number[],
): Promise<number | undefined> {
  const source = inInferenceMode(model);
  const meters = new Map<string, DriftMeter>();
  const other = readAs(data, input, reversed);
  // Alone, or as many as the model takes: what several take was not measured.
  const together = (sample: number | undefined) => new Array<number>(batchOf(source).size ?? 1).fill(sample ?? 0);
  const work = async (session: Session) => {
    for (const sample of samples) {
      const answers = await session.run(await loadSamples(source, other, together(sample)));
      for (const [name, value] of Object.entries(
        await session.run(await loadSamples(source, data, together(sample))),
      )) {
        const meter = meters.get(name) ?? new DriftMeter(name);
        meters.set(name, meter);
        meter.add(value, answers[name] as Value);
      }
    }
  };
  await withSession(source, work, { optimize: false, keepMemory: false, spin: false }).catch(async (error: unknown) =>
    blame(source, await loadSamples(source, data, together(samples[0])))(error),
  );
  const found = [...meters.values()].flatMap((meter) => {
    const drift = meter.result();
    return drift === undefined ? [] : [agreementOf(drift)];
  });
  return found.length === 0 ? undefined : Math.min(...found);
}
