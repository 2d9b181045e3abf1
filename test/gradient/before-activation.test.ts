import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import type { LossTerm } from '../../src/gradient/join.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { numbersIn, type Value, withSession } from '../../src/runtime/session.ts';

interface Move {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** Of a Reshape, or axes. */
  readonly ints?: readonly number[];
}

const W = [0.3, -0.2, 0.5, 0.1, 0.7, -0.4, -0.6, 0.2, 0.1, 0.9, -0.3, 0.4];
const FEEDS: Readonly<Record<string, Value>> = {
  x: { type: DataType.FLOAT, dims: [2, 3, 1, 2], data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(3 * i)) },
  w: { type: DataType.FLOAT, dims: [4, 3, 1, 1], data: Float32Array.from(W) },
};

/** x [2, 3, 1, 2] → Conv to [2, 4, 1, 2] → the activation, if any → moves → y. */
function ending(activation: Move | undefined, moves: readonly Move[], dims: readonly number[]): Model {
  const net = new Net({ opset: 18 });
  let at = net.node('Conv', [net.input('x', [2, 3, 1, 2]), net.weight('w', [4, 3, 1, 1], W)]);
  for (const [index, { op, attributes = {}, ints }] of [...(activation ? [activation] : []), ...moves].entries()) {
    const more = ints === undefined ? [] : [net.weight(`ints${index}`, [ints.length], ints, DataType.INT64)];
    at = net.node(op, [at, ...more], attributes);
  }
  net.node('Identity', [at], {}, { outputs: ['y'] });
  return net.output('y', dims).model();
}

/** The loss and the gradient of w in one list, and what is said of the loss. */
async function taken(model: Model, term: Omit<LossTerm, 'output' | 'weight'>, target: Value) {
  const made = await gradientOf(model, { loss: [{ output: 'y', weight: 1, ...term }] });
  const fetched = [made.loss ?? '', made.gradients.get('w') ?? ''];
  const answers = await withSession(made.model, (session) =>
    session.run(Object.fromEntries(session.inputs.map((name) => [name, FEEDS[name] ?? target]))),
  );
  return { numbers: fetched.flatMap((name) => Array.from(numbersIn(answers[name]))), notes: made.notes.join() };
}

const LAST: Move = { op: 'Transpose', attributes: { perm: [0, 2, 3, 1] } };

