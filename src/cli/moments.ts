/** Sharded calibration on disk: one shard's statistics to a file, and all shards' files to a solved plan. */
import type { BatchMoments } from '../calibrate/batch-moments.ts';
import type { Calibration } from '../calibrate/calibration.ts';
import type { ReEstimateOptions } from '../calibrate/re-estimate.ts';
import type { Fields, Shard } from '../calibrate/shards.ts';
import type { SiteStatistics } from '../calibrate/statistics.ts';
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { CalibrationFacts, Outcome } from '../jobs/outcome.ts';
import { findAllSites, groupsAsked, planAll, refuseUnusedData } from '../jobs/swap.ts';
import { type ByteSource, MemorySource } from '../onnx/bytes.ts';
import { digestOf } from '../onnx/digest.ts';
import type { Model } from '../onnx/model.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { plural } from '../words.ts';
import type { CallOptions } from './arguments.ts';
import { checkTarget, readWhole } from './disk/index.ts';
import { type OnProgress, openCalibration, withModel } from './session.ts';

/** Gathers the statistics of a shard. What goes wrong is in the outcome, not thrown. */
export function momentsFile(file: string, target: string, call: CallOptions, onProgress: OnProgress): Promise<Outcome> {
  return withModel(file, 'moments', async (draft, { home, model: given, lap }) => {
    const model = asMeant(given, call.swap);
    if (call.calibrate === undefined) {
      throw new GnSwapError('invalid-arguments', 'there are no inputs to gather statistics of', {
        remedy: 'Give them with --calibrate',
      });
    }
    refuseUnusedData(call.swap);
    checkTarget(target, file, call.force);
    const search = await findAllSites(model, { ...call.swap, run: true });
    const planned = planAll(search, call.swap);
    draft.plan = planned;
    lap('find');
    const { data, names, skipped, pictures, isOrderAssumed } = await openCalibration(call, call.calibrate, model);
    const [{ split }, { checkSize, packMoments, shardOf }] = await Promise.all([
      import('../calibrate/index.ts'),
      import('../calibrate/shards.ts'),
    ]);
    const { seed = 0, memory } = call.swap;
    const { solvedOn, heldOut } = split(data.count, seed);
    const samples = shardOf(solvedOn, call.shard);
    if (samples.length === 0) {
      throw new GnSwapError(
        'invalid-data',
        `shard ${call.shard.index} of ${call.shard.of} has none of ${solvedOn.length} inputs`,
        {
          remedy: 'Use fewer shards',
        },
      );
    }
    checkSize(planned, samples.length);
    const staging = home.stage(target);
    const options = { data, memory, onProgress, allSamples: solvedOn.length };
    const { statistics, ...facts } = await gatherShard(search.model, planned, samples, options, call.shard);
    if (statistics.size === 0) {
      throw new GnSwapError('nothing-to-swap', 'no inputs can tell anything of its sites', {
        remedy: 'Rewrite it without --moments; gn-swap inspect shows the sites',
      });
    }
    lap('calibrate');
    const header = {
      source: digestOf(home.file),
      seed,
      inputs: inputsDigest(names, call),
      samples: solvedOn.length,
      heldOut: heldOut.length,
      shard: call.shard,
    };
    const bytes = packMoments(header, planned, statistics);
    await staging.write({ length: bytes.length, parts: [bytes] });
    staging.commitAlone(call.force);
    draft.output = target;
    draft.outputBytes = bytes.length;
    draft.calibration = {
      ...{ path: call.calibrate, seed, skipped, pictures, isOrderAssumed, shard: call.shard, measured: false },
      ...{ fits: [], solvedOn: samples.length, heldOut: heldOut.length, ...facts },
    };
  });
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
function inputsDigest(names: readonly string[], { images }: CallOptions): string {
  return digestOf(new MemorySource(new TextEncoder().encode(JSON.stringify({ names, images }))));
}

/**
 * Solves a plan from the files of all shards.
 *
 * @param planned with the `statistics` init
 */
export async function solveFromShards(
  planned: Plan,
  call: CallOptions,
  source: ByteSource,
): Promise<{ plan: Plan; calibration: undefined; facts: CalibrationFacts }> {
  const { unpackMoments } = await import('../calibrate/shards.ts');
  const files = call.moments.map((file) => ({ file, bytes: readWhole(file) }));
  const unpacked = unpackMoments(files, {
    plan: planned,
    source: digestOf(source),
    groupsAsked: groupsAsked(call.swap),
  });
  const { plan, ...found } = await solveFields(unpacked.plan, unpacked.collected);
  const { seed, samples: solvedOn, heldOut } = unpacked.header;
  const path = plural(files.length, 'shard');
  const facts = { path, seed, solvedOn, heldOut, ...found, skipped: [], measured: false };
  // No samples of this machine: nothing to measure drift on.
  return { plan, calibration: undefined, facts };
}

async function solveFields(
  planned: Plan,
  collected: ReadonlyMap<SitePlan, Fields>,
): Promise<Pick<Calibration, 'plan' | 'fits' | 'mismatch' | 'moved'>> {
  const { isReEstimated, solvePlan } = await import('../calibrate/index.ts');
  if (!isReEstimated(planned)) return solvePlan(planned, collected as ReadonlyMap<SitePlan, SiteStatistics>);
  const { mergeMoments } = await import('../calibrate/batch-moments.ts');
  const { reEstimatedPlan } = await import('../calibrate/re-estimated.ts');
  const moments = [...(collected as ReadonlyMap<SitePlan, BatchMoments>)];
  return reEstimatedPlan(planned, new Map(moments.map(([it, own]) => [it, mergeMoments([own], it.channels)])));
}
