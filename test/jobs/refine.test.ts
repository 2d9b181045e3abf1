import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { Calibration } from '../../src/calibrate/calibration.ts';
import { calibrate } from '../../src/calibrate/index.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { check } from '../../src/jobs/check.ts';
import { refineSolution, verdictOf } from '../../src/jobs/refine.ts';
import { RefineJudge } from '../../src/jobs/refine-judge.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { refinedText } from '../../src/report/chosen.ts';
import { rejection } from '../support/errors.ts';

const [COUNT, C] = [20, 8];

/** Two norms; a map of scores, the best of such scores, or the classes of the whole picture. */
function net(end: 'map' | 'ranked' | 'classes', type: DataType = DataType.FLOAT) {
  const it = new Net({ seed: 11, type });
  const first = it.relu(it.bn(it.conv(it.input('x', ['n', 3, 8, 8]), 3, C), C));
  const second = it.relu(it.bn(it.conv(first, C, C), C));
  if (end === 'map') it.node('Sigmoid', [it.conv(second, C, 2)], {}, { outputs: ['y'] });
  else if (end === 'ranked') {
    const rows = it.node('Flatten', [it.node('Sigmoid', [it.conv(second, C, 2)])]);
    it.node('TopK', [rows, it.weight('k', [1], [5], DataType.INT64)], {}, { outputs: ['y', 'places'] });
  } else {
    const pooled = it.node('ReduceMean', [second], { axes: [2, 3], keepdims: 0 });
    it.node('Softmax', [it.node('MatMul', [pooled, it.weight('w', [C, 3])])], { axis: 1 }, { outputs: ['y'] });
  }
  if (end === 'ranked') it.output('places', ['n', 5], DataType.INT64);
  return it.output('y', end === 'map' ? ['n', 2, 8, 8] : ['n', end === 'ranked' ? 5 : 3]).model();
}

/** Two norms before boxes of 64 cells and their scores. */
function boxes() {
  const it = new Net({ seed: 7 });
  const first = it.relu(it.bn(it.conv(it.input('x', ['n', 3, 8, 8]), 3, C), C));
  const x = it.relu(it.bn(it.conv(first, C, C), C));
  const rows = (value: string, width: number) =>
    it.node('Reshape', [
      it.node('Transpose', [value], { perm: [0, 2, 3, 1] }),
      it.weight(`rows${width}`, [3], [-1, 64, width], DataType.INT64),
    ]);
  const corners = Array.from({ length: 64 }, (_, cell) => [cell % 8, Math.floor(cell / 8)]).flatMap(([column, row]) => [
    column as number,
    row as number,
    (column as number) + 1,
    (row as number) + 1,
  ]);
  const shift = it.node('Mul', [rows(it.conv(x, C, 4), 4), it.weight('small', [1], [0.01])]);
  it.node('Add', [shift, it.weight('corners', [1, 64, 4], corners)], {}, { outputs: ['boxes'] });
  it.node('Sigmoid', [rows(it.conv(x, C, 2), 2)], {}, { outputs: ['scores'] });
  return it.output('boxes', ['n', 64, 4]).output('scores', ['n', 64, 2]).model();
}

function inputs(count: number) {
  const random = new Random(5);
  const numbers = Float32Array.from({ length: count * 3 * 64 }, () => random.normal());
  return datasetOf({ x: { type: DataType.FLOAT, dims: [count, 3, 8, 8], data: numbers } });
}

const data = inputs(COUNT);

async function refined(
  end: 'map' | 'ranked' | 'classes',
  options: { steps?: number; rate?: number; seed?: number } = {},
) {
  const search = findSites(net(end));
  const planned = plan(search.sites, 13, { groups: 2 });
  const { seed = 0, steps = 40, rate } = options;
  // Without data, which leaves more to take back.
  const calibration = { ...(await calibrate(search, planned, { data, seed: 0, chooseGroups: false })), plan: planned };
  return { calibration, after: await refineSolution(search, calibration, { data, steps, rate, seed }) };
}

function numbers({ plan: { sites } }: Calibration): number[] {
  return sites.flatMap(({ scale, bias }) => [...Array.from(scale), ...Array.from(bias)]);
}

