/** LSTM, GRU and RNN by the formulas of the operators' pages, number by number in float64. */

/** Sizes and settings of one node. */
export interface Recurrent {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  readonly resetsAfter?: boolean;
}

export const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;

/** x, W, R, B, initial_h, initial_c, as flat lists; absent ones are 0. */
export type Operands = Readonly<Partial<Record<'x' | 'w' | 'r' | 'b' | 'h' | 'c', readonly number[]>>>;

const sigmoid = (it: number) => 1 / (1 + Math.exp(-it));

/** Y, Y_h and Y_c. */
export function recurrence(it: Recurrent, { x = [], w = [], r = [], b = [], h = [], c = [] }: Operands) {
  const { op, steps, batch, inputs, hidden, direction } = it;
  const gates = GATES[op];
  const directions = direction === 'bidirectional' ? 2 : 1;
  const y = new Array<number>(steps * directions * batch * hidden).fill(0);
  const [yh, yc] = [new Array<number>(directions * batch * hidden), new Array<number>(directions * batch * hidden)];
  for (let d = 0; d < directions; d++) {
    const isReverse = direction === 'reverse' || d === 1;
    for (let n = 0; n < batch; n++) {
      const stateAt = (k: number) => (d * batch + n) * hidden + k;
      const range = Array.from({ length: hidden }, (_, k) => k);
      let state = range.map((k) => h[stateAt(k)] ?? 0);
      let cell = range.map((k) => c[stateAt(k)] ?? 0);
      const bias = (gate: number, k: number, ofState: boolean) =>
        b[(d * 2 * gates + (ofState ? gates : 0) + gate) * hidden + k] ?? 0;
      for (let step = 0; step < steps; step++) {
        const t = isReverse ? steps - 1 - step : step;
        const xAt = (t * batch + n) * inputs;
        const ofInput = (gate: number, k: number) =>
          bias(gate, k, false) +
          Array.from({ length: inputs }).reduce<number>(
            (sum, _, j) => sum + (x[xAt + j] as number) * (w[((d * gates + gate) * hidden + k) * inputs + j] as number),
            0,
          );
        const ofState = (gate: number, k: number, from: readonly number[]) =>
          bias(gate, k, true) +
          from.reduce((sum, it, j) => sum + it * (r[((d * gates + gate) * hidden + k) * hidden + j] as number), 0);
        const plain = (gate: number, k: number) => ofInput(gate, k) + ofState(gate, k, state);
        if (op === 'LSTM') {
          const [i, o, f, a] = [0, 1, 2, 3].map((gate) => range.map((k) => plain(gate, k))) as number[][];
          cell = range.map(
            (k) =>
              sigmoid(f?.[k] as number) * (cell[k] as number) + sigmoid(i?.[k] as number) * Math.tanh(a?.[k] as number),
          );
          state = range.map((k) => sigmoid(o?.[k] as number) * Math.tanh(cell[k] as number));
        } else if (op === 'GRU') {
          const [z, reset] = [0, 1].map((gate) => range.map((k) => sigmoid(plain(gate, k)))) as [number[], number[]];
          const held = range.map((k) => (reset[k] as number) * (state[k] as number));
          const own = range.map((k) =>
            Math.tanh(
              ofInput(2, k) +
                (it.resetsAfter === true ? (reset[k] as number) * ofState(2, k, state) : ofState(2, k, held)),
            ),
          );
          state = range.map(
            (k) => (1 - (z[k] as number)) * (own[k] as number) + (z[k] as number) * (state[k] as number),
          );
        } else state = range.map((k) => Math.tanh(plain(0, k)));
        for (const k of range) {
          const at = ((t * directions + d) * batch + n) * hidden;
          y[at + k] = state[k] as number;
        }
      }
      for (const k of range) {
        yh[stateAt(k)] = state[k] as number;
        yc[stateAt(k)] = cell[k] as number;
      }
    }
  }
  return { y, yh, yc };
}