describe('gradient/before-activation', () => {
  const cases: readonly (readonly [
    title: string,
    axis: number,
    moves: readonly Move[],
    dims: number[],
    after: number,
  ])[] = [
    ['turned', 1, [LAST], [2, 1, 2, 4], 3],
    [
      'turned twice',
      1,
      [LAST, { op: 'Identity' }, { op: 'Transpose', attributes: { perm: [2, 0, 3, 1] } }],
      [2, 2, 4, 1],
      2,
    ],
    ['turned to the front', 1, [{ op: 'Transpose' }], [2, 1, 4, 2], 2],
    ['squeezed', -3, [{ op: 'Squeeze', ints: [2] }], [2, 4, 2], 1],
    ['unsqueezed in front', 1, [{ op: 'Unsqueeze', ints: [1] }], [2, 1, 4, 1, 2], 2],
    ['turned and made rows', 1, [LAST, { op: 'Reshape', ints: [4, 4] }], [4, 4], 1],
    ['flattened but for its axis', -1, [{ op: 'Flatten', attributes: { axis: 3 } }], [8, 2], 1],
  ];
  for (const [title, axis, moves, dims, after] of cases) {
    it(`takes a loss of what a Softmax was given, though its answer is ${title}`, async () => {
      const rest = dims.filter((_, at) => at !== after);
      const count = rest.reduce((product, dim) => product * dim, 1);
      const data = BigInt64Array.from({ length: count }, (_, at) => BigInt((3 * at) % (dims[after] as number)));
      const target = { type: DataType.INT64, dims: rest, data };
      const activation = { op: 'Softmax', attributes: { axis } };
      const { numbers, notes } = await taken(ending(activation, moves, dims), { loss: 'cross-entropy' }, target);
      expect(notes).to.match(/, the value before the Softmax that makes output y$/);
      // Without a Softmax, of which only its axis is told.
      const plain = await taken(ending(undefined, moves, dims), { loss: 'cross-entropy', axis: after }, target);
      expect(plain.notes).to.match(/whose values count as those before a Softmax$/);
      expect(numbers).to.have.length(13);
      for (const [at, it] of numbers.entries()) expect(it).to.be.closeTo(plain.numbers[at] as number, 1e-6);
    });
  }

  it('takes a loss of what a Sigmoid was given, though its answer is turned and made flat', async () => {
    const moves = [LAST, { op: 'Reshape', ints: [2, 8] }];
    const data = Float32Array.from({ length: 16 }, (_, at) => (at * 5) % 2);
    const target = { type: DataType.FLOAT, dims: [2, 8], data };
    const { numbers, notes } = await taken(ending({ op: 'Sigmoid' }, moves, [2, 8]), { loss: 'bce' }, target);
    expect(notes).to.match(/, the value before the Sigmoid that makes output y$/);
    const plain = await taken(ending(undefined, moves, [2, 8]), { loss: 'bce' }, target);
    for (const [at, it] of numbers.entries()) expect(it).to.be.closeTo(plain.numbers[at] as number, 1e-6);
  });

  it('takes it of the answer where the axis of a Softmax is mixed with others', async () => {
    const model = ending({ op: 'Softmax', attributes: { axis: 1 } }, [{ op: 'Reshape', ints: [2, 8] }], [2, 8]);
    const target = { type: DataType.INT64, dims: [2], data: BigInt64Array.from([0n, 5n]) };
    const { notes } = await taken(model, { loss: 'cross-entropy' }, target);
    expect(notes).to.match(/^loss cross-entropy on output y/);
  });

  /** Twice as wide, by a Resize through which no loss sees. */
  const resized = (activation: Move | undefined): Model => {
    const net = new Net({ opset: 18 });
    const logits = net.node('Conv', [net.input('x', [2, 3, 1, 2]), net.weight('w', [4, 3, 1, 1], W)]);
    const wide = (it: string) =>
      net.node('Resize', [it, '', net.weight('scales', [4], [1, 1, 1, 2])], { mode: 'nearest' }, { outputs: ['y'] });
    wide(activation === undefined ? logits : net.node(activation.op, [logits], activation.attributes));
    return net.output('y', [2, 4, 1, 4]).model();
  };

  for (const [loss, op] of [
    ['bce', 'Sigmoid'],
    ['cross-entropy', 'Softmax'],
    ['kl', 'Softmax'],
  ] as const) {
    it(`takes ${loss} of probabilities where a Resize is behind the ${op}`, async () => {
      const places = 8;
      const target: Value =
        loss === 'cross-entropy'
          ? {
              type: DataType.INT64,
              dims: [2, 1, 4],
              data: BigInt64Array.from({ length: places }, (_, at) => BigInt(at % 4)),
            }
          : { type: DataType.FLOAT, dims: [2, 4, 1, 4], data: Float32Array.from({ length: 4 * places }, () => 0.25) };
      const attributes = op === 'Softmax' ? { axis: 1 } : {};
      const made = op === 'Softmax' ? 'softmax' : 'sigmoid';
      const { numbers, notes } = await taken(resized({ op, attributes }), { loss, made }, target);
      expect(notes).to.match(/^loss [-a-z]+ on output y, whose values are probabilities/);
      // To the nearest number, a Resize and an activation may change places.
      const plain = await taken(resized(undefined), { loss, axis: 1 }, target);
      for (const [at, it] of numbers.entries()) expect(it).to.be.closeTo(plain.numbers[at] as number, 2e-6);
    });
  }

  it('takes chances of a Sigmoid each for no chances of classes', async () => {
    const target = { type: DataType.INT64, dims: [2, 1, 4], data: new BigInt64Array(8) };
    const { notes } = await taken(resized({ op: 'Sigmoid' }), { loss: 'cross-entropy', made: 'sigmoid' }, target);
    expect(notes).to.match(/whose values count as those before a Softmax/);
  });
});
