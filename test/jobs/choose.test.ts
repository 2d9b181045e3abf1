import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { Calibration, SolvedPlan, Solver } from '../../src/calibrate/calibration.ts';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { chooseSolution } from '../../src/jobs/choose.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Plan, plan } from '../../src/plan/index.ts';

const [COUNT, C] = [24, 4];

/** A classifier of one norm. */
const search = (() => {
  const net = new Net({ seed: 3 });
  const x = net.relu(net.bn(net.conv(net.input('x', ['n', 3, 6, 6]), 3, C), C));
  const pooled = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  net.node('Softmax', [net.node('MatMul', [pooled, net.weight('w', [C, 3])])], { axis: 1 }, { outputs: ['classes'] });
  return findSites(net.output('classes', ['n', 3]).model());
})();
const planned = plan(search.sites, 13, { groups: 1 });

const data = (() => {
  const random = new Random(5);
  const numbers = Float32Array.from({ length: COUNT * 3 * 36 }, () => random.normal());
  return datasetOf({ x: { type: DataType.FLOAT, dims: [COUNT, 3, 6, 6], data: numbers } });
})();

/** The plan with all of its norms answering one number. */
function dead(of: Plan): Plan {
  return { ...of, sites: of.sites.map((it) => ({ ...it, scale: new Float64Array(C), bias: new Float64Array(C) })) };
}

function calibrationOf(plans: Readonly<Partial<Record<Solver, Plan>>>): Calibration {
  const candidates = Object.entries(plans).map(([solver, own]) => ({ solver, solve: () => own }) as SolvedPlan);
  const all = Array.from({ length: COUNT }, (_, index) => index);
  const [first] = candidates as [SolvedPlan];
  return {
    plan: first.solve(),
    fits: [],
    solvedOn: all.slice(5),
    heldOut: all.slice(0, 5),
    mismatch: { shift: 0, spread: 1 },
    candidates,
  };
}

describe('chooseSolution', () => {
  it('takes no data over data that spoilt the model, and says what each kept', async () => {
    const calibration = calibrationOf({ path: dead(planned), source: dead(planned), statistics: planned });
    const { plan: taken, choice } = await chooseSolution(search, calibration, { data });
    expect(taken).to.equal(planned);
    expect(choice).to.include({ solver: 'statistics', samples: 16 });
    const [path, , statistics] = choice?.kept ?? [];
    expect(path?.kept).to.be.below(statistics?.kept as number);
  });

  it('takes the better of two solutions', async () => {
    const calibration = calibrationOf({ path: dead(planned), source: planned });
    expect((await chooseSolution(search, calibration, { data })).choice?.solver).to.equal('source');
  });

  it('takes the first of equals', async () => {
    const calibration = calibrationOf({ path: planned, source: planned, statistics: planned });
    expect((await chooseSolution(search, calibration, { data })).choice?.solver).to.equal('path');
  });

  it('keeps what was solved behind the swapped norms where outputs can not be judged', async () => {
    const calibration = calibrationOf({ path: planned, statistics: dead(planned) });
    const tasks = { task: ['classes=none'] };
    const { plan: taken, choice } = await chooseSolution(search, calibration, { data, tasks });
    expect(taken).to.equal(planned);
    expect(choice?.kept.map(({ kept }) => kept)).to.deep.equal([null, null]);
  });

  it('judges each sample that was solved on by a solution without it', async () => {
    const asked: number[][] = [];
    const without = (samples: readonly number[]) => {
      asked.push([...samples]);
      return dead(planned);
    };
    const calibration = calibrationOf({ path: planned, statistics: planned });
    const [path, statistics] = calibration.candidates as [SolvedPlan, SolvedPlan];
    const { choice } = await chooseSolution(
      search,
      { ...calibration, candidates: [{ ...path, without }, statistics] },
      { data },
    );
    // 11 of 19, a third of them at a time.
    expect(asked).to.deep.equal([
      [5, 6, 7, 8, 9, 10, 11],
      [12, 13, 14, 15],
    ]);
    // As it stands `path` is the same as no data; without the samples it is dead.
    expect(choice?.solver).to.equal('statistics');
  });

  it('has no choice where there is one solution', async () => {
    const calibration = calibrationOf({ path: planned });
    expect(await chooseSolution(search, calibration, { data })).to.equal(calibration);
  });
});
