import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import { answers, floats } from '../../support/answers.ts';

const WIDTH = 32;
const model = (() => {
  const net = new Net();
  const y = net.node('MatMul', [net.input('x', ['n', 4]), net.weight('w', [4, WIDTH])]);
  net.node('LpNormalization', [y], { axis: 1 }, { outputs: ['y'] });
  return net.output('y', ['n', WIDTH]).model();
})();

function judged(rows: readonly (readonly [readonly number[], readonly number[]])[]) {
  const meter = new KeptMeter(model);
  const dims = [rows.length, WIDTH];
  meter.add(
    answers(
      {
        y: floats(
          dims,
          rows.flatMap(([a]) => a),
        ),
      },
      {
        y: floats(
          dims,
          rows.flatMap(([, b]) => b),
        ),
      },
    ),
    rows.length,
  );
  return meter.result();
}

/** Vectors in a narrow cone: a large common part, and a small one of their own. */
function cone(seed: number, count: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: WIDTH }, () => Math.fround(1 + 0.1 * random.normal())),
  );
}

describe('embed', () => {
  it('is the cosine of what tells one input from another', () => {
    const source = cone(1, 20);
    const mean = source[0]?.map(
      (_, i) => source.reduce((sum, row) => sum + (row[i] as number), 0) / source.length,
    ) as number[];
    const random = new Random(2);
    const rewritten = source.map((row) => row.map((it) => Math.fround(it + 0.1 * random.normal())));
    const cosines = source.map((row, index) => {
      const [a, b] = [row, rewritten[index] as number[]].map((list) =>
        list.map((it, i) => it - (mean[i] as number)),
      ) as [number[], number[]];
      const dot = (x: number[], y: number[]) => x.reduce((sum, it, i) => sum + it * (y[i] as number), 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    });
    const { kept, tasks } = judged(source.map((row, index) => [row, rewritten[index] as number[]]));
    expect(tasks[0]?.task).to.equal('embed');
    expect(kept).to.be.closeTo(cosines.reduce((sum, it) => sum + it, 0) / 20, 1e-9);
    expect(tasks[0]?.figures.cosine).to.be.greaterThan(0.98);
  });

  it('keeps nothing where every input gets the same vector, though the plain cosine is near 1', () => {
    const source = cone(1, 20);
    const constant = new Array<number>(WIDTH).fill(1);
    const { kept, tasks } = judged(source.map((row) => [row, constant]));
    expect(kept).to.be.lessThan(0.3);
    expect(tasks[0]?.figures.cosine).to.be.greaterThan(0.98);
  });

  it('has nothing to compare where the source tells no input from another', () => {
    const same = new Array<number>(WIDTH).fill(1);
    expect(
      judged([
        [same, same],
        [same, same],
      ]).kept,
    ).to.equal(null);
  });
});
