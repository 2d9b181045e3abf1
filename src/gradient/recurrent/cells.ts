/** One step of each kind of recurrence, and what it asks of the weights and biases. */
import type { Typed } from './typed.ts';

/** What goes from step to step: h, and c of an LSTM; absent before the first step if it starts at 0. */
export interface State {
  readonly h: string | undefined;
  readonly c?: string | undefined;
}

/** Weights of the state and biases of one direction, and how large they are. */
export interface Weights {
  /** [gates · H, H]. */
  readonly r: string;
  /** Biases of the input and of the state, [gates · H] each. */
  readonly biases: readonly [string, string] | undefined;
  readonly batch: number;
  readonly hidden: number;
}

/** A kind of recurrence. */
export interface Cell {
  readonly gates: number;
  /** The bias that is added to all steps of the input at once. */
  inputBias(typed: Typed, weights: Weights): string | undefined;
  /** A function that takes one step; `x` is W x + bias, [N, gates · H]. */
  stepper(typed: Typed, weights: Weights): (x: string, state: State) => State;
}

const bothBiases: Cell['inputBias'] = (typed, { biases }) =>
  biases && typed.op('Add', [...biases], typed.dims(biases[0]));

/** c′ = f·c + i·tanh(a), h′ = o·tanh(c′) with i, o, f = σ and a the four parts of W x + R h + b. */
const lstm: Cell = {
  gates: 4,
  inputBias: bothBiases,
  stepper(typed, { r, batch, hidden }) {
    const one = [batch, hidden];
    return (x, { h, c }) => {
      const sum = h === undefined ? x : typed.op('Gemm', [h, r, x], [batch, 4 * hidden], { transB: 1 });
      const [i, o, f, a] = typed.split(sum, 1, [hidden, hidden, hidden, hidden]) as [string, string, string, string];
      const gate = (it: string) => typed.op('Sigmoid', [it], one);
      const fresh = typed.op('Mul', [gate(i), typed.op('Tanh', [a], one)], one);
      const next = c === undefined ? fresh : typed.op('Add', [typed.op('Mul', [gate(f), c], one), fresh], one);
      return { c: next, h: typed.op('Mul', [gate(o), typed.op('Tanh', [next], one)], one) };
    };
  },
};

/** h′ = a + z (h − a) with z, r = σ of their parts and a = tanh(W x + R (r·h) + b), or tanh(W x + r·(R h + b_R) + b_W). */
const gru = (resetsAfter: boolean): Cell => ({
  gates: 3,
  inputBias(typed, weights) {
    const { biases, hidden } = weights;
    if (biases === undefined || !resetsAfter) return bothBiases(typed, weights);
    const [own, ofState] = biases.map((it) => typed.split(it, 0, [2 * hidden, hidden])) as [string[], string[]];
    const gates = typed.op('Add', [own[0] as string, ofState[0] as string], [2 * hidden]);
    return typed.op('Concat', [gates, own[1] as string], [3 * hidden], { axis: 0 });
  },
  stepper(typed, { r, biases, batch, hidden }) {
    const [one, two] = [
      [batch, hidden],
      [batch, 2 * hidden],
    ];
    const [rGates, rOwn] = typed.split(r, 0, [2 * hidden, hidden]) as [string, string];
    const bias = resetsAfter && biases !== undefined ? typed.split(biases[1], 0, [2 * hidden, hidden])[1] : undefined;
    const zero = typed.zeros(one);
    return (x, { h = zero }) => {
      const [xGates, xOwn] = typed.split(x, 1, [2 * hidden, hidden]) as [string, string];
      const gates = typed.op('Sigmoid', [typed.op('Gemm', [h, rGates, xGates], two, { transB: 1 })], two);
      const [z, reset] = typed.split(gates, 1, [hidden, hidden]) as [string, string];
      const own = resetsAfter
        ? typed.op(
            'Add',
            [
              xOwn,
              typed.op(
                'Mul',
                [reset, typed.op('Gemm', bias === undefined ? [h, rOwn] : [h, rOwn, bias], one, { transB: 1 })],
                one,
              ),
            ],
            one,
          )
        : typed.op('Gemm', [typed.op('Mul', [reset, h], one), rOwn, xOwn], one, { transB: 1 });
      const a = typed.op('Tanh', [own], one);
      const kept = typed.op('Mul', [z, typed.op('Sub', [h, a], one)], one);
      return { h: typed.op('Add', [a, kept], one) };
    };
  },
});

/** h′ = tanh(W x + R h + b). */
const rnn: Cell = {
  gates: 1,
  inputBias: bothBiases,
  stepper(typed, { r, batch, hidden }) {
    const one = [batch, hidden];
    return (x, { h }) => {
      const sum = h === undefined ? x : typed.op('Gemm', [h, r, x], one, { transB: 1 });
      return { h: typed.op('Tanh', [sum], one) };
    };
  },
};

/** @param resetsAfter of a GRU: `linear_before_reset` */
export function cellOf(opType: string, resetsAfter: boolean): Cell {
  if (opType === 'LSTM') return lstm;
  return opType === 'GRU' ? gru(resetsAfter) : rnn;
}
