/**
 * Checks of one operator's gradient against something that shares no code with its rule.
 *
 * - {@link adjointCases}: for operators that are linear in each input, ⟨J u, v⟩ = ⟨u, Jᵀ v⟩ with the operator itself as J.
 * - {@link derivativeCases}: y = f(x) written apart in float64, its slope by Richardson's extrapolation of central differences.
 * - {@link functionCases}: y = f(x) of all numbers, written apart in float64, by differences along random directions.
 * - {@link differenceCases}: the operator itself, run in float64 by ONNX Runtime, by the same differences along random directions.
 *
 * Errors are relative to the largest entry (or to the two norms, for inner products). 2e-5 is what float32 gives: u = 6e-8,
 * times the few hundred terms of the longest sum here.
 */
import { expect } from 'chai';
import type { Attributes } from '../../../fixtures/build.ts';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { numbersOf, type Value, type Values } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { keep } from './keep.ts';

const TOLERANCE = 2e-5;

/** One input of an operator. */
export interface Input {
  readonly dims: readonly number[];
  /** Seeded in `range` if they are not given. */
  readonly values?: readonly number[];
  /** [−1, 1] if it is not given. */
  readonly range?: readonly [number, number];
  /** float32 if it is not given; what is not float is never differentiated. */
  readonly type?: DataType;
  /** A stored constant, as shapes and axes are; false if it is not given. */
  readonly constant?: boolean;
}

/** One operator with its attributes. */
export interface Case {
  /** Shown behind the operator's name. */
  readonly title: string;
  readonly op: string;
  /** `undefined` is an optional input that is left out. */
  readonly inputs: readonly (Input | undefined)[];
  readonly attributes?: Attributes;
  /** 18 if it is not given. */
  readonly opset?: number;
  /** How many outputs the node gives; 1 if it is not given. */
  readonly outputs?: number;
  /** Inputs to differentiate by; all float inputs that are not constant if it is not given. */
  readonly wrt?: readonly number[];
}

interface Made {
  readonly model: Model;
  readonly feeds: Record<string, Value>;
  readonly wrt: readonly string[];
}

/** The case as a model of one node. */
export function make(it: Case, type: DataType = DataType.FLOAT, seed = 1): Made {
  const net = new Net({ opset: it.opset ?? 18, type });
  const random = new Random(seed);
  const feeds: Record<string, Value> = {};
  const wrt: string[] = [];
  const names = it.inputs.map((input, index) => {
    if (input === undefined) return '';
    const { dims, range = [-1, 1], constant = false } = input;
    const own = input.type ?? type;
    const count = dims.reduce((product, dim) => product * dim, 1);
    // Through float32, so that both precisions start from the same numbers.
    const values =
      input.values ??
      Array.from({ length: count }, () => Math.fround(range[0] + (range[1] - range[0]) * random.uniform()));
    const name = `x${index}`;
    if (constant) return net.weight(name, dims, values, own);
    net.input(name, dims, own);
    feeds[name] = { type: own, dims, data: typed(own, values) };
    const isWanted = it.wrt?.includes(index) ?? (own === DataType.FLOAT || own === DataType.DOUBLE);
    if (isWanted) wrt.push(name);
    return name;
  });
  const outputs = Array.from({ length: it.outputs ?? 1 }, (_, index) => `y${index}`);
  net.node(it.op, names, it.attributes ?? {}, { outputs });
  for (const name of outputs) net.outputs.push(create('ValueInfoProto', { name }));
  return { model: net.model(), feeds, wrt };
}

function typed(type: DataType, values: readonly number[]): Value['data'] {
  switch (type) {
    case DataType.FLOAT:
      return Float32Array.from(values);
    case DataType.DOUBLE:
      return Float64Array.from(values);
    case DataType.INT64:
      return BigInt64Array.from(values, BigInt);
    case DataType.INT32:
      return Int32Array.from(values);
    case DataType.BOOL:
    case DataType.UINT8:
      return Uint8Array.from(values);
    default:
      throw new RangeError(`no test value of type ${type}`);
  }
}