describe('jobs/refine', () => {
  for (const [end, on] of [
    ['map', 'outputs'],
    ['ranked', 'outputs'],
    ['classes', 'norms'],
  ] as const) {
    it(`brings held-out inputs nearer to the source, learning from ${on} of a model that answers ${end}`, async () => {
      const { calibration, after } = await refined(end);
      expect(after.refined).to.include({ taken: true, why: 'kept', on });
      const { distance, kept } = after.refined ?? {};
      expect(distance?.after).to.be.below(0.93 * (distance?.before ?? 0));
      expect(kept?.after).to.be.at.least(kept?.before ?? 1);
      expect(numbers(after)).to.not.deep.equal(numbers(calibration));
      expect(refinedText(after)).to.match(
        /^refined by 40 steps[^(]*\(kept .* → .*, distance .* → .*, on \d+ inputs\)$/,
      );
    });
  }

  for (const [count, why] of [
    [8, 'few'],
    [40, 'kept'],
  ] as const) {
    it(`${why === 'few' ? 'leaves' : 'replaces'} boxes that stand without data where ${count} inputs are given`, async () => {
      const search = findSites(boxes());
      const planned = plan(search.sites, 13, { groups: 2 });
      const given = inputs(count);
      const solved = await calibrate(search, planned, { data: given, seed: 0, chooseGroups: false });
      const steps: string[] = [];
      const onProgress = (step: string) => steps.push(step);
      const before = { ...solved, plan: planned };
      const after = await refineSolution(search, before, { data: given, steps: 40, seed: 0, onProgress });
      expect(after.refined).to.include({ why, taken: why === 'kept' });
      expect(after.plan === planned).to.equal(why === 'few');
      // Two held-out inputs can't tell, whatever is learnt, so nothing is.
      expect(steps.includes('refine')).to.equal(why === 'kept');
      if (why === 'few') expect(refinedText(after)).to.contain('give 25 inputs or more');
    });
  }

  it('refines boxes of folded norms from few inputs, as nothing stands without data', async () => {
    const search = findSites(boxes());
    const planned = plan(search.sites, 13, { groups: 2 });
    const given = inputs(8);
    const { candidates = [], ...solved } = await calibrate(search, planned, {
      data: given,
      seed: 0,
      chooseGroups: false,
    });
    const before = { ...solved, plan: planned, candidates: candidates.filter(({ solver }) => solver !== 'statistics') };
    const after = await refineSolution(search, before, { data: given, steps: 40, seed: 0 });
    expect(after.refined).to.include({ why: 'kept', taken: true });
  });

  it('takes more boxes only beyond chance where they stand without data', () => {
    const distance = { before: 2, after: 1 };
    const before = { kept: 0.85, each: [0.8, 0.9, 0.7, 1, null, 0.9] };
    const luck = { kept: 0.87, each: [1, 0.85, 0.8, 0.9, 1, 0.9] };
    const clear = { kept: 0.95, each: [0.9, 0.95, 0.8, 1, 1, 1] };
    expect(verdictOf({ distance, before, after: luck, isStrict: true })).to.equal('unsure');
    expect(verdictOf({ distance, before, after: luck, isStrict: false })).to.equal('kept');
    expect(verdictOf({ distance, before, after: clear, isStrict: true })).to.equal('kept');
    expect(verdictOf({ distance, before: clear, after: before, isStrict: false })).to.equal('worse');
    expect(verdictOf({ distance: { before: 2, after: 1.9 }, before, after: clear, isStrict: true })).to.equal(
      'farther',
    );
  });

  it('counts a held-out input once, with those that are made from it', async () => {
    const model = boxes();
    const search = findSites(model);
    const judge = await RefineJudge.of(model, [1, 4, 5], { data: inputs(6), seed: 0 });
    expect(judge.samples).to.equal(32);
    const { each, hasBoxes, kept } = await judge.of(plan(search.sites, 13, { groups: 2 }), 0);
    expect(each).to.have.length(3);
    expect(hasBoxes).to.equal(true);
    expect(kept).to.be.within(0, 1);
  });

  it('gives the same numbers for the same seed', async () => {
    const [one, other] = [await refined('map', { steps: 10, seed: 3 }), await refined('map', { steps: 10, seed: 3 })];
    expect(numbers(one.after)).to.deep.equal(numbers(other.after));
  });

  it('keeps what was calibrated if a rate destroys the model, and says so', async () => {
    // Scores behind a dead ReLU are a constant, which may be near by chance; values at the norms are not.
    const { calibration, after } = await refined('classes', { rate: 30, steps: 10 });
    expect(after.plan).to.equal(calibration.plan);
    expect(after.refined?.taken).to.equal(false);
    expect(after.refined?.why).to.be.oneOf(['farther', 'worse']);
    expect(refinedText(after)).to.match(/^not refined: held-out inputs /);
  });

  it('refines norms of float16 in float32', async () => {
    const search = findSites(net('map', DataType.FLOAT16));
    const planned = plan(search.sites, 13, { groups: 2 });
    const calibration = {
      ...(await calibrate(search, planned, { data, seed: 0, chooseGroups: false })),
      plan: planned,
    };
    const { refined: facts, plan: after } = await refineSolution(search, calibration, { data, steps: 40, seed: 0 });
    expect(facts).to.include({ taken: true, on: 'outputs' });
    expect(after.sites.map(({ site }) => site.elementType)).to.deep.equal([DataType.FLOAT16, DataType.FLOAT16]);
  });

  it('does not refine what no held-out input can judge', async () => {
    const { after } = await (async () => {
      const search = findSites(net('map'));
      const calibration = await calibrate(search, plan(search.sites, 13, { groups: 2 }), {
        data,
        seed: 0,
        chooseGroups: false,
      });
      const alone = { ...calibration, heldOut: [] };
      return { after: await refineSolution(search, alone, { data, steps: 5, seed: 0 }) };
    })();
    expect(after.refined).to.include({ taken: false, why: 'unmeasured' });
    expect(refinedText(after)).to.contain('no input was held out');
  });

  it('writes a file that passes verification, and that check finds whole beside its source', async () => {
    const source = writeModel(net('map'));
    const { model, calibration, verification } = await swap(source, { calibrate: data, refine: 40, groups: 2 });
    expect(calibration?.refined?.taken).to.equal(true);
    expect(verification?.passed).to.equal(true);
    const report = await check(model, { against: source });
    expect(report.passed).to.equal(true);
  });

  for (const [name, options, message] of [
    ['no inputs', { refine: 5 }, '--refine learns from inputs, and none are given'],
    [
      'a norm of statistics alone',
      { refine: 5, to: 'batch', calibrate: data },
      '--refine and --to batch are both given',
    ],
    ['an adapted source', { refine: 5, reference: 'adapted', calibrate: data }, '--refine and --reference adapted'],
    ['no steps', { refine: 0, calibrate: data }, '--refine is 0'],
  ] as const) {
    it(`refuses ${name}`, async () => {
      const error = await rejection(swap(writeModel(net('map')), options));
      expect(error.message).to.contain(message);
    });
  }
});
