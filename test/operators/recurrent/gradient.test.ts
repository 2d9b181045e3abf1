import { expect } from 'chai';
import type { Attributes } from '../../../fixtures/build.ts';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { create } from '../../../src/onnx/schema.ts';
import { recurrent } from '../../../src/operators/recurrent/gradient.ts';
import { numbersOf, type Value } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { GATES, type Operands, type Recurrent, recurrence } from './oracle.ts';

/** float32: a few roundings in each of up to five steps. */
const TOLERANCE = 2e-5;

const NAMES = ['x', 'w', 'r', 'b', 'h', 'c'] as const;

interface Case extends Recurrent {
  readonly without?: readonly (typeof NAMES)[number][];
  readonly opset?: number;
  readonly attributes?: Attributes;
}

function dimsOf({ op, steps, batch, inputs, hidden, direction }: Recurrent) {
  const directions = direction === 'bidirectional' ? 2 : 1;
  const state = [directions, batch, hidden];
  return {
    x: [steps, batch, inputs],
    w: [directions, GATES[op] * hidden, inputs],
    r: [directions, GATES[op] * hidden, hidden],
    b: [directions, 2 * GATES[op] * hidden],
    h: state,
    c: state,
    y: [steps, directions, batch, hidden],
    state,
  };
}

/** One node, all its operands as inputs, Y, Y_h and Y_c as outputs; and the numbers to feed. */
function made(it: Case) {
  const dims = dimsOf(it);
  const random = new Random(7);
  const left = new Set<string>([...(it.without ?? []), ...(it.op === 'LSTM' ? [] : ['c'])]);
  const net = new Net({ opset: it.opset ?? 18 });
  const operands: Partial<Record<string, readonly number[]>> = {};
  const names = NAMES.map((name) => {
    if (left.has(name)) return '';
    const count = dims[name].reduce((product, dim) => product * dim, 1);
    operands[name] = Array.from({ length: count }, () => Math.fround(random.normal() * 0.7));
    return net.input(name, dims[name]);
  });
  const [x = '', w = '', r = '', b = '', h = '', c = ''] = names;
  const outputs = ['y', 'yh', ...(it.op === 'LSTM' ? ['yc'] : [])];
  const attributes: Attributes = {
    hidden_size: it.hidden,
    direction: it.direction,
    ...(it.resetsAfter === true ? { linear_before_reset: 1 } : {}),
    ...it.attributes,
  };
  const inputs = [x, w, r, b, '', h, ...(it.op === 'LSTM' ? [c] : [])];
  net.node(it.op, inputs, attributes, { outputs, name: 'steps' });
  for (const name of outputs) net.output(name, name === 'y' ? dims.y : dims.state);
  return { model: net.model(), operands: operands as Operands, outputs, dims };
}

const CASES: readonly (readonly [string, Case])[] = [
  ['LSTM', { op: 'LSTM', steps: 5, batch: 1, inputs: 3, hidden: 2, direction: 'forward' }],
  ['LSTM from the last step', { op: 'LSTM', steps: 4, batch: 2, inputs: 2, hidden: 3, direction: 'reverse' }],
  ['LSTM both ways', { op: 'LSTM', steps: 3, batch: 2, inputs: 3, hidden: 2, direction: 'bidirectional' }],
  [
    'LSTM without biases and first states',
    { op: 'LSTM', steps: 3, batch: 2, inputs: 3, hidden: 2, direction: 'bidirectional', without: ['b', 'h', 'c'] },
  ],
  [
    'LSTM of one step at opset 7',
    { op: 'LSTM', steps: 1, batch: 2, inputs: 3, hidden: 2, direction: 'forward', opset: 7 },
  ],
  ['LSTM at opset 22', { op: 'LSTM', steps: 2, batch: 2, inputs: 3, hidden: 2, direction: 'forward', opset: 22 }],
  ['GRU', { op: 'GRU', steps: 5, batch: 1, inputs: 3, hidden: 2, direction: 'forward' }],
  ['GRU both ways', { op: 'GRU', steps: 3, batch: 2, inputs: 3, hidden: 2, direction: 'bidirectional' }],
  [
    'GRU that resets behind the product',
    { op: 'GRU', steps: 4, batch: 2, inputs: 2, hidden: 3, direction: 'bidirectional', resetsAfter: true },
  ],
  [
    'GRU that resets behind the product, without biases and first state',
    {
      op: 'GRU',
      steps: 3,
      batch: 2,
      inputs: 2,
      hidden: 2,
      direction: 'reverse',
      resetsAfter: true,
      without: ['b', 'h'],
    },
  ],
  [
    'GRU without biases and first state',
    { op: 'GRU', steps: 3, batch: 2, inputs: 2, hidden: 2, direction: 'forward', without: ['b', 'h'] },
  ],
  ['RNN', { op: 'RNN', steps: 4, batch: 2, inputs: 3, hidden: 2, direction: 'bidirectional' }],
  [
    'RNN without biases and first state',
    { op: 'RNN', steps: 3, batch: 1, inputs: 2, hidden: 3, direction: 'reverse', without: ['b', 'h'] },
  ],
];

