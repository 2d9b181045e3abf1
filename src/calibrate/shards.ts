/**
 * Statistics of one shard of the calibration inputs ⇄ an .npz, so that machines can share the work: each writes its shard's,
 * and whoever has all of them solves. Shards are contiguous and joined in order, so the result is that of one machine that
 * made the same runs.
 */

import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { readNpz } from '../inputs/npz.ts';
import { writeNpz } from '../inputs/write-npz.ts';
import { NORMS } from '../norms/index.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import type { Value } from '../runtime/session.ts';
import { BATCH_MOMENTS } from './batch-moments.ts';
import { regroup } from './groups.ts';
import { joinFields, STATISTICS } from './statistics.ts';

/** Statistics of a site by their names, as they are of its norm: SiteStatistics, or BatchMoments. */
export type Fields = Readonly<Record<string, Float64Array>>;

function fieldsOf(norm: string): readonly string[] {
  return NORMS.find(({ name }) => name === norm)?.data === 'required' ? BATCH_MOMENTS : STATISTICS;
}

/** Part `index` (from 1) of `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** More than any scheduler runs; a damaged file may claim anything. */
const MOST_SHARDS = 999_999;

/** What all shards of a calibration must agree on, and which one this is. */
export interface MomentsHeader {
  readonly schema: 1;
  /** Digest of the source. */
  readonly source: string;
  readonly norm: string;
  readonly seed: number;
  /** Digest of what the samples are and how they are read, so that shards of different data are not taken for one set. */
  readonly inputs: string;
  /** Samples that all shards solve on together, and those that none does. */
  readonly samples: number;
  readonly heldOut: number;
  readonly shard: Shard;
  readonly sites: readonly { readonly name: string; readonly channels: number; readonly groups: number }[];
  /** Names of sites that no inputs can tell anything of. */
  readonly unsolved: readonly string[];
}

/** The samples of a shard: contiguous, and none longer than another by more than one. */
export function shardOf(samples: readonly number[], { index, of }: Shard): number[] {
  const at = (part: number) => Math.floor((samples.length * part) / of);
  return samples.slice(at(index - 1), at(index));
}

/** What a zip can hold, and an array of bytes. */
const MOST_BYTES = 2 ** 32;

/**
 * Refuses a shard whose file could not be written, before any of it is run.
 *
 * @param samples of the shard
 * @throws GnSwapError `invalid-arguments`
 */
export function checkSize({ norm, sites }: Plan, samples: number): void {
  const channels = sites.reduce((sum, it) => sum + it.channels, 0);
  const most = Math.floor(MOST_BYTES / (Float64Array.BYTES_PER_ELEMENT * fieldsOf(norm).length * channels));
  if (samples <= most) return;
  throw new GnSwapError('invalid-arguments', `the shard has ${samples} inputs; a file can hold ${most}`, {
    remedy: 'Use more shards, or fewer --samples',
  });
}

/**
 * The file's bytes: arrays `POSITION/FIELD` of [N, C], float64, by the position of the site in the header, which is JSON in the
 * bytes of the array `header`.
 */
export function packMoments(
  header: Omit<MomentsHeader, 'schema' | 'norm' | 'sites' | 'unsolved'>,
  { norm, sites: planned }: Plan,
  collected: ReadonlyMap<SitePlan, Fields>,
): Uint8Array {
  const sites = [...collected.keys()].map(({ site, channels, groups }) => ({ name: site.name, channels, groups }));
  const unsolved = planned.filter((it) => !collected.has(it)).map(({ site }) => site.name);
  const whole: MomentsHeader = { schema: 1, ...header, norm, sites, unsolved };
  const json = new TextEncoder().encode(JSON.stringify(whole));
  const arrays = new Map<string, Value>([['header', { type: DataType.UINT8, dims: [json.length], data: json }]]);
  for (const [position, [{ channels }, statistics]] of [...collected].entries()) {
    for (const field of fieldsOf(norm)) {
      const data = statistics[field] as Float64Array;
      arrays.set(`${position}/${field}`, { type: DataType.DOUBLE, dims: [data.length / channels, channels], data });
    }
  }
  return writeNpz(arrays);
}

/** A shard as read. */
interface Part {
  readonly file: string;
  readonly header: MomentsHeader;
  readonly statistics: readonly Fields[];
}

/** What {@link unpackMoments} holds the shards to. */
export interface MomentsWanted {
  /** With the `statistics` init. */
  readonly plan: Plan;
  /** Digest of the file that is being rewritten. */
  readonly source: string;
  /** Whether the plan's groups are what the user asked for; else they give way to those that the shards were made with. */
  readonly groupsAsked: boolean;
}

/**
 * All shards of a calibration, joined.
 *
 * @param files name and bytes of each shard, in any order; at least one
 * @returns the plan with the shards' groups, and the statistics of its sites
 * @throws GnSwapError `invalid-data` where a shard is missing or given twice, or they are not of this source and plan
 */
