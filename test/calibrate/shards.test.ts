import { expect } from 'chai';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { Net } from '../../fixtures/build.ts';
import { collect } from '../../src/calibrate/collect.ts';
import { calibrate, solvePlan, split } from '../../src/calibrate/index.ts';
import {
  checkSize,
  type MomentsHeader,
  packMoments,
  type Shard,
  shardOf,
  unpackMoments,
} from '../../src/calibrate/shards.ts';
import { joinStatistics, type SiteStatistics, STATISTICS } from '../../src/calibrate/statistics.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { readNpz } from '../../src/inputs/npz.ts';
import { Random } from '../../src/inputs/random.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import type { Plan, SitePlan } from '../../src/plan/index.ts';
import { planAll } from '../../src/plan/refuse.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import type { Value } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';

const SOURCE = 'sha256:00';

/** x [N, 3, 6, 6] → three norms. A batch that is given is one that the model can't do without: a Reshape states it too. */
function threeNorms(batch?: number): Search {
  const net = new Net({ seed: 7 });
  let x = net.conv(net.input('x', [batch ?? 'N', 3, 6, 6]), 3, 8, { kernel: 3 });
  if (batch !== undefined) {
    const shape = net.weight('shape', [4], [batch, 8, 6, 6], DataType.INT64);
    x = net.node('Reshape', [x, shape]);
  }
  x = net.relu(net.bn(x, 8));
  x = net.relu(net.bn(net.conv(x, 8, 12, { kernel: 3 }), 12));
  x = net.bn(net.conv(x, 12, 16), 16);
  return findSites(net.output(x, [batch ?? 'N', 16, 6, 6]).model());
}

/** x [N, 3, H, W] → two norms. */
function openMaps(): Search {
  const net = new Net({ seed: 8 });
  const x = net.relu(net.bn(net.conv(net.input('x', ['N', 3, 'H', 'W']), 3, 8, { kernel: 3 }), 8));
  const y = net.bn(net.conv(x, 8, 12), 12);
  return findSites(net.output(y, ['N', 12, 'H', 'W']).model());
}

/** So many inputs, none like another. */
function inputs(count: number) {
  const random = new Random(3);
  const data = Float32Array.from({ length: count * 3 * 36 }, (_, i) => (1 + (i % 5)) * random.normal());
  return datasetOf({ x: { type: DataType.FLOAT, dims: [count, 3, 6, 6], data } });
}

const search = threeNorms();
const planned = planAll(search, { groups: 4 });

/** Statistics that no run made, all different. */
function made(rows: number, seed: number, plan = planned): Map<SitePlan, SiteStatistics> {
  const random = new Random(seed);
  const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  return new Map(
    plan.sites.map((it) => {
      const [meanX, varianceX, meanY, varianceY, covariance] = STATISTICS.map(() => numbers(rows * it.channels));
      return [it, { meanX, varianceX, meanY, varianceY, covariance } as SiteStatistics];
    }),
  );
}

type Header = Parameters<typeof packMoments>[0];

const header = (shard: Shard, more: Partial<Header> = {}): Header => ({
  source: SOURCE,
  seed: 5,
  inputs: 'sha256:11',
  samples: 9,
  heldOut: 2,
  shard,
  ...more,
});

/** Shard i of n as a file. */
const part = (index: number, of: number, more: Partial<Header> = {}, plan = planned) => ({
  file: `part-${index}.npz`,
  bytes: packMoments(header({ index, of }, more), plan, made(3, index, plan)),
});

const unpack = (files: Parameters<typeof unpackMoments>[0], more: Partial<Parameters<typeof unpackMoments>[1]> = {}) =>
  unpackMoments(files, { plan: planned, source: SOURCE, groupsAsked: false, ...more });

