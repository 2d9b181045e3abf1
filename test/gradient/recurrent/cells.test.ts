import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { FixedType } from '../../../src/gradient/forward.ts';
import { cellOf, type State } from '../../../src/gradient/recurrent/cells.ts';
import { Typed } from '../../../src/gradient/recurrent/typed.ts';
import { Writer } from '../../../src/gradient/writer.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { Names } from '../../../src/onnx/names.ts';
import type { TensorProto } from '../../../src/onnx/schema.ts';
import { numbersIn, type Value } from '../../../src/runtime/session.ts';
import { distance } from '../../operators/support/written.ts';
import { runModel, valueNamed } from '../../support/session.ts';

const { FLOAT } = DataType;
const [BATCH, HIDDEN] = [2, 3];
/** float32: sums of a few products, through two functions that are approximated. */
const TOLERANCE = 2e-6;

interface Case {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly resetsAfter?: boolean;
  readonly hasBias?: boolean;
  /** Which of the state is there before the step. */
  readonly state?: readonly ('h' | 'c')[];
}

const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;

/** Values of one step, written, fed and run; each seeded. */
async function step({ op, resetsAfter = false, hasBias = true, state: given = [] }: Case) {
  const net = new Net({ opset: 18, seed: 4 });
  const constants = new Map<string, TensorProto>();
  const types = new Map<string, FixedType>();
  const feeds: Record<string, Value> = {};
  const add = (name: string, dims: readonly number[]) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    feeds[name] = { type: FLOAT, dims, data: Float32Array.from(net.numbers(count, -2, 2)) };
    types.set(name, { type: FLOAT, dims });
    return net.input(name, dims);
  };
  const cell = cellOf(op, resetsAfter);
  expect(cell.gates).to.equal(GATES[op]);
  const size = cell.gates * HIDDEN;
  const plain = add('plain', [BATCH, size]);
  const [r, bw, br] = [add('r', [size, HIDDEN]), add('bw', [size]), add('br', [size])];
  const state: State = { h: undefined, ...Object.fromEntries(given.map((name) => [name, add(name, [BATCH, HIDDEN])])) };
  const names = { values: new Names(types.keys()), nodes: new Names([]) };
  const writer = new Writer('cell', names, constants);
  const typed = new Typed(writer, types, FLOAT);
  const weights = { r, biases: hasBias ? ([bw, br] as const) : undefined, batch: BATCH, hidden: HIDDEN };
  const bias = cell.inputBias(typed, weights);
  const x = bias === undefined ? plain : typed.op('Add', [plain, bias], [BATCH, size]);
  const next = cell.stepper(typed, weights)(x, state);
  net.nodes.push(...writer.nodes);
  for (const tensor of constants.values()) net.add(tensor);
  const outputs = [next.h, next.c].filter((name) => name !== undefined);
  for (const name of outputs) net.output(name);
  const results = await runModel(net.model(), feeds);
  for (const name of outputs) {
    const { type, dims } = valueNamed(results, name);
    expect({ type, dims }).to.deep.equal(types.get(name));
  }
  const numbers = (name: string | undefined) =>
    name === undefined ? undefined : Array.from(numbersIn(valueNamed(results, name)));
  const values = (name: string) => Array.from(numbersIn(feeds[name]));
  return { h: numbers(next.h), c: numbers(next.c), values, bias, operators: writer.nodes.map(({ opType }) => opType) };
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** The step by the formulas of the operators' pages, of plain = W x: number by number in float64. */
function exact({ op, resetsAfter = false, hasBias = true, state = [] }: Case, values: (name: string) => number[]) {
  const size = GATES[op] * HIDDEN;
  const read = (name: string, at: number) => values(name)[at] as number;
  const stateAt = (name: 'h' | 'c', n: number, k: number) => (state.includes(name) ? read(name, n * HIDDEN + k) : 0);
  const [h, c]: [number[], number[]] = [[], []];
  for (let n = 0; n < BATCH; n++) {
    const ofInput = (gate: number, k: number) =>
      read('plain', n * size + gate * HIDDEN + k) + (hasBias ? read('bw', gate * HIDDEN + k) : 0);
    const ofState = (gate: number, k: number, scale: (j: number) => number = () => 1) => {
      let sum = hasBias ? read('br', gate * HIDDEN + k) : 0;
      for (let j = 0; j < HIDDEN; j++)
        sum += read('r', (gate * HIDDEN + k) * HIDDEN + j) * scale(j) * stateAt('h', n, j);
      return sum;
    };
    const both = (gate: number, k: number) => ofInput(gate, k) + ofState(gate, k);
    for (let k = 0; k < HIDDEN; k++) {
      if (op === 'RNN') h.push(Math.tanh(both(0, k)));
      else if (op === 'GRU') {
        const [z, reset] = [sigmoid(both(0, k)), (j: number) => sigmoid(both(1, j))];
        const own = resetsAfter ? ofInput(2, k) + reset(k) * ofState(2, k) : ofInput(2, k) + ofState(2, k, reset);
        h.push((1 - z) * Math.tanh(own) + z * stateAt('h', n, k));
      } else {
        const [i, o, f] = [0, 1, 2].map((gate) => sigmoid(both(gate, k))) as [number, number, number];
        const next = f * stateAt('c', n, k) + i * Math.tanh(both(3, k));
        c.push(next);
        h.push(o * Math.tanh(next));
      }
    }
  }
  return { h, c: op === 'LSTM' ? c : undefined };
}

