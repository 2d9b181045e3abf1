/** One pipeline for a shard: find → plan → statistics of the sites → a file that `--moments` solves from. */
import type { Calibration } from '../calibrate/calibration.ts';
import type { ReEstimateOptions } from '../calibrate/re-estimate.ts';
import type { Fields, Shard } from '../calibrate/shards.ts';
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { ImageOptions } from '../inputs/images.ts';
import { MemorySource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import { type Model, sourceOf } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { planAll, refuseUnusedData } from '../plan/refuse.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import type { Job } from './job.ts';
import type { SwapOptions } from './options.ts';
import type { JobData } from './solve.ts';

/** What {@link gatherMoments} takes from whoever runs it. */
export interface MomentsHost {
  readonly shard: Shard;
  /** How pictures become inputs: all shards must agree. */
  readonly images: ImageOptions;
  openData(model: Model): Promise<JobData>;
  /** Begins the output, before anything is run. */
  begin(): void;
}

/**
 * Gathers the statistics of a shard of the calibration inputs. What becomes known goes into the job's draft.
 *
 * @param given as read from its file
 * @returns the bytes of the shard's file
 * @throws GnSwapError `invalid-data` where the shard has no inputs, `nothing-to-swap` where no site can be solved
 */
export async function gatherMoments(
  job: Job,
  given: Model,
  swapOptions: SwapOptions,
  { shard, images, openData, begin }: MomentsHost,
): Promise<Uint8Array> {
  const { draft, onProgress } = job;
  const model = asMeant(given, swapOptions);
  refuseUnusedData(swapOptions);
  const search = await findAllSites(model, { ...swapOptions, run: true });
  const planned = planAll(search, swapOptions);
  draft.plan = planned;
  job.lap('find');
  const { data, names, path, skipped, pictures, isOrderAssumed } = await openData(model);
  const [{ split }, { checkSize, packMoments, shardOf }] = await Promise.all([
    import('../calibrate/index.ts'),
    import('../calibrate/shards.ts'),
  ]);
  const { seed = 0, memory } = swapOptions;
  const { solvedOn, heldOut } = split(data.count, seed);
  const samples = shardOf(solvedOn, shard);
  if (samples.length === 0) {
    const what = `shard ${shard.index} of ${shard.of} is empty: there are only ${solvedOn.length} inputs`;
    throw new GnSwapError('invalid-data', what, { remedy: 'Use fewer shards' });
  }
  checkSize(planned, samples.length);
  begin();
  const options = { data, memory, onProgress, allSamples: solvedOn.length };
  const { statistics, ...facts } = await gatherShard(search.model, planned, samples, options, shard);
  if (statistics.size === 0) {
    throw new GnSwapError('nothing-to-swap', 'none of its sites can be solved from data', {
      remedy: 'Drop --moments; gn-swap inspect lists the sites',
    });
  }
  job.lap('calibrate');
  const header = {
    source: digestOf(sourceOf(given)),
    seed,
    inputs: inputsDigest(names, images),
    samples: solvedOn.length,
    heldOut: heldOut.length,
    shard,
  };
  draft.calibration = defined({
    path,
    seed,
    skipped,
    pictures,
    isOrderAssumed,
    shard,
    measured: false,
    fits: [],
    solvedOn: samples.length,
    heldOut: heldOut.length,
    ...facts,
  });
  return packMoments(header, planned, statistics);
}

/** What a shard's file holds, and what is said of it. */
async function gatherShard(
  model: Model,
  planned: Plan,
  samples: readonly number[],
  options: Omit<ReEstimateOptions, 'partly'>,
  { of }: Shard,
): Promise<
  Pick<Calibration, 'mismatch' | 'moved' | 'reading'> & { readonly statistics: ReadonlyMap<SitePlan, Fields> }
> {
  const { gather, isReEstimated } = await import('../calibrate/index.ts');
  if (!isReEstimated(planned)) {
    const { statistics, reading } = await gather(model, planned, samples, { ...options, chooseGroups: false });
    const { mismatchOf } = await import('../calibrate/mismatch.ts');
    return { statistics, mismatch: mismatchOf(statistics), reading };
  }
  const { reEstimate } = await import('../calibrate/re-estimate.ts');
  const { reEstimatedPlan } = await import('../calibrate/re-estimated.ts');
  const { moments } = await reEstimate(model, planned, samples, { ...options, partly: of > 1 });
  const { mismatch, moved } = reEstimatedPlan(planned, moments);
  return { statistics: moments, mismatch, ...(moved && { moved }) };
}

/** Digest of which samples were chosen, in their order, and of how pictures become inputs. */
function inputsDigest(names: readonly string[], images: ImageOptions): string {
  return digestOf(new MemorySource(new TextEncoder().encode(JSON.stringify({ names, images }))));
}