describe('operators/recurrent: the gradient of every operand, against formulas in float64', () => {
  for (const [title, it_] of CASES) {
    it(title, async () => {
      const { model, operands, outputs, dims } = made(it_);
      const random = new Random(11);
      const gradient = await gradientOf(model, { wrt: ['inputs'], verify: title === 'LSTM both ways' });
      const feeds: Record<string, Value> = {};
      const float = (of: readonly number[], data: readonly number[]): Value => ({
        type: DataType.FLOAT,
        dims: of,
        data: Float32Array.from(data),
      });
      for (const [name, values] of Object.entries(operands)) feeds[name] = float(dims[name as 'x'], values);
      const exact = recurrence(it_, operands);
      const seeds = outputs.map((name) => exact[name as 'y'].map(() => Math.fround(random.normal())));
      for (const [at, name] of outputs.entries())
        feeds[`d/${name}`] = float(name === 'y' ? dims.y : dims.state, seeds[at] as number[]);
      const results = await runModel(gradient.model, feeds);
      const read = (name: string) => Array.from(numbersOf(valueNamed(results, name)) ?? [], Number);
      for (const name of outputs)
        for (const [at, value] of read(name).entries())
          expect(value, `${name} ${at}`).to.be.closeTo(exact[name as 'y'][at] as number, TOLERANCE);
      const total = (moved: Operands) => {
        const own = recurrence(it_, moved);
        return outputs.reduce(
          (sum, name, at) => own[name as 'y'].reduce((all, y, i) => all + y * (seeds[at]?.[i] as number), sum),
          0,
        );
      };
      for (const [name, values] of Object.entries(operands)) {
        const slopes = values.map((value, at) => {
          const moved = (by: number) =>
            total({ ...operands, [name]: values.map((v, i) => (i === at ? value + by : v)) });
          return (moved(1e-5) - moved(-1e-5)) / 2e-5;
        });
        const largest = Math.max(1, ...slopes.map(Math.abs));
        for (const [at, value] of read(`d/${name}`).entries())
          expect(value, `d/${name} ${at}`).to.be.closeTo(slopes[at] as number, TOLERANCE * largest);
      }
    });
  }
});

/** An attribute that is a list of words. */
function strings(name: string, words: readonly string[]) {
  return create('AttributeProto', { name, type: 8, strings: words.map((it) => new TextEncoder().encode(it)) });
}

describe('operators/recurrent: what has no gradient', () => {
  const plain: Case = { op: 'LSTM', steps: 2, batch: 2, inputs: 2, hidden: 2, direction: 'forward' };
  const refusals: readonly (readonly [string, Case, string])[] = [
    [
      'other activations',
      { ...plain, attributes: { activations: strings('activations', ['HardSigmoid', 'Tanh', 'Tanh']) } },
      'its activations are HardSigmoid, Tanh, Tanh; Sigmoid, Tanh, Tanh have a gradient',
    ],
    ['a clip', { ...plain, attributes: { clip: { float: 3 } } }, 'it clips what goes into its activations (clip)'],
    ['coupled gates', { ...plain, attributes: { input_forget: 1 } }, 'it couples its gates (input_forget)'],
    ['too many steps', { ...plain, op: 'RNN', steps: 1025, batch: 1 }, 'it has 1025 steps; up to 1024 are written out'],
  ];
  for (const [title, it_, reason] of refusals) {
    it(`${title}: refused by node, with the reason and a remedy`, async () => {
      const error = await rejection(gradientOf(made(it_).model, { wrt: ['inputs'] }));
      expect(error.code).to.equal('unsupported-model');
      expect(error.message).to.include(`${it_.op} "steps": ${reason}`);
      expect(error.remedy).to.include('--wrt');
    });
  }

  it('sequences of different lengths, and lengths that are computed; equal lengths pass', async () => {
    const net = (lengths: readonly number[] | undefined) => {
      const own = new Net({ opset: 18 });
      own.input('x', [3, 2, 4]);
      const name =
        lengths === undefined
          ? own.input('lengths', [2], DataType.INT32)
          : own.weight('lengths', [2], lengths, DataType.INT32);
      const weights = [own.weight('W', [1, 2, 4]), own.weight('R', [1, 2, 2])];
      own.node('RNN', ['x', ...weights, '', name], { hidden_size: 2 }, { outputs: ['y'], name: 'steps' });
      return gradientOf(own.output('y', [3, 1, 2, 2]).model(), { wrt: ['W'] });
    };
    expect((await rejection(net([3, 2]))).message).to.include('RNN "steps": its sequences have different lengths');
    expect((await rejection(net(undefined))).message).to.include(
      'RNN "steps": its sequence lengths are computed in the run',
    );
    expect([...(await net([3, 3])).gradients.keys()]).to.deep.equal(['W']);
  });

  it('a node is left as it is, and is no obstacle to what comes after it', async () => {
    const net = new Net({ opset: 18 });
    net.input('x', [3, 1, 4]);
    net.node(
      'LSTM',
      ['x', net.weight('W', [1, 8, 4]), net.weight('R', [1, 8, 2])],
      { hidden_size: 2 },
      { outputs: ['h'] },
    );
    net.node('Mul', ['h', net.weight('scale', [2])], {}, { outputs: ['y'] });
    const { gradients, model } = await gradientOf(net.output('y', [3, 1, 1, 2]).model(), { wrt: ['scale'] });
    expect([...gradients.keys()]).to.deep.equal(['scale']);
    expect(model.proto.graph.node.map(({ opType }) => opType)).to.include('LSTM');
  });

  it('graphs inside a node are refused', async () => {
    expect(Object.keys(recurrent)).to.include.members(['LSTM', 'GRU', 'RNN', 'If', 'Loop', 'Scan']);
  });
});
