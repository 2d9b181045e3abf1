import { mkdirSync, renameSync } from 'node:fs';
import { expect } from 'chai';
import picocolors from 'picocolors';
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { callOptions } from '../../src/call/arguments.ts';
import type { RawArguments } from '../../src/call/values.ts';
import { momentsFile } from '../../src/cli/moments.ts';
import { swapFile } from '../../src/cli/swap.ts';
import { writeNpy } from '../../src/inputs/npy.ts';
import { Random } from '../../src/inputs/random.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import type { Drift } from '../../src/measure/drift.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderText } from '../../src/report/text.ts';
import type { Value } from '../../src/runtime/session.ts';
import { cli } from '../support/cli.ts';
import { expectValidReport } from '../support/report-schema.ts';
import { useScratch } from '../support/scratch.ts';

const noise = (dims: readonly number[], seed: number) => {
  const random = new Random(seed);
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal());
  return { type: DataType.FLOAT, dims, data };
};

describe('gn-swap moments, and --moments', () => {
  const scratch = useScratch();
  const run = (...args: string[]) => cli(args, { cwd: scratch().folder });

  describe('on a real model', () => {
    it('make of three shards what one machine makes of the same runs, given in any order', async () => {
      const { data, dims } = await renderLines({ count: 10, seed: 11 });
      scratch().write('lines.npz', writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
      // Each sample is a run of its own, so that the runs are the same however the samples are cut.
      const same = ['--groups', '4', '--memory', '1', '--json'];
      const shard = (index: number) =>
        run(
          'moments',
          MODELS.classifier,
          '--calibrate',
          'lines.npz',
          '--shard',
          `${index}/3`,
          '-o',
          `part-${index}.npz`,
          ...same,
        );
      const made = await Promise.all([1, 2, 3].map(shard));
      for (const [position, { status, stdout, stderr }] of made.entries()) {
        expect([status, stderr]).to.deep.equal([0, '']);
        const document = JSON.parse(stdout);
        expectValidReport(document);
        const [result] = document.results;
        expect(result).to.include({ command: 'moments', status: 'ok', output: `part-${position + 1}.npz` });
        expect(result.outputBytes).to.equal(scratch().read(`part-${position + 1}.npz`).length);
        expect(result.verification).to.equal(null);
        const { path, seed, solvedOn, heldOut, measured, shard } = result.calibration;
        expect({ path, seed, heldOut, measured }).to.deep.equal({
          path: 'lines.npz',
          seed: 0,
          heldOut: 2,
          measured: false,
        });
        expect(shard).to.deep.equal({ index: position + 1, of: 3 });
        expect(solvedOn).to.be.within(2, 3);
      }
      const files = ['part-3.npz', 'part-1.npz', 'part-2.npz'];
      const [shards, single] = await Promise.all([
        run(MODELS.classifier, '-o', 'shards.onnx', '--moments', ...files, ...same),
        run(MODELS.classifier, '-o', 'single.onnx', '--calibrate', 'lines.npz', '--no-verify', ...same),
      ]);
      expect([shards.status, shards.stderr, single.status]).to.deep.equal([0, '', 0]);
      const document = JSON.parse(shards.stdout);
      expectValidReport(document);
      const [{ sites, verification, calibration }] = document.results;
      expect(sites).to.have.length(35);
      for (const { init } of sites) expect(init).to.equal('calibrate');
      expect(verification.passed).to.equal(true);
      expect(calibration).to.deep.include({ path: '3 shards', solvedOn: 8, heldOut: 2, measured: false, shard: null });
      expect(calibration.sites).to.deep.equal(JSON.parse(single.stdout).results[0].calibration.sites);
      expect(Buffer.compare(scratch().read('shards.onnx'), scratch().read('single.onnx'))).to.equal(0);
      expect(scratch().list()).to.deep.equal(['lines.npz', ...files.toSorted(), 'shards.onnx', 'single.onnx']);
    });
  });

  describe('on a small one', () => {
    const NAME = 'dynamic-unnamed';
    const nothing = () => {};

    beforeEach(() => {
      scratch().fixture(NAME, 'model.onnx');
      mkdirSync(scratch().path('data'));
      // Of two sizes, which never share a run.
      for (let i = 0; i < 10; i++) {
        const side = i % 3 === 0 ? 4 : 6;
        scratch().write(`data/${i}.npy`, writeNpy(noise([2, 3, side, side], i)));
      }
    });

    const moments = (output: string, raw: RawArguments = {}) =>
      momentsFile(
        scratch().path('model.onnx'),
        scratch().path(output),
        callOptions({ calibrate: scratch().path('data'), ...raw }),
        nothing,
      );
    const merge = (files: readonly string[], output: string, raw: RawArguments = {}) =>
      swapFile(
        scratch().path('model.onnx'),
        scratch().path(output),
        callOptions({ moments: files.map((file) => scratch().path(file)), 'no-verify': true, ...raw }),
        nothing,
      );
    const done = (outcome: Outcome) => {
      expect(outcome.error?.describe()).to.equal(undefined);
      return outcome;
    };
    const complaint = ({ error }: Outcome) => error?.describe().replaceAll(`${scratch().folder}/`, '');

    it('make of shards with inputs of several sizes what one machine makes of the same runs', async () => {
      const same = { groups: '4', memory: '1', seed: 1 };
      for (const index of [1, 2, 3]) done(await moments(`${index}.npz`, { shard: `${index}/3`, ...same }));
      done(await merge(['2.npz', '3.npz', '1.npz'], 'shards.onnx', same));
      const raw = callOptions({ calibrate: scratch().path('data'), 'no-verify': true, ...same });
      const single = done(await swapFile(scratch().path('model.onnx'), scratch().path('single.onnx'), raw, nothing));
      // One machine compares solutions on the inputs; from shards there is one, the same as its first.
      expect(single.calibration?.choice?.solver).to.equal('path');
      expect(Buffer.compare(scratch().read('shards.onnx'), scratch().read('single.onnx'))).to.equal(0);
    });

    it('write the same file twice, also from data that lie elsewhere', async () => {
      done(await moments('a.npz', { shard: '2/3' }));
      renameSync(scratch().path('data'), scratch().path('moved'));
      done(await moments('b.npz', { shard: '2/3', calibrate: scratch().path('moved') }));
      expect(scratch().read('a.npz')).to.deep.equal(scratch().read('b.npz'));
    });

    it('report the seed and the held-out inputs of the shards, not of the merge', async () => {
      done(await moments('a.npz', { seed: 3 }));
      const outcome = done(await merge(['a.npz'], 'out.onnx'));
      expect(outcome.calibration).to.include({ path: '1 shard', seed: 3, solvedOn: 16, heldOut: 4, measured: false });
      expect(outcome.plan?.sites[0]).to.include({ init: 'calibrate' });
    });

    it('take the groups of the shards where the merge does not ask for some, and refuse others', async () => {
      done(await moments('a.npz', { groups: '8' }));
      expect(done(await merge(['a.npz'], 'out.onnx')).plan?.sites[0]).to.include({ groups: 8 });
      const refused = /^a\.npz: .*: its number of groups is 8, not \d+\. Use the same --groups/;
      for (const raw of [{ groups: '4' }, { 'channels-per-group': 2 }]) {
        expect(complaint(await merge(['a.npz'], 'other.onnx', raw))).to.match(refused);
      }
      done(await merge(['a.npz'], 'other.onnx', { groups: '8' }));
    });

    for (const [what, change] of [
      ['other files', () => scratch().write('data/0.npy', writeNpy(noise([1, 3, 4, 4], 0)))],
      ['files of other names', () => renameSync(scratch().path('data/0.npy'), scratch().path('data/00.npy'))],
    ] as const) {
      it(`refuse shards of ${what}`, async () => {
        done(await moments('a.npz', { shard: '1/2' }));
        change();
        done(await moments('b.npz', { shard: '2/2' }));
        expect(complaint(await merge(['a.npz', 'b.npz'], 'out.onnx'))).to.equal(
          'b.npz: it belongs to a different calibration than a.npz. Write all shards with the same options, from the same data.',
        );
        expect(scratch().list()).to.deep.equal(['a.npz', 'b.npz', 'data', 'model.onnx']);
      });
    }

    it('refuse shards whose pictures would be read in other ways', async () => {
      done(await moments('a.npz', { shard: '1/2' }));
      done(await moments('b.npz', { shard: '2/2', mean: '0.5' }));
      expect(complaint(await merge(['a.npz', 'b.npz'], 'out.onnx'))).to.match(
        /^b\.npz: it belongs to a different calibration/,
      );
    });

    it('refuse a file that is not there, or is none of theirs', async () => {
      expect(complaint(await merge(['gone.npz'], 'out.onnx'))).to.match(/^gone\.npz: no such file/);
      scratch().write('in.npz', writeNpz(new Map([['x', noise([1, 3, 4, 4], 1)]])));
      expect(complaint(await merge(['in.npz'], 'out.onnx'))).to.match(
        /^in\.npz: it was not written by gn-swap moments/,
      );
    });

    it('refuse a shard that has nothing', async () => {
      expect(complaint(await moments('a.npz', { samples: 5, shard: '1/5' }))).to.equal(
        'model.onnx: shard 1 of 5 is empty: there are only 4 inputs. Use fewer shards.',
      );
      done(await moments('b.npz', { samples: 5, shard: '5/5' }));
      expect(scratch().list()).to.deep.equal(['b.npz', 'data', 'model.onnx']);
    });

    it('leave nothing behind where a run fails', async () => {
      mkdirSync(scratch().path('wrong'));
      const { data, ...rest } = noise([3, 3, 4, 4], 1);
      scratch().write('wrong/0.npy', writeNpy({ ...rest, data: data.fill(Number.NaN) }));
      const outcome = await moments('a.npz', { calibrate: scratch().path('wrong') });
      expect(complaint(outcome)).to.match(
        /^model\.onnx: .*: its input holds NaN or infinity on the calibration inputs/,
      );
      expect(scratch().list()).to.deep.equal(['data', 'model.onnx', 'wrong']);
    });

    it('replace a file only with --force', async () => {
      scratch().write('a.npz', 'mine');
      expect(complaint(await moments('a.npz'))).to.match(/^a\.npz: the file exists already\. Use --force/);
      expect(scratch().read('a.npz').toString()).to.equal('mine');
      done(await moments('a.npz', { force: true }));
      done(await merge(['a.npz'], 'out.onnx'));
    });

    it('say what was done, without figures that a shard alone can’t know', async () => {
      const outcome = done(await moments('a.npz', { shard: '1/2' }));
      const text = renderText(outcome, { colors: picocolors.createColors(false), verbose: false });
      expect(text).to.contain('calibrated on shard 1 of 2, 8 inputs of ');
      expect(text).to.match(/\nwrote .*a\.npz, .*: statistics of 1 site /);
      expect(text).not.to.contain('R²');
      const document = JSON.parse(renderJson([outcome]));
      expectValidReport(document);
      expect(document.results[0].calibration.sites).to.deep.equal([]);
    });

    it('take drift on made or given inputs for what it is: not for held-out inputs', async () => {
      done(await moments('a.npz'));
      const outcome = done(await merge(['a.npz'], 'out.onnx', { 'no-verify': false }));
      const { calibration, verification } = outcome;
      if (calibration === undefined || verification === undefined) throw new Error('it was not verified');
      const [drift] = verification.drift as [Drift];
      const poor = { ...outcome, verification: { ...verification, drift: [{ ...drift, argmax: null, overlap: 0.1 }] } };
      const measured = { ...poor, calibration: { ...calibration, measured: true } };
      const advice = (of: Outcome) => JSON.parse(renderJson([of])).results[0].calibration.advice.join();
      const text = (of: Outcome) => renderText(of, { colors: picocolors.createColors(false), verbose: false });
      for (const show of [advice, text]) {
        expect(show(measured)).to.match(/agrees with the source only to 0\.100 on \d+ held-out input/);
        expect(show(poor)).not.to.contain('agrees with the source only');
      }
      expect(text(poor)).to.contain('random input says nothing about accuracy');
    });
  });

  it('borrow external data, and leave them where they are', async () => {
    scratch().fixture('external-one-file');
    scratch().write('in.npy', writeNpy(noise([4, 3, 4, 4], 1)));
    mkdirSync(scratch().path('out'));
    const { status, stderr } = await run(
      'moments',
      'external-one-file.onnx',
      '--calibrate',
      'in.npy',
      '-o',
      'out/a.npz',
    );
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(scratch().list('out')).to.deep.equal(['a.npz']);
    const merged = await run('external-one-file.onnx', '--moments', 'out/a.npz', '-o', 'out/new.onnx');
    expect([merged.status, merged.stderr]).to.deep.equal([0, '']);
    expect(scratch().list('out')).to.deep.equal(['a.npz', 'external-one-file.onnx.data', 'new.onnx']);
  });

  it('solve what ONNX Runtime for Node can’t compute in its float32 twin, as one machine does', async () => {
    const file = scratch().fixture('type-bfloat16');
    scratch().write('in.npy', writeNpy(noise([10, 32, 4, 4], 1)));
    const same = { groups: '4', memory: '1' };
    const raw = { calibrate: scratch().path('in.npy'), ...same };
    for (const index of [1, 2]) {
      const call = callOptions({ ...raw, shard: `${index}/2` });
      const { error } = await momentsFile(file, scratch().path(`${index}.npz`), call, () => {});
      expect(error?.describe()).to.equal(undefined);
    }
    const moments = [1, 2].map((index) => scratch().path(`${index}.npz`));
    for (const [target, how] of [
      ['shards.onnx', { moments, ...same }],
      ['single.onnx', raw],
    ] as const) {
      const { error } = await swapFile(
        file,
        scratch().path(target),
        callOptions({ 'no-verify': true, ...how }),
        () => {},
      );
      expect(error?.describe()).to.equal(undefined);
    }
    expect(Buffer.compare(scratch().read('shards.onnx'), scratch().read('single.onnx'))).to.equal(0);
  });

  it('name the file after the model and the shard', async () => {
    scratch().fixture('rank-4');
    scratch().write('in.npy', writeNpy(noise([4, 3, 4, 4], 1)));
    const { status } = await run('moments', 'rank-4.onnx', '--calibrate', 'in.npy', '--shard', '2/3', '--quiet');
    expect(status).to.equal(0);
    expect(scratch().list()).to.deep.equal(['in.npy', 'rank-4.moments-2-of-3.npz', 'rank-4.onnx']);
  });

  it('have nothing to gather where all sites are in subgraphs', async () => {
    const file = scratch().fixture('if-own-parameters');
    const choice: Value = { type: DataType.BOOL, dims: [], data: Uint8Array.of(1) };
    const arrays = new Map<string, Value>([
      ['choice', choice],
      ['x', noise([2, 32, 3, 3], 1)],
    ]);
    scratch().write('in.npz', writeNpz(arrays));
    const call = callOptions({ calibrate: scratch().path('in.npz') });
    const { error } = await momentsFile(file, scratch().path('a.npz'), call, () => {});
    expect(error).to.include({ code: 'nothing-to-swap', message: 'none of its sites can be solved from data' });
    expect(scratch().list()).to.deep.equal(['if-own-parameters.onnx', 'in.npz']);
  });

  const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
    [['moments'], /no model given/],
    [['moments', 'm.onnx'], /m\.onnx: moments needs inputs\. Use --calibrate DIR with a few inputs/],
    [
      ['moments', 'm.onnx', 'm.onnx', '--calibrate', 'in.npy'],
      /moments takes one model; 2 are given\. Run it once per model/,
    ],
    [['moments', 'm.onnx', '--calibrate', 'in.npy', '--shard', '0/3'], /--shard is "0\/3"\. Use i\/n, such as 1\/4/],
    [['moments', 'm.onnx', '--calibrate', 'in.npy', '--shard', '4/3'], /--shard is "4\/3"/],
    [['moments', 'm.onnx', '--calibrate', 'in.npy', '--shard', 'x'], /--shard is "x"/],
    [
      ['moments', 'm.onnx', '--calibrate', 'in.npy', '--shard', '8/9'],
      /shard 8 of 9 is empty: there are only 3 inputs/,
    ],
    [['moments', 'm.onnx', '--calibrate', 'in.npy', '--output', 'm.onnx', '--force'], /the output is the source/],
    [['moments', 'm.onnx', '--calibrate', 'in.npy', '--init', 'copy'], /--init is not an option of gn-swap moments/],
    [['moments', 'm.onnx', '--calibrate', 'gone'], /gone: no such file/],
    [['m.onnx', '--moments', 'a.npz', '--calibrate', 'in.npy'], /--moments and --calibrate are both given/],
    [['m.onnx', '--moments', 'a.npz', '--init', 'copy'], /--moments and --init copy are both given/],
    [['m.onnx', '--moments', 'a.npz', '--shard', '1/2'], /--shard is not an option of gn-swap <models..>/],
    [['m.onnx', '--moments'], /moments/],
    [['inspect', 'm.onnx', '--moments', 'a.npz'], /--moments is not an option of gn-swap inspect/],
  ];
  for (const [args, message] of REFUSED) {
    it(`answer ${args.join(' ')} with status 2, and leave nothing`, async () => {
      scratch().fixture('rank-4', 'm.onnx');
      scratch().write('in.npy', writeNpy(noise([4, 3, 4, 4], 1)));
      const { status, stdout, stderr } = await run(...args);
      expect([status, stdout]).to.deep.equal([2, '']);
      expect(stderr)
        .to.match(message)
        .and.match(/^gn-swap: [^\n]+\n(Try: gn-swap [^\n]+\n)?$/);
      expect(scratch().list()).to.deep.equal(['in.npy', 'm.onnx']);
    });
  }
});