function floats(value: Value): Float64Array {
  return Float64Array.from(numbersOf(value) ?? []);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function largest(a: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] as number));
  return most;
}

/** Gradients from the rule: of each wanted input, for random gradients of the float outputs. */
async function byRule(
  it: Case,
): Promise<{ made: Made; ys: Values; dys: Values; dxs: ReadonlyMap<string, Float64Array> }> {
  const made = make(it);
  const ys = await runModel(made.model, made.feeds);
  const random = new Random(7);
  const dys: Record<string, Value> = {};
  for (const [name, { type, dims, data }] of Object.entries(ys)) {
    if (type !== DataType.FLOAT) continue;
    dys[`d/${name}`] = { type, dims, data: Float32Array.from({ length: data.length }, () => random.normal()) };
  }
  const { model, gradients } = await gradientOf(made.model, { wrt: made.wrt.map((name) => `^${name}$`) });
  const results = await runModel(model, { ...made.feeds, ...dys });
  keep(titled(it), model, { ...made.feeds, ...dys }, results);
  const dxs = new Map<string, Float64Array>();
  for (const name of made.wrt) {
    const gradient = gradients.get(name);
    const count = made.feeds[name]?.data.length ?? 0;
    dxs.set(name, gradient === undefined ? new Float64Array(count) : floats(valueNamed(results, gradient)));
    if (gradient !== undefined) expect(valueNamed(results, gradient).dims, name).to.deep.equal(made.feeds[name]?.dims);
  }
  return { made, ys, dys, dxs };
}

function titled({ op, title }: Case): string {
  return title === '' ? op : `${op}: ${title}`;
}

/** By the adjoint identity: f(…, u, …) − f(…, 0, …) is J u for an operator that is affine in that input. */
export function adjointCases(cases: readonly Case[], tolerance = TOLERANCE): void {
  for (const it of cases) {
    globalThis.it(`${titled(it)} (adjoint)`, async () => {
      const { made, dys, dxs } = await byRule(it);
      const random = new Random(11);
      for (const [name, dx] of dxs) {
        const x = made.feeds[name] as Value;
        const u = Float32Array.from({ length: x.data.length }, () => random.normal());
        const at = (data: Float32Array) => runModel(made.model, { ...made.feeds, [name]: { ...x, data } });
        const [one, zero] = [await at(u), await at(new Float32Array(u.length))];
        let [left, scale] = [0, 0];
        for (const [output, dy] of Object.entries(dys)) {
          const y = output.slice(2);
          const [a, b, v] = [floats(valueNamed(one, y)), floats(valueNamed(zero, y)), floats(dy)];
          const ju = a.map((value, index) => value - (b[index] as number));
          left += dot(ju, v);
          scale += Math.sqrt(dot(a, a) * dot(v, v));
        }
        const right = dot(u, dx);
        scale = Math.max(scale, Math.sqrt(dot(u, u) * dot(dx, dx)), 1e-30);
        expect(Math.abs(left - right) / scale, `${name}: ${left} ≠ ${right}`).to.be.lessThan(tolerance);
      }
    });
  }
}

/** y = f(x) element by element, written apart from the rule; x is the first input. */
export function derivativeCases(
  cases: readonly (Case & { readonly f: (x: number) => number })[],
  tolerance = TOLERANCE,
): void {
  for (const it of cases) {
    globalThis.it(`${titled(it)} (float64 derivative)`, async () => {
      const { made, ys, dys, dxs } = await byRule(it);
      const x = floats(made.feeds.x0 as Value);
      const dy = floats(dys['d/y0'] as Value);
      const dx = dxs.get('x0') as Float64Array;
      const y = floats(ys.y0 as Value);
      const expected = x.map((at, index) => slope(it.f, at) * (dy[index] as number));
      const scale = Math.max(largest(expected), 1e-30);
      for (const [index, value] of expected.entries()) {
        // f must be what ONNX Runtime computes, or the derivative proves nothing.
        expect(y[index], `f(${x[index]})`).to.be.closeTo(it.f(x[index] as number), 1e-4 * Math.max(1, largest(y)));
        expect(Math.abs((dx[index] as number) - value) / scale, `at ${x[index]}`).to.be.lessThan(tolerance);
      }
    });
  }
}

