/** Norms that are spelled out with one node an operation: what is read of them computes what the file does. */
import { expect } from 'chai';
import { Net, type NetOptions } from '../../fixtures/build.ts';
import { frozenChain } from '../../src/find/frozen-chain.ts';
import type { SearchContext } from '../../src/find/pattern.ts';
import { viewOf } from '../../src/graph/view.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from '../support/session.ts';

const C = 5;
const EPSILON = 1e-3;

/** Stored vectors of a net, as [1, C, 1, 1], and what is made of them. */
class Parts {
  readonly net: Net;
  readonly x: string;
  readonly root: string;
  readonly under: string;

  constructor(options: NetOptions = {}) {
    this.net = new Net(options);
    this.x = this.net.input('x', [2, C, 3, 2]);
    this.vector('gamma', -1.5, 1.5);
    this.vector('beta', -1, 1);
    this.vector('mean', -0.5, 0.5);
    this.vector('variance', 0.2, 2);
    this.under = this.op('Add', 'variance', this.net.weight('epsilon', [], [EPSILON]));
    this.root = this.op('Sqrt', this.under);
  }

  vector(name: string, from: number, to: number): void {
    this.net.weight(name, [1, C, 1, 1], this.net.numbers(C, from, to));
  }

  op(name: string, ...inputs: string[]): string {
    return this.net.node(name, inputs);
  }

  number(value: number): string {
    return this.net.weight(`n${this.net.initializers.length}`, [], [value]);
  }

  power(value: number): string {
    return this.op('Pow', this.under, this.number(value));
  }
}

/** x S + (β − μ S) */
const scaled = (p: Parts, slope: string) =>
  p.op('Add', p.op('Mul', p.x, slope), p.op('Sub', 'beta', p.op('Mul', 'mean', slope)));
/** (x − μ) S + β */
const centred = (p: Parts, slope: string) => p.op('Add', 'beta', p.op('Mul', slope, p.op('Sub', p.x, 'mean')));

/** Spellings, and whether γ is among what is read; without it, it is 1. */
const SPELLINGS: Readonly<Record<string, readonly [(p: Parts) => string, hasScale: boolean]>> = {
  'x S + (β − μ S), with γ/√v': [(p) => scaled(p, p.op('Div', 'gamma', p.root)), true],
  'x S + (β − μ S), with γ · 1/√v by Reciprocal': [
    (p) => scaled(p, p.op('Mul', p.op('Reciprocal', p.root), 'gamma')),
    true,
  ],
  'x S + (β − μ S), with γ · v^−½': [(p) => scaled(p, p.op('Mul', 'gamma', p.power(-0.5))), true],
  'x S + (β − μ S), without γ': [(p) => scaled(p, p.op('Div', p.number(1), p.root)), false],
  '(x − μ) S + β': [(p) => centred(p, p.op('Div', 'gamma', p.power(0.5))), true],
  '(x − μ) S + β, without γ': [(p) => centred(p, p.op('Reciprocal', p.root)), false],
  '((x − μ)/√v) γ + β': [
    (p) => p.op('Add', p.op('Mul', p.op('Div', p.op('Sub', p.x, 'mean'), p.root), 'gamma'), 'beta'),
    true,
  ],
  '((x − μ) · 1/√v) γ + β': [
    (p) => {
      const normal = p.op('Mul', p.op('Reciprocal', p.root), p.op('Sub', p.x, 'mean'));
      return p.op('Add', 'beta', p.op('Mul', 'gamma', normal));
    },
    true,
  ],
};

function chainOf(net: Net, output: string) {
  const model = net.output(output).model();
  const view = viewOf(model);
  const [scope] = view.scopes;
  const node = scope?.producers.get(output) as NodeProto;
  const context = { model, evaluated: new Map(), uses: view.uses } as Partial<SearchContext> as SearchContext;
  return { model, found: scope && frozenChain(node, scope, context) };
}