export function unpackMoments(
  files: readonly { readonly file: string; readonly bytes: Uint8Array }[],
  wanted: MomentsWanted,
): { plan: Plan; collected: Map<SitePlan, Fields>; header: MomentsHeader } {
  const parts = files.map(({ file, bytes }) => readPart(file, bytes));
  const [first] = parts as [Part, ...Part[]];
  for (const part of parts) checkPart(part, first, wanted);
  const ordered = inOrder(parts, first.header.shard.of);
  const { header } = first;
  const made = new Map(header.sites.map((it, position) => [it.name, { ...it, position }]));
  const collected = new Map<SitePlan, Fields>();
  const sites = wanted.plan.sites.map((planned) => {
    const found = made.get(planned.site.name);
    // Unsolved in every shard: see checkPart.
    if (found === undefined) return planned;
    const site = regroup(planned, found.groups);
    collected.set(
      site,
      joinFields(
        fieldsOf(header.norm),
        ordered.map((part) => part.statistics[found.position] as Fields),
      ),
    );
    return site;
  });
  return { plan: { ...wanted.plan, sites }, collected, header };
}

/** The shards 1 … `of`. */
function inOrder(parts: readonly Part[], of: number): Part[] {
  const problem = (message: string, file?: string) =>
    new GnSwapError('invalid-data', message, {
      ...defined({ file }),
      remedy: 'Pass each shard once: --moments part-*.npz',
    });
  const ordered: Part[] = [];
  for (const part of parts) {
    const { index } = part.header.shard;
    const other = ordered[index - 1];
    if (other !== undefined) throw problem(`it is shard ${index} of ${of}, like ${other.file}`, part.file);
    ordered[index - 1] = part;
  }
  const missing = Array.from({ length: of }, (_, position) => position + 1).filter((index) => !ordered[index - 1]);
  if (missing.length === 0) return ordered;
  const names = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}`;
  throw problem(
    missing.length === 1
      ? `shard ${names} of ${of} is missing`
      : `${missing.length} of ${of} shards are missing: ${names}`,
  );
}

function readPart(file: string, bytes: Uint8Array): Part {
  const problem = (message: string, cause?: unknown) =>
    new GnSwapError('invalid-data', message, { file, remedy: 'Write it again with gn-swap moments', cause });
  let arrays: Map<string, Value>;
  let header: unknown;
  try {
    arrays = readNpz(bytes, file);
    const json = arrays.get('header')?.data as ArrayLike<number>;
    header = JSON.parse(new TextDecoder().decode(Uint8Array.from(json)));
  } catch (cause) {
    throw problem('it was not written by gn-swap moments, or is damaged', cause);
  }
  if (!isHeader(header)) throw problem('its layout is unknown to this version of gn-swap');
  const fields = fieldsOf(header.norm);
  const statistics = header.sites.map(({ name, channels }, position): Fields => {
    const rows = arrays.get(`${position}/${fields[0]}`)?.dims[0];
    const read = fields.map((field): [string, Float64Array] => {
      const { data, dims = [] } = arrays.get(`${position}/${field}`) ?? {};
      if (data instanceof Float64Array && dims.length === 2 && dims[0] === rows && dims[1] === channels) {
        return [field, data];
      }
      throw problem(`its statistics of ${JSON.stringify(name)} are missing or incomplete`);
    });
    return Object.fromEntries(read);
  });
  return { file, header, statistics };
}

/** Whether it is what {@link packMoments} writes, as far as the code here relies on it. */
function isHeader(json: unknown): json is MomentsHeader {
  const { schema, shard, sites, unsolved } = (json ?? {}) as Partial<Record<keyof MomentsHeader, unknown>>;
  const { index, of } = (shard ?? {}) as Partial<Record<keyof Shard, unknown>>;
  const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;
  return (
    schema === 1 &&
    isCount(index) &&
    isCount(of) &&
    index <= of &&
    of <= MOST_SHARDS &&
    Array.isArray(sites) &&
    Array.isArray(unsolved) &&
    sites.every((it) => typeof it?.name === 'string' && isCount(it.channels) && isCount(it.groups))
  );
}

function checkPart({ file, header }: Part, first: Part, { source, plan, groupsAsked }: MomentsWanted): void {
  const problem = (message: string, remedy: string, node?: string) =>
    new GnSwapError('invalid-data', message, { file, remedy, ...defined({ node }) });
  if (header.source !== source) {
    throw problem(
      'it was made from another model',
      'Write it again with gn-swap moments, from the model that is swapped',
    );
  }
  if (header.norm !== plan.norm)
    throw problem(`it was made for the norm ${header.norm}, not ${plan.norm}`, 'Use the same --to');
  const set = ({ seed, inputs, samples, heldOut, shard: { of }, sites, unsolved }: MomentsHeader) =>
    JSON.stringify([seed, inputs, samples, heldOut, of, sites, unsolved]);
  if (set(header) !== set(first.header)) {
    const remedy = 'Write all shards with the same options, from the same data';
    throw problem(`it belongs to a different calibration than ${first.file}`, remedy);
  }
  const made = new Map(header.sites.map((it) => [it.name, it]));
  for (const { site, channels, groups } of plan.sites) {
    const found = made.get(site.name);
    // One that is in the shards and not in the plan was left out since.
    if (header.unsolved.includes(site.name)) continue;
    if (found?.channels !== channels) {
      const remedy = 'Use the same --sites, --include and --exclude';
      throw problem('it has no statistics of this site', remedy, site.name);
    }
    if (groupsAsked && found.groups !== groups) {
      const remedy = 'Use the same --groups, or drop it';
      throw problem(`its number of groups is ${found.groups}, not ${groups}`, remedy, site.name);
    }
  }
}