/** The file with its header, or an array, changed. */
function changed(
  bytes: Uint8Array,
  change: (arrays: Map<string, Value>, header: MomentsHeader) => unknown,
): Uint8Array {
  const arrays = readNpz(bytes);
  const read = JSON.parse(new TextDecoder().decode(Uint8Array.from(arrays.get('header')?.data as Uint8Array)));
  const written = change(arrays, read) ?? read;
  const data = new TextEncoder().encode(JSON.stringify(written));
  if (arrays.has('header')) arrays.set('header', { type: DataType.UINT8, dims: [data.length], data });
  return writeNpz(arrays);
}

/** The file with a bit changed in the data of its first entry, which ends where the second begins. */
function flipped(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf('PK\x03\x04', 4, 'latin1') - 20;
  return bytes.with(at, (bytes[at] as number) ^ 1);
}

describe('shardOf', () => {
  const lists = fc.uniqueArray(fc.nat(1e6), { maxLength: 80 }).map((list) => list.sort((a, b) => a - b));
  const counts = fc.integer({ min: 1, max: 100 });

  it('cuts the samples into pieces that make up the whole, in order', () => {
    fc.assert(
      fc.property(lists, counts, (samples, of) => {
        const parts = Array.from({ length: of }, (_, i) => shardOf(samples, { index: i + 1, of }));
        expect(parts.flat()).to.deep.equal(samples);
      }),
      { seed: 1 },
    );
  });

  it('makes no piece longer than another by more than one', () => {
    fc.assert(
      fc.property(lists, counts, (samples, of) => {
        const lengths = Array.from({ length: of }, (_, i) => shardOf(samples, { index: i + 1, of }).length);
        expect(Math.max(...lengths) - Math.min(...lengths)).to.be.at.most(1);
      }),
      { seed: 2 },
    );
  });
});

describe('checkSize', () => {
  it('refuses more samples than a zip of 4 GiB holds', () => {
    // 36 channels, 5 figures, 8 bytes.
    const most = Math.floor(2 ** 32 / (36 * 5 * 8));
    expect(() => checkSize(planned, most)).not.to.throw();
    const error = thrown(() => checkSize(planned, most + 1));
    expect(error.describe()).to.equal(
      'the shard has 2982617 inputs; a file can hold 2982616. Use more shards, or fewer --samples.',
    );
    expect(error.code).to.equal('invalid-arguments');
  });
});

describe('packMoments', () => {
  it('is undone by unpackMoments, to the last bit', () => {
    const collected = made(3, 1);
    const { plan, collected: back, header: read } = unpack([part(1, 1)]);
    expect(plan).to.deep.equal(planned);
    expect([...back.keys()]).to.deep.equal(planned.sites);
    expect([...back.values()]).to.deep.equal([...collected.values()]);
    expect(read).to.deep.include({ ...header({ index: 1, of: 1 }), schema: 1, norm: 'group', unsolved: [] });
  });

  it('gives the same bytes for the same statistics', () => {
    expect(part(2, 3).bytes).to.deep.equal(part(2, 3).bytes);
    expect(part(2, 3).bytes).not.to.deep.equal(part(1, 3).bytes);
  });

  it('writes arrays that NumPy names by site and figure, samples by channels', () => {
    const arrays = readNpz(part(1, 1).bytes);
    expect(Object.keys(unzipSync(part(1, 1).bytes))).to.deep.equal(
      ['header', ...[0, 1, 2].flatMap((site) => STATISTICS.map((field) => `${site}/${field}`))].map(
        (it) => `${it}.npy`,
      ),
    );
    for (const [site, channels] of [8, 12, 16].entries()) {
      for (const field of STATISTICS) {
        const { type, dims } = arrays.get(`${site}/${field}`) as Value;
        expect([type, dims]).to.deep.equal([DataType.DOUBLE, [3, channels]]);
      }
    }
  });
});

