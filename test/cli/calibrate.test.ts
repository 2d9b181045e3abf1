import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import sharp from 'sharp';
import { type Lines, renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { Net } from '../../fixtures/build.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import type { Value } from '../../src/runtime/session.ts';
import { cli, interrupted } from '../support/cli.ts';
import { type Scratch, useScratch } from '../support/scratch.ts';

/** How PaddleOCR's classifier is fed; what its rendered lines are already. */
const PREPROCESSING = ['--size', '48x192', '--mean', '0.5', '--std', '0.5', '--channel-order', 'bgr'];

let lines: Lines;

/** The lines as arrays, with `change` made to their numbers. */
function npz({ data, dims }: Lines, change: (numbers: Float32Array) => Float32Array = (it) => it): Uint8Array {
  const x: Value = { type: DataType.FLOAT, dims, data: change(data) };
  return writeNpz(new Map([['x', x]]));
}

/** The lines as pictures: red first, bytes. */
async function writePictures(scratch: Scratch, { data, dims: [count, , height, width] }: Lines): Promise<void> {
  mkdirSync(scratch.path('lines'));
  const area = height * width;
  for (let line = 0; line < count; line++) {
    const bytes = Buffer.alloc(3 * area);
    for (let at = 0; at < area; at++) {
      for (let c = 0; c < 3; c++)
        bytes[3 * at + c] = Math.round(((data[(3 * line + 2 - c) * area + at] as number) + 1) * 127.5);
    }
    const raw = { width, height, channels: 3 } as const;
    scratch.write(`lines/${String(line).padStart(2, '0')}.png`, await sharp(bytes, { raw }).png().toBuffer());
  }
}

interface Report {
  readonly status: string;
  readonly sites: readonly { readonly init: string; readonly groups: number }[];
  readonly calibration: {
    readonly solvedOn: number;
    readonly heldOut: number;
    readonly skipped: readonly { readonly file: string; readonly reason: string }[];
    readonly advice: readonly string[];
    readonly mismatch: { readonly shift: number; readonly spread: number };
    readonly reading: { readonly size: { readonly given: number; readonly double: number } | null } | null;
    readonly sites: readonly { readonly r2: number; readonly fallbacks: number }[];
  };
  readonly verification: { readonly inputs: string; readonly drift: readonly { readonly argmax: number }[] } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

function resultOf(stdout: string): Report {
  const { results } = JSON.parse(stdout) as { results: readonly [Report] };
  return results[0];
}

describe('gn-swap --calibrate', function () {
  this.timeout(60_000);
  const scratch = useScratch();
  before(async () => {
    lines = await renderLines({ count: 32, seed: 300 });
  });
  beforeEach(() => {
    scratch().write('cls.onnx', readFileSync(MODELS.classifier));
  });
  const run = (...args: readonly string[]) => cli(args, { cwd: scratch().folder });
  const json = async (...args: readonly string[]) => {
    const { status, stdout } = await run('cls.onnx', '--json', ...args);
    return { status, result: resultOf(stdout) };
  };

  it('solves the classifier from arrays, tells how well, and verifies on lines that it held out', async () => {
    scratch().write('lines.npz', npz(lines));
    const { status, stdout, stderr } = await run('cls.onnx', '--calibrate', 'lines.npz');
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^site .* R² +error/m);
    expect(stdout).to.match(/calibrate +0\.\d{3} /);
    expect(stdout).to.match(/calibrated on 26 inputs of lines\.npz, 6 held out \(seed 0\): mean R² 0\.\d+/);
    expect(stdout).to.match(/drift from the source on 6 held-out inputs/);
    // To the eye of this model, lines are what they are in either order.
    expect(stdout).to.match(/^the channel order hardly matters: .* \(agreement 1\.000 on 4 inputs\)$/m);
    expect(stdout).to.not.match(/warning/);
    expect(scratch().list()).to.deep.equal(['cls.gn.onnx', 'cls.onnx', 'lines.npz']);
  });

  it('gives the same bytes for the same data, and others for another choice of them', async () => {
    scratch().write('lines.npz', npz(lines));
    const made = async (output: string, ...more: readonly string[]) => {
      const options = ['--calibrate', 'lines.npz', '--memory', '1GB', '--no-verify', '--quiet', '-o', output];
      expect((await run('cls.onnx', ...options, ...more)).status).to.equal(0);
      return scratch().read(output);
    };
    const first = await made('a.onnx');
    expect((await made('b.onnx')).equals(first)).to.equal(true);
    expect((await made('c.onnx', '--seed', '1')).equals(first)).to.equal(false);
  });

  it('solves it from a folder of pictures, skips those that are damaged, and reports all that as JSON', async () => {
    await writePictures(scratch(), lines);
    scratch().write('lines/99-damaged.png', 'no picture');
    const { status, result } = await json('--calibrate', 'lines', ...PREPROCESSING);
    expect(status).to.equal(0);
    expect(result.status).to.equal('ok');
    const { calibration, sites, verification } = result;
    expect(calibration).to.include({ solvedOn: 26, heldOut: 6 });
    expect(calibration.skipped).to.have.length(1);
    expect(calibration.skipped[0]?.file).to.match(/99-damaged\.png$/);
    expect(calibration.advice).to.deep.equal([]);
    // As real data are, by docs/measurements/calibration.md.
    expect(calibration.mismatch.shift).to.be.below(0.15);
    expect(calibration.mismatch.spread).to.be.within(0.9, 1.15);
    expect(sites).to.have.length(35);
    expect(sites.every(({ init }) => init === 'calibrate')).to.equal(true);
    expect(calibration.sites.every(({ r2 }) => r2 > 0.3 && r2 <= 1)).to.equal(true);
    expect(verification?.inputs).to.equal('given');
    expect(verification?.drift[0]?.argmax).to.be.at.least(5 / 6);
  });

  it('keeps G as it is told, and no more samples than it is told', async () => {
    scratch().write('lines.npz', npz(lines));
    const { result } = await json('--calibrate', 'lines.npz', '--groups', '4', '--samples', '5', '--no-verify');
    expect(result.calibration).to.include({ solvedOn: 4, heldOut: 1 });
    expect(result.sites.every(({ groups }) => groups === 4)).to.equal(true);
    expect(result.verification).to.equal(null);
  });

  const WRONG: readonly (readonly [string, (numbers: Float32Array) => Float32Array])[] = [
    ['noise', (it) => it.map((_, i) => Math.sin(i * 12.9898) * 1.4)],
    ['black pictures', (it) => it.map(() => -1)],
    ['bytes that were not scaled', (it) => it.map((value) => (value + 1) * 127.5)],
  ];
  for (const [what, change] of WRONG) {
    it(`warns of ${what}`, async () => {
      scratch().write('wrong.npz', npz(lines, change));
      const { result } = await json('--calibrate', 'wrong.npz', '--no-verify');
      expect(result.status).to.equal('ok');
      expect(result.calibration.advice.join()).to.match(/do not look like the training data/);
    });
  }

  it('warns of pictures of the wrong size', async () => {
    const small = await renderLines({ count: 16, seed: 300, height: 24, width: 96 });
    scratch().write('small.npz', npz(small));
    const { result } = await json('--calibrate', 'small.npz', '--no-verify');
    const advice = result.calibration.advice.join();
    expect(advice).to.match(/do not look like the training data/);
    expect(advice).to.match(/at twice the size, the inputs would look more like/);
    const { given, double } = result.calibration.reading?.size ?? {};
    expect(double).to.be.below((given ?? Number.NaN) / 2);
  });

  it('warns of channels in the wrong order where that shows, and of one that nobody named', async () => {
    // A model that sees red alone, trained where there is little.
    const net = new Net();
    const x = net.input('x', ['N', 3, 48, 192]);
    const red = net.node('Conv', [x, net.weight('W', [1, 3, 1, 1], [1, 0, 0])]);
    const lit = (statistics: object) => net.output(net.bn(red, 1, { scale: [1], bias: [0], ...statistics }));
    scratch().write('red.onnx', writeModel(lit({ mean: [0.2], variance: [0.01] }).model()));
    mkdirSync(scratch().path('photos'));
    for (const [index, level] of [30, 80, 40, 60, 50].entries()) {
      const background = { r: level, g: 128, b: 255 - level };
      const picture = sharp({ create: { width: 192, height: 48, channels: 3, background } });
      scratch().write(`photos/${index}.png`, await picture.png().toBuffer());
    }
    const told = async (...order: readonly string[]) => {
      const { stdout } = await run('red.onnx', '--calibrate', 'photos', '--no-verify', '--force', ...order);
      return stdout;
    };
    expect(await told('--channel-order', 'rgb')).to.match(/^the channel order fits/m);
    expect(await told('--channel-order', 'bgr')).to.match(
      /^warning: with RGB and BGR exchanged, .* Check --channel-order\.$/m,
    );
  });

  const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['another init', ['--calibrate', 'lines.npz', '--init', 'copy'], /--calibrate and --init copy are both given/],
    ['data that are not there', ['--calibrate', 'gone'], /gone/],
    ['a folder without data', ['--calibrate', 'empty'], /no inputs found: it is empty/],
    ['a file that is no data', ['--calibrate', 'cls.onnx'], /no inputs found: the one file is not a picture/],
    ['a size that is none', ['--calibrate', 'lines.npz', '--size', 'big'], /--size is "big"/],
    ['preprocessing without data', ['--mean', '0.5'], /--mean only applies to pictures/],
  ];
  for (const [what, args, message] of REFUSED) {
    it(`refuses ${what}, and writes nothing`, async () => {
      scratch().write('lines.npz', npz(lines));
      mkdirSync(scratch().path('empty'));
      const { status, stderr } = await run('cls.onnx', ...args);
      expect(status).to.equal(2);
      expect(stderr).to.match(message);
      expect(scratch().list()).to.deep.equal(['cls.onnx', 'empty', 'lines.npz']);
    });
  }

  it('leaves nothing behind on Ctrl-C in the midst of it', async () => {
    scratch().write('lines.npz', npz(lines));
    // Memory for one sample at a time, so that it takes a while.
    const args = ['cls.onnx', '--calibrate', 'lines.npz', '--memory', '1', '--groups', '4'];
    // The folder that it works in is there from the beginning of the calibration on.
    const { status, stderr } = await interrupted(args, scratch().folder);
    expect(status).to.equal(130);
    expect(stderr).to.match(/interrupted; unfinished files are removed/);
    expect(scratch().list()).to.deep.equal(['cls.onnx', 'lines.npz']);
  });
});