/** y = f(x) of all numbers of the first input, written apart from the rule: for operators that ONNX Runtime has no float64 kernel for. */
export function functionCases(
  cases: readonly (Case & { readonly f: (x: Float64Array) => ArrayLike<number> })[],
  tolerance = TOLERANCE,
): void {
  for (const it of cases) {
    globalThis.it(`${titled(it)} (float64 function)`, async () => {
      const { made, ys, dys, dxs } = await byRule(it);
      const [x, y, dy] = [made.feeds.x0, ys.y0, dys['d/y0']].map((value) => floats(value as Value)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const dx = dxs.get('x0') as Float64Array;
      const expected = Float64Array.from(it.f(x));
      expect(y.length).to.equal(expected.length);
      // f must be what ONNX Runtime computes, or the derivative proves nothing.
      for (const [index, value] of expected.entries())
        expect(y[index]).to.be.closeTo(value, 1e-5 * Math.max(1, largest(expected)));
      const random = new Random(11);
      for (let direction = 0; direction < 3; direction++) {
        const u = Float64Array.from({ length: x.length }, () => random.normal());
        const left = slope(
          (step) => dot(Float64Array.from(it.f(x.map((at, i) => at + step * (u[i] as number)))), dy),
          0,
        );
        const scale = Math.max(Math.sqrt(dot(u, u) * dot(dx, dx)), Math.abs(left), 1e-30);
        expect(Math.abs(left - dot(u, dx)) / scale).to.be.lessThan(tolerance);
      }
    });
  }
}

/** Central differences, twice extrapolated: the error is of order h⁶. */
function slope(f: (x: number) => number, x: number): number {
  const h = 1e-3 * Math.max(1, Math.abs(x));
  const central = (step: number) => (f(x + step) - f(x - step)) / (2 * step);
  const [a, b, c] = [central(h), central(h / 2), central(h / 4)];
  const [ab, bc] = [(4 * b - a) / 3, (4 * c - b) / 3];
  return (16 * bc - ab) / 15;
}

/** By differences of the operator itself in float64: ONNX Runtime must have a kernel for it. */
export function differenceCases(cases: readonly Case[], tolerance = TOLERANCE, directions = 3): void {
  for (const it of cases) {
    globalThis.it(`${titled(it)} (float64 differences)`, async () => {
      const { dys, dxs } = await byRule(it);
      const exact = make(it, DataType.DOUBLE);
      const random = new Random(11);
      for (const [name, dx] of dxs) {
        const x = exact.feeds[name] as Value;
        const values = floats(x);
        for (let direction = 0; direction < directions; direction++) {
          const u = Float64Array.from({ length: values.length }, () => random.normal());
          const along = async (step: number) => {
            const data = values.map((value, index) => value + step * (u[index] as number));
            const ys = await runModel(exact.model, { ...exact.feeds, [name]: { ...x, data } });
            return Object.entries(dys).reduce(
              (sum, [output, dy]) => sum + dot(floats(valueNamed(ys, output.slice(2))), floats(dy)),
              0,
            );
          };
          const h = 1e-5;
          const central = async (step: number) => ((await along(step)) - (await along(-step))) / (2 * step);
          const [a, b] = [await central(h), await central(h / 2)];
          const left = (4 * b - a) / 3;
          const right = dot(u, dx);
          const scale = Math.max(Math.sqrt(dot(u, u) * dot(dx, dx)), Math.abs(left), 1e-30);
          expect(Math.abs(left - right) / scale, `${name}: ${left} ≠ ${right}`).to.be.lessThan(tolerance);
        }
      }
    });
  }
}