const CASES: readonly Case[] = [
  ...[true, false].flatMap((hasBias): Case[] => [
    { op: 'LSTM', hasBias, state: ['h', 'c'] },
    { op: 'LSTM', hasBias },
    { op: 'LSTM', hasBias, state: ['h'] },
    { op: 'LSTM', hasBias, state: ['c'] },
    { op: 'GRU', hasBias, state: ['h'] },
    { op: 'GRU', hasBias },
    { op: 'GRU', hasBias, state: ['h'], resetsAfter: true },
    { op: 'GRU', hasBias, resetsAfter: true },
    { op: 'RNN', hasBias, state: ['h'] },
    { op: 'RNN', hasBias },
  ]),
];

describe('gradient/recurrent/cells', () => {
  for (const it_ of CASES) {
    const { op, resetsAfter = false, hasBias = true, state = [] } = it_;
    const after = resetsAfter ? ', resetting behind the product' : '';
    const before = state.length === 0 ? 'from no state' : `from ${state.join(' and ')}`;
    it(`takes the step of ${op} ${before}${after}, ${hasBias ? 'with' : 'without'} biases, as float64 does`, async () => {
      const made = await step(it_);
      const expected = exact(it_, made.values);
      expect(distance(made.h ?? [], expected.h)).to.be.below(TOLERANCE);
      expect(made.c === undefined).to.equal(expected.c === undefined);
      if (expected.c !== undefined) expect(distance(made.c ?? [], expected.c)).to.be.below(TOLERANCE);
      expect(made.bias === undefined).to.equal(!hasBias);
    });
  }

  it('keeps the bias of the state apart where a GRU resets behind the product: elsewhere both are added at once', async () => {
    const apart = await step({ op: 'GRU', resetsAfter: true, state: ['h'] });
    const together = await step({ op: 'GRU', state: ['h'] });
    const count = (operators: readonly string[], name: string) => operators.filter((it) => it === name).length;
    // The gates' biases are added, and the third joined to them as it is.
    expect(apart.operators.slice(0, 4)).to.deep.equal(['Split', 'Split', 'Add', 'Concat']);
    expect(count(together.operators, 'Concat')).to.equal(0);
  });

  it('multiplies nothing by a state that is 0, where the cell needs none', async () => {
    expect((await step({ op: 'LSTM' })).operators).not.to.include('Gemm');
    expect((await step({ op: 'RNN' })).operators).not.to.include('Gemm');
    const { operators } = await step({ op: 'LSTM', state: ['h'] });
    // c′ = i·tanh(a): no Add of f·c.
    expect(operators.filter((it) => it === 'Mul').length).to.equal(2);
  });

  it('writes its parts of the weights once for all steps, and the products of each step', async () => {
    const types = new Map<string, FixedType>();
    const known = (name: string, ...dims: number[]) => {
      types.set(name, { type: FLOAT, dims });
      return name;
    };
    const names = { values: new Names(['x1', 'x2', 'r', 'h']), nodes: new Names([]) };
    const writer = new Writer('cell', names, new Map());
    const typed = new Typed(writer, types, FLOAT);
    const own = { r: known('r', 9, 3), biases: undefined, batch: BATCH, hidden: HIDDEN };
    const next = cellOf('GRU', false).stepper(typed, own);
    const first = next(known('x1', 2, 9), { h: known('h', 2, 3) });
    next(known('x2', 2, 9), first);
    const count = (name: string) => writer.nodes.filter(({ opType }) => opType === name).length;
    expect([count('Gemm'), count('Tanh'), count('Sigmoid')]).to.deep.equal([4, 2, 2]);
    expect(writer.nodes.filter(({ input }) => input[0] === 'r').length).to.equal(1);
  });
});
