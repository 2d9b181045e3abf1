/** Each piece as ONNX Runtime runs it, at the kinks and right beside them, against plain arithmetic. */
import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import {
  above,
  below,
  indicator,
  isPositive,
  masked,
  minus,
  plus,
  product,
  step,
  unary,
  where,
} from '../../../src/operators/elementwise/slope.ts';
import { numbersOf } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { make } from '../support/cases.ts';
import { distance, Written } from '../support/written.ts';

/** The float32 numbers right below and right above one. */
function beside(x: number): [below: number, above: number] {
  const bits = new Int32Array(new Float32Array([x]).buffer);
  const at = (more: number) => new Float32Array(Int32Array.of((bits[0] as number) + more).buffer)[0] as number;
  return x > 0 ? [at(-1), at(1)] : [at(1), at(-1)];
}

const LARGEST = 3.4028234663852886e38;
const SMALLEST_NORMAL = 2 ** -126;

/** Writes something of x, and runs it. */
async function ran(values: readonly number[], write: (g: Written, x: string) => string): Promise<readonly number[]> {
  const g = new Written({ opType: 'Relu', input: ['x'], output: ['y'] });
  return (await g.run(write(g, g.value('x', [values.length], values)))).values;
}

describe('operators/elementwise/slope', () => {
  it('products, sums and differences take numbers in the place of values', async () => {
    const xs = [-1.5, 0, 0.25, 3];
    const cases: readonly [(g: Written, x: string) => string, (x: number) => number][] = [
      [(g, x) => product(g, x, 0.5, x), (x) => 0.5 * x * x],
      [(g, x) => product(g, x), (x) => x],
      [(g, x) => plus(g, x, 2), (x) => x + 2],
      [(g, x) => plus(g, x, x), (x) => x + x],
      [(g, x) => minus(g, 1, x), (x) => 1 - x],
      [(g, x) => minus(g, product(g, x, x), x), (x) => x * x - x],
    ];
    for (const [write, expected] of cases) {
      expect(distance(await ran(xs, write), xs.map(expected))).to.be.lessThan(1e-7);
    }
  });

  it('comparisons are strict, with a number or with a value', async () => {
    const [less, more] = beside(1);
    const xs = [less, 1, more];
    expect(await ran(xs, (g, x) => indicator(g, above(g, x, 1)))).to.deep.equal([0, 0, 1]);
    expect(await ran(xs, (g, x) => indicator(g, below(g, x, 1)))).to.deep.equal([1, 0, 0]);
    expect(await ran(xs, (g, x) => indicator(g, above(g, x, x)))).to.deep.equal([0, 0, 0]);
    expect(await ran(xs, (g, x) => indicator(g, below(g, x, product(g, x, 2))))).to.deep.equal([1, 1, 1]);
  });

  it('a choice takes either side as a value or a number, a mask leaves 0 elsewhere', async () => {
    const xs = [-2, 0, 3];
    expect(await ran(xs, (g, x) => where(g, above(g, x, 0), x, -1))).to.deep.equal([-1, -1, 3]);
    expect(await ran(xs, (g, x) => where(g, above(g, x, 0), 7, x))).to.deep.equal([-2, 0, 7]);
    // −0 counts as 0.
    expect((await ran(xs, (g, x) => masked(g, above(g, x, 0), x))).map((it) => it + 0)).to.deep.equal([0, 0, 3]);
  });

  it('a step is exact beside its bound, and flat to the ends of float32', async () => {
    for (const [sign, bound] of [
      [1, 1],
      [-1, 3],
      [1, -1],
    ] as const) {
      const kink = -sign * bound;
      const [less, more] = beside(kink);
      const xs = [-LARGEST, less, kink, more, LARGEST];
      const expected = xs.map((x) => (sign * x + bound > 0 ? 1 : 0));
      expect(await ran(xs, (g, x) => step(g, x, sign, bound)), `${sign}·x + ${bound}`).to.deep.equal(expected);
    }
  });

  it('a number is positive from the smallest normal one on', async () => {
    const xs = [-LARGEST, -1, -SMALLEST_NORMAL, -0, 0, SMALLEST_NORMAL, 2 * SMALLEST_NORMAL, 1, LARGEST];
    const expected = [0, 0, 0, 0, 0, 1, 1, 1, 1];
    const found = await ran(xs, isPositive);
    // The smallest normal number times 2¹²⁷ is 2; below, what comes is less than 1.
    expect(found).to.deep.equal(expected);
    const [tiny] = await ran([2 ** -130], isPositive);
    expect(tiny).to.be.within(0, 2 ** -3);
  });

  it('float64 is compared in float64: Relu’s slope is 1 at numbers that float32 does not have', async () => {
    const values = [-1, -1e-300, 0, 1e-300, 2];
    const { model, feeds, wrt } = make({ title: '', op: 'Relu', inputs: [{ dims: [5], values }] }, DataType.DOUBLE);
    const { model: gradient, gradients } = await gradientOf(model, { wrt });
    const dy = { type: DataType.DOUBLE, dims: [5], data: Float64Array.of(1, 2, 3, 4, 5) };
    const results = await runModel(gradient, { ...feeds, 'd/y0': dy });
    const dx = numbersOf(valueNamed(results, gradients.get('x0') as string));
    expect(Array.from(dx ?? [], (it) => it + 0)).to.deep.equal([0, 0, 0, 4, 5]);
  });

  it('a rule of one input writes nothing if no gradient arrives', () => {
    const rule = unary((g, x, y, dy) => g.op('Sum', [x, y, dy]));
    expect(rule).to.have.property('proof', 'differences');
    if (!('rule' in rule)) throw new TypeError('the gradient ends');
    const node = { opType: 'F', input: ['x'], output: ['y'] };
    const idle = new Written(node, [undefined]);
    expect(rule.rule(idle)).to.deep.equal([]);
    expect(idle.net.nodes).to.have.lengthOf(0);
    const g = new Written(node, ['dy']);
    expect(rule.rule(g)).to.deep.equal([g.net.nodes[0]?.output[0]]);
    expect(g.net.nodes[0]?.input).to.deep.equal(['x', 'y', 'dy']);
  });
});