describe('unpackMoments', () => {
  const parts = () => [part(1, 3), part(2, 3), part(3, 3)];

  it('joins shards in their order, whatever the order of the files', () => {
    const expected = [made(3, 1), made(3, 2), made(3, 3)].map((it) => [...it.values()]);
    fc.assert(
      fc.property(fc.shuffledSubarray(parts(), { minLength: 3 }), (files) => {
        for (const [site, statistics] of [...unpack(files).collected.values()].entries()) {
          for (const field of STATISTICS) {
            const all = expected.flatMap((shard) => Array.from((shard[site] as SiteStatistics)[field]));
            expect(Array.from(statistics[field] as Float64Array)).to.deep.equal(all);
          }
        }
      }),
      { seed: 3, numRuns: 6 },
    );
  });

  it('takes the groups that the shards were made with, and the γ and β that go with them', () => {
    const { plan } = unpack(parts(), { plan: planAll(search, { groups: 1 }) });
    expect(plan.sites.map(({ groups }) => groups)).to.deep.equal(planned.sites.map(({ groups }) => groups));
    expect(plan.sites.map(({ scale }) => scale)).to.deep.equal(planned.sites.map(({ scale }) => scale));
  });

  it('leaves a site without statistics that no shard could solve, and ignores one that was left out since', () => {
    const [first, ...others] = planned.sites as [SitePlan, ...SitePlan[]];
    const some = new Map([...made(3, 1)].filter(([it]) => it !== first));
    const file = { file: 'part.npz', bytes: packMoments(header({ index: 1, of: 1 }), planned, some) };
    const all = unpack([file]);
    expect([...all.collected.keys()]).to.deep.equal(others);
    expect(all.plan.sites[0]).to.equal(first);
    expect(all.header.unsolved).to.deep.equal([first.site.name]);
    const fewer: Plan = { ...planned, sites: planned.sites.slice(0, 2) };
    expect([...unpack(parts(), { plan: fewer }).collected.keys()]).to.deep.equal(fewer.sites);
  });

  describe('refuses', () => {
    const other = planAll(search, { groups: 2 });
    const excluded = planAll(search, { groups: 4, exclude: [new RegExp(`^${planned.sites[1]?.site.name}$`)] });
    const [one, two, three] = parts() as [ReturnType<typeof part>, ReturnType<typeof part>, ReturnType<typeof part>];
    const REDO = 'Write it again with gn-swap moments.';
    const ALL = 'Pass each shard once: --moments part-*.npz.';
    const SAME = 'Write all shards with the same options, from the same data.';
    const site = planned.sites[1]?.site.name as string;
    const damaged = (change: Parameters<typeof changed>[1]) => [
      { ...one, bytes: changed(one.bytes, change) },
      two,
      three,
    ];
    const layout = `part-1.npz: its layout is unknown to this version of gn-swap. ${REDO}`;
    const statistics = `part-1.npz: its statistics of ${JSON.stringify(site)} are missing or incomplete. ${REDO}`;
    const foreign = `part-1.npz: it was not written by gn-swap moments, or is damaged. ${REDO}`;
    const belongs = `part-2.npz: it belongs to a different calibration than part-1.npz. ${SAME}`;

    const CASES: readonly (readonly [string, readonly { file: string; bytes: Uint8Array }[], string, object?])[] = [
      ['a shard that is missing', [one, three], `shard 2 of 3 is missing. ${ALL}`],
      ['several that are missing', [two], `2 of 3 shards are missing: 1, 3. ${ALL}`],
      ['more that are missing than it names', [part(2, 9)], `8 of 9 shards are missing: 1, 3, 4 …. ${ALL}`],
      [
        'a shard that is given twice',
        [one, two, { ...one, file: 'copy.npz' }, three],
        `copy.npz: it is shard 1 of 3, like part-1.npz. ${ALL}`,
      ],
      [
        'what was made from another model',
        [one, part(2, 3, { source: 'sha256:ff' }), three],
        'part-2.npz: it was made from another model. Write it again with gn-swap moments, from the model that is swapped.',
      ],
      [
        'what was made for another norm',
        parts(),
        'part-1.npz: it was made for the norm group, not layer. Use the same --to.',
        { plan: { ...planned, norm: 'layer' } },
      ],
      ['another seed', [one, part(2, 3, { seed: 6 }), three], belongs],
      ['other inputs', [one, part(2, 3, { inputs: 'sha256:22' }), three], belongs],
      ['another number of inputs', [one, part(2, 3, { samples: 10 }), three], belongs],
      ['another number of inputs held out', [one, part(2, 3, { heldOut: 3 }), three], belongs],
      ['another number of shards', [one, part(2, 4), three], belongs],
      ['other groups', [one, part(2, 3, {}, other), three], belongs],
      ['other sites', [one, part(2, 3, {}, excluded), three], belongs],
      [
        'shards that left out a site which is to be solved',
        [part(1, 1, {}, excluded)],
        `part-1.npz: ${site}: it has no statistics of this site. Use the same --sites, --include and --exclude.`,
      ],
      [
        'groups other than those asked for',
        parts(),
        `part-1.npz: ${planned.sites[0]?.site.name}: its number of groups is 4, not 2. Use the same --groups, or drop it.`,
        { plan: other, groupsAsked: true },
      ],
      ['what is no zip', [{ ...one, bytes: Uint8Array.of(1, 2, 3) }], foreign],
      ['what is empty', [{ ...one, bytes: new Uint8Array() }], foreign],
      ['what is cut off', [{ ...one, bytes: one.bytes.subarray(0, one.bytes.length >> 1) }], foreign],
      ['what lacks its last byte', [{ ...one, bytes: one.bytes.subarray(0, -1) }], foreign],
      ['what has a flipped bit', [{ ...one, bytes: flipped(one.bytes) }], foreign],
      ['somebody else’s .npz', damaged((arrays) => void arrays.delete('header')), foreign],
      ['a layout of the future', damaged((_, it) => ({ ...it, schema: 2 })), layout],
      ['a header that is null', damaged(() => 0), layout],
      ['a header without sites', damaged((_, it) => ({ ...it, sites: undefined })), layout],
      ['a header whose sites are none', damaged((_, it) => ({ ...it, sites: [null] })), layout],
      ['a header that does not say what is unsolved', damaged((_, it) => ({ ...it, unsolved: undefined })), layout],
      ['a shard of no shards', damaged((_, it) => ({ ...it, shard: { index: 1, of: 0 } })), layout],
      ['a shard behind the last', damaged((_, it) => ({ ...it, shard: { index: 4, of: 3 } })), layout],
      ['more shards than there can be', damaged((_, it) => ({ ...it, shard: { index: 1, of: 1e15 } })), layout],
      ['statistics that are missing', damaged((arrays) => void arrays.delete('1/covariance')), statistics],
      [
        'statistics of another type',
        damaged(
          (arrays) => void arrays.set('1/meanX', { type: DataType.FLOAT, dims: [3, 12], data: new Float32Array(36) }),
        ),
        statistics,
      ],
      [
        'statistics of other channels',
        damaged(
          (arrays) => void arrays.set('1/meanX', { type: DataType.DOUBLE, dims: [4, 9], data: new Float64Array(36) }),
        ),
        statistics,
      ],
      [
        'statistics of fewer samples in one figure',
        damaged(
          (arrays) => void arrays.set('1/meanY', { type: DataType.DOUBLE, dims: [2, 12], data: new Float64Array(24) }),
        ),
        statistics,
      ],
    ];
    for (const [what, files, message, more] of CASES) {
      it(what, () => {
        const error = thrown(() => unpack(files, more));
        expect(error.describe()).to.equal(message);
        expect(error.code).to.equal('invalid-data');
      });
    }

    it('nothing where the groups asked for are the shards’', () => {
      expect(unpack(parts(), { groupsAsked: true }).plan).to.deep.equal(planned);
    });
  });
});

