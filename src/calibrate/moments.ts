/**
 * Statistics of one shard of the calibration inputs ⇄ an .npz, so that machines can share the work: each writes its shard's,
 * and whoever has all of them solves. Shards are contiguous and joined in order, so the result is that of one machine that
 * made the same runs.
 */
import { readNpz, writeNpz } from '../data/npz.ts';
import { GnSwapError } from '../errors.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Plan, SitePlan } from '../plan.ts';
import type { Value } from '../verify/runtime.ts';
import { regroup } from './groups.ts';
import { joinStatistics, type SiteStatistics, STATISTICS } from './statistics.ts';

/** Part `index` (from 1) of `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What all shards of a calibration must agree on, and which one this is. */
export interface MomentsHeader {
  readonly schema: 1;
  /** Digest of the source. */
  readonly source: string;
  readonly norm: string;
  readonly seed: number;
  /** Samples that all shards solve on together. */
  readonly samples: number;
  readonly shard: Shard;
  readonly sites: readonly { readonly name: string; readonly channels: number; readonly groups: number }[];
}

/** The samples of a shard: contiguous, and none longer than another by more than one. */
export function shardOf(samples: readonly number[], { index, of }: Shard): number[] {
  const at = (part: number) => Math.floor((samples.length * part) / of);
  return samples.slice(at(index - 1), at(index));
}

/** The file's bytes: arrays `SITE/FIELD` of [N, C], float64, and the header as JSON in the bytes of `header`. */
export function packMoments(
  header: Omit<MomentsHeader, 'schema' | 'sites'>,
  collected: ReadonlyMap<SitePlan, SiteStatistics>,
): Uint8Array {
  const sites = [...collected.keys()].map(({ site, channels, groups }) => ({ name: site.name, channels, groups }));
  const json = new TextEncoder().encode(JSON.stringify({ schema: 1, ...header, sites } satisfies MomentsHeader));
  const arrays = new Map<string, Value>([['header', { type: DataType.UINT8, dims: [json.length], data: json }]]);
  for (const [position, [{ channels }, statistics]] of [...collected].entries()) {
    for (const field of STATISTICS) {
      const data = statistics[field];
      arrays.set(`${position}/${field}`, { type: DataType.DOUBLE, dims: [data.length / channels, channels], data });
    }
  }
  return writeNpz(arrays);
}

/** A shard as read. */
interface Part {
  readonly file: string;
  readonly header: MomentsHeader;
  readonly statistics: readonly SiteStatistics[];
}

/**
 * All shards of a calibration, joined, for a plan of the same source.
 *
 * @param files name and bytes of each shard, in any order
 * @param planned plan with the `statistics` init; its groups give way to those that the shards were made with
 * @param source digest of the file that is being rewritten
 * @throws GnSwapError `invalid-data` where a shard is missing or given twice, or they are not of this source and plan
 */
export function unpackMoments(
  files: readonly { readonly file: string; readonly bytes: Uint8Array }[],
  planned: Plan,
  source: string,
): { plan: Plan; collected: Map<SitePlan, SiteStatistics>; header: MomentsHeader } {
  const parts = files.map(({ file, bytes }) => readPart(file, bytes));
  const [first] = parts as [Part, ...Part[]];
  const { header } = first;
  for (const part of parts) checkPart(part, first, source, planned.norm);
  const ordered = parts.toSorted((a, b) => a.header.shard.index - b.header.shard.index);
  for (let index = 1; index <= Math.max(header.shard.of, ordered.length); index++) {
    const found = ordered[index - 1]?.header.shard.index;
    if (found === index) continue;
    const missing = found === undefined || found > index;
    throw new GnSwapError(
      'invalid-data',
      `shard ${missing ? index : found} of ${header.shard.of} is ${missing ? 'missing' : 'given twice'}`,
      {
        remedy: 'Give each shard once, with --moments part-*.npz',
      },
    );
  }
  const groups = new Map(header.sites.map(({ name, groups }) => [name, groups]));
  const sites = planned.sites.map((it) => regroup(it, groups.get(it.site.name) ?? it.groups));
  const byName = new Map(sites.map((it) => [it.site.name, it]));
  const collected = new Map<SitePlan, SiteStatistics>();
  for (const [position, { name, channels }] of header.sites.entries()) {
    const site = byName.get(name);
    // Left out by --include or --exclude since.
    if (site === undefined || site.channels !== channels) continue;
    collected.set(site, joinStatistics(ordered.map((part) => part.statistics[position] as SiteStatistics)));
  }
  return { plan: { ...planned, sites }, collected, header };
}

function readPart(file: string, bytes: Uint8Array): Part {
  const arrays = readNpz(bytes, file);
  const problem = (message: string) =>
    new GnSwapError('invalid-data', message, { file, remedy: 'Write it again with gn-swap moments' });
  let header: MomentsHeader;
  try {
    header = JSON.parse(new TextDecoder().decode(Uint8Array.from(arrays.get('header')?.data as ArrayLike<number>)));
  } catch {
    throw problem('it was not written by gn-swap moments');
  }
  if (header?.schema !== 1 || !Array.isArray(header.sites))
    throw problem('its layout is not one that this version reads');
  const statistics = header.sites.map(({ name, channels }, position) => {
    const fields = STATISTICS.map((field) => {
      const value = arrays.get(`${position}/${field}`);
      if (!(value?.data instanceof Float64Array) || value.dims[1] !== channels) {
        throw problem(`the statistics of ${JSON.stringify(name)} are missing or damaged`);
      }
      return [field, value.data] as const;
    });
    return Object.fromEntries(fields) as unknown as SiteStatistics;
  });
  return { file, header, statistics };
}

function checkPart({ file, header }: Part, first: Part, source: string, norm: string): void {
  const problem = (message: string, remedy: string) => new GnSwapError('invalid-data', message, { file, remedy });
  if (header.source !== source) {
    throw problem('it was made from another model', 'Make it again from the model that is to be rewritten');
  }
  if (header.norm !== norm)
    throw problem(`it was made for the norm ${header.norm}, not ${norm}`, 'Choose the same --to');
  const same = (a: MomentsHeader) => JSON.stringify([a.seed, a.samples, a.shard.of, a.sites]);
  if (same(header) !== same(first.header)) {
    throw problem(`it belongs to another calibration than ${first.file}`, 'Make all shards with the same options');
  }
}