describe('find/frozen-chain', () => {
  for (const [title, [write, hasScale]] of Object.entries(SPELLINGS)) {
    it(`reads a norm whose vectors compute what ONNX Runtime does: ${title}`, async () => {
      const p = new Parts();
      const output = write(p);
      const { model, found } = chainOf(p.net, output);
      expect(found?.input).to.equal('x');
      expect([found?.scale?.name, found?.bias.name, found?.mean.name, found?.variance.name]).to.deep.equal([
        hasScale ? 'gamma' : undefined,
        'beta',
        'mean',
        'variance',
      ]);
      expect(found?.epsilon).to.equal(Math.fround(EPSILON));
      // All that is written but the last node, and what makes a value of numbers alone.
      expect(found?.nodes.map(({ opType }) => opType)).to.include.members(['Mul', 'Add']);
      expect(found?.nodes.some(({ output: made }) => made.includes(output))).to.equal(false);
      const numbers = (tensor: Parameters<typeof valuesOf>[0] | undefined) =>
        tensor === undefined ? new Float64Array(C).fill(1) : valuesOf(tensor);
      const [gamma, beta, mean, variance] = [found?.scale, found?.bias, found?.mean, found?.variance].map((it) =>
        numbers(it?.tensor),
      );
      const data = Float32Array.from(p.net.numbers(2 * C * 6, -2, 2));
      const x = { type: DataType.FLOAT, dims: [2, C, 3, 2], data };
      const answer = numbersOf(valueNamed(await runModel(model, { x }), output)) ?? [];
      for (const [at, value] of Array.from(answer).entries()) {
        const c = Math.floor(at / 6) % C;
        const normal = ((data[at] as number) - (mean?.[c] ?? 0)) / Math.sqrt((variance?.[c] ?? 0) + EPSILON);
        // Ten roundings of float32 on numbers up to 10.
        expect(value).to.be.closeTo(normal * (gamma?.[c] ?? 0) + (beta?.[c] ?? 0), 1e-5);
      }
    });
  }

  const refused: Readonly<Record<string, (p: Parts) => string>> = {
    'something else reads the product': (p) => {
      const product = p.op('Mul', p.x, p.op('Div', 'gamma', p.root));
      p.net.output(p.op('Relu', product));
      return p.op('Add', product, p.op('Sub', 'beta', p.op('Mul', 'mean', p.op('Div', 'gamma', p.root))));
    },
    'the power is another': (p) => centred(p, p.op('Mul', 'gamma', p.power(-1))),
    'μ is scaled by the slope of another norm': (p) => {
      p.vector('other', 0.2, 2);
      const other = p.op('Div', 'gamma', p.op('Sqrt', p.op('Add', 'other', 'epsilon')));
      const product = p.op('Mul', p.x, p.op('Div', 'gamma', p.root));
      return p.op('Add', product, p.op('Sub', 'beta', p.op('Mul', 'mean', other)));
    },
    'β is computed in the run': (p) => {
      const beta = p.net.input('given', [1, C, 1, 1]);
      return p.op('Add', p.op('Mul', p.op('Sub', p.x, 'mean'), p.op('Div', 'gamma', p.root)), beta);
    },
    'β is one number for all channels': (p) =>
      p.op('Add', p.op('Mul', p.op('Sub', p.x, 'mean'), p.op('Div', 'gamma', p.root)), p.number(0.5)),
    'the last node is a Sub': (p) =>
      p.op('Sub', p.op('Mul', p.op('Sub', p.x, 'mean'), p.op('Reciprocal', p.root)), 'beta'),
  };
  for (const [title, write] of Object.entries(refused)) {
    it(`takes it for none: ${title}`, () => {
      const p = new Parts();
      expect(chainOf(p.net, write(p)).found).to.equal(undefined);
    });
  }

  it('reads vectors of [C] behind a Reshape or an Unsqueeze under the names that they are stored by', () => {
    const p = new Parts();
    const flat = p.net.weight('flat', [C], p.net.numbers(C, 0.5, 1.5));
    const gamma = p.op('Reshape', flat, p.net.weight('dims', [4], [1, -1, 1, 1], DataType.INT64));
    const { found } = chainOf(p.net, centred(p, p.op('Div', gamma, p.root)));
    expect(found?.scale?.name).to.equal('flat');
    expect(found?.nodes.map(({ opType }) => opType)).to.include('Reshape');
  });
});