describe('shards that are merged', () => {
  /** The rewritten model's bytes, from so many shards that went through files. */
  async function merged({ model, sites }: Search, count: number, shards: number, memory?: number): Promise<Uint8Array> {
    const data = inputs(count);
    const plan = planAll({ model, sites, refusals: [], unevaluated: [], early: 0 }, { groups: 4 });
    const { solvedOn, heldOut } = split(data.count, 5);
    const files = [];
    for (let index = shards; index >= 1; index--) {
      const shard = { index, of: shards };
      const collected = await collect(model, plan, data, shardOf(solvedOn, shard), { memory });
      const facts = { source: SOURCE, seed: 5, inputs: '', samples: solvedOn.length, heldOut: heldOut.length, shard };
      files.push({ file: `${index}`, bytes: packMoments(facts, plan, collected) });
    }
    const unpacked = unpackMoments(files, { plan, source: SOURCE, groupsAsked: true });
    return writeModel(rewrite(model, solvePlan(unpacked.plan, unpacked.collected).plan).model);
  }

  /** The same on one machine, without files. */
  async function alone(search: Search, count: number, memory?: number): Promise<Uint8Array> {
    const options = { data: inputs(count), seed: 5, chooseGroups: false, memory };
    const { plan, solvedOn } = await calibrate(search, planAll(search, { groups: 4 }), options);
    expect(solvedOn.length).to.be.below(count);
    expect(plan.sites.map(({ init }) => init)).to.deep.equal(['calibrate', 'calibrate', 'calibrate']);
    return writeModel(rewrite(search.model, plan).model);
  }

  it('give the bytes of one machine where each sample is a run, however many they are', async () => {
    const expected = await alone(search, 11, 1);
    for (const shards of [1, 2, 3, 9]) {
      expect(Buffer.compare(await merged(search, 11, shards, 1), expected), `${shards} shards`).to.equal(0);
    }
  });

  it('give the bytes of one machine whose runs are the shards', async () => {
    const fixed = threeNorms(4);
    expect(Buffer.compare(await merged(fixed, 15, 3), await alone(fixed, 15))).to.equal(0);
  });

  it('give other bytes where the runs are others: what a run is solved on is its own samples', async () => {
    expect(Buffer.compare(await merged(search, 11, 3), await alone(search, 11))).not.to.equal(0);
  });

  it('have the statistics of one machine, in its order, where inputs are of several sizes and sessions are optimised', async () => {
    const random = new Random(4);
    const sized = Array.from({ length: 8 }, (_, i): Value => {
      const side = i % 3 === 0 ? 4 : 6;
      const data = Float32Array.from({ length: 3 * side * side }, () => random.normal());
      return { type: DataType.FLOAT, dims: [1, 3, side, side], data };
    });
    const data: Dataset = {
      count: sized.length,
      keyOf: (sample) => `${sized[sample]?.dims}`,
      load: async (sample) => ({ x: sized[sample] as Value }),
    };
    const open = openMaps();
    const plan = planAll(open, { groups: 4 });
    const samples = sized.map((_, index) => index);
    for (const allSamples of [samples.length, 1e9]) {
      const options = { memory: 1, allSamples };
      const whole = await collect(open.model, plan, data, samples, options);
      const shards: Map<SitePlan, SiteStatistics>[] = [];
      for (const index of [1, 2, 3]) {
        shards.push(await collect(open.model, plan, data, shardOf(samples, { index, of: 3 }), options));
      }
      for (const [site, statistics] of whole) {
        const list = shards.map((shard) => shard.get(site) as SiteStatistics);
        expect(joinStatistics(list), `${site.site.name} of ${allSamples}`).to.deep.equal(statistics);
        expect(statistics.meanX).to.have.length(samples.length * site.channels);
      }
    }
  });
});
