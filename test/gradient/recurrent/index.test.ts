/** What is written out, and under which names. Gradients through it are tested in test/operators/recurrent. */
import { expect } from 'chai';
import { type Attributes, Net } from '../../../fixtures/build.ts';
import { prepare } from '../../../src/gradient/prepare.ts';
import { unrollRecurrent } from '../../../src/gradient/recurrent/index.ts';
import { illegalities } from '../../../src/graph/legal.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { makeValueInfo } from '../../../src/onnx/value-type.ts';
import { numbersIn } from '../../../src/runtime/session.ts';
import { distance } from '../../operators/support/written.ts';
import { runModel, valueNamed } from '../../support/session.ts';

const { INT32 } = DataType;
const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
const [STEPS, BATCH, INPUTS, HIDDEN] = [4, 2, 3, 5];

/** A layer over x, with the outputs of these names. */
function layer(
  op: keyof typeof GATES,
  outputs: readonly string[],
  attributes: Attributes = {},
  lengths?: readonly number[],
): Net {
  const net = new Net({ opset: 18 });
  const both = attributes.direction === 'bidirectional' ? 2 : 1;
  const size = GATES[op] * HIDDEN;
  const inputs = [
    net.input('x', [STEPS, BATCH, INPUTS]),
    net.weight('w', [both, size, INPUTS]),
    net.weight('r', [both, size, HIDDEN]),
    net.weight('b', [both, 2 * size]),
    ...(lengths === undefined ? [] : [net.weight('lengths', [BATCH], lengths, INT32)]),
  ];
  net.node(op, inputs, { hidden_size: HIDDEN, ...attributes }, { outputs, name: 'layer' });
  for (const name of outputs) if (name !== '') net.output(name);
  return net;
}

async function unrolled(net: Net, wrt: readonly string[] = ['w']) {
  const source = net.model();
  const { forward, names, feeds } = await prepare(source, { sizes: {}, batch: 1 });
  const after = unrollRecurrent(forward, new Set(wrt), names);
  /** The steps as a model. */
  const model = (): Model => {
    const graph = create('GraphProto', {
      name: 'steps',
      node: after.nodes,
      initializer: [...after.constants.values()],
      input: after.inputs,
      output: after.outputs.map((name) => {
        const type = after.types.get(name);
        return makeValueInfo(name, type?.type, type?.dims ?? []);
      }),
    });
    return { ...source, proto: { ...source.proto, graph } };
  };
  return { source, forward, after, feeds, model, operators: after.nodes.map(({ opType }) => opType) };
}

describe('gradient/recurrent', () => {
  for (const op of ['LSTM', 'GRU', 'RNN'] as const) {
    for (const attributes of [
      {},
      { direction: 'reverse' },
      { direction: 'bidirectional' },
      ...(op === 'GRU' ? [{ direction: 'bidirectional', linear_before_reset: 1 }] : []),
    ]) {
      it(`writes ${op} out as steps that ONNX Runtime computes as it does the node: ${JSON.stringify(attributes)}`, async () => {
        const outputs = op === 'LSTM' ? ['y', 'h', 'c'] : ['y', 'h'];
        const it_ = await unrolled(layer(op, outputs, attributes));
        expect(it_.operators).not.to.include(op);
        const model = it_.model();
        expect(illegalities(model)).to.deep.equal([]);
        const [own, steps] = [await runModel(it_.source, it_.feeds), await runModel(model, it_.feeds)];
        for (const name of outputs) {
          const [expected, found] = [valueNamed(own, name), valueNamed(steps, name)];
          expect(found.dims, name).to.deep.equal(expected.dims);
          // The runtime's own kernels approximate tanh and σ.
          const gap = distance(Array.from(numbersIn(found)), Array.from(numbersIn(expected)));
          expect(gap, name).to.be.below(1e-5);
        }
      });
    }
  }

  it('knows the type of every value that is read or made', async () => {
    const { after } = await unrolled(layer('LSTM', ['y', 'h', 'c'], { direction: 'bidirectional' }));
    for (const { input, output } of after.nodes)
      for (const name of [...input, ...output]) if (name !== '') expect(after.types.has(name), name).to.equal(true);
    expect(after.types.get('h')?.dims).to.deep.equal([2, BATCH, HIDDEN]);
  });

  it('gives the outputs alone that the node gives', async () => {
    const { after } = await unrolled(layer('LSTM', ['', 'h']));
    const made = new Set(after.nodes.flatMap(({ output }) => output));
    expect([made.has('h'), made.has('')]).to.deep.equal([true, false]);
    expect(after.nodes.at(-1)?.output).to.deep.equal(['h']);
  });

  it('leaves a layer that nothing wanted leads to, and hands back the very graph without one', async () => {
    const net = layer('RNN', ['y']);
    net.node('Mul', ['y', net.weight('scale', [HIDDEN])], {}, { outputs: ['z'] });
    const { operators } = await unrolled(net.output('z'), ['scale']);
    expect(operators).to.deep.equal(['RNN', 'Mul']);
    const other = new Net({ opset: 18 });
    other.output(other.relu(other.input('x', [2])), [2]);
    const { forward, after } = await unrolled(other, ['x']);
    expect(after).to.equal(forward);
  });

  it('writes out a layer that hangs on something wanted through others', async () => {
    const net = new Net({ opset: 18 });
    const scaled = net.node('Mul', [net.input('x', [STEPS, BATCH, INPUTS]), net.weight('scale', [INPUTS])]);
    const inputs = [
      net.node('Neg', [scaled]),
      net.weight('w', [1, HIDDEN, INPUTS]),
      net.weight('r', [1, HIDDEN, HIDDEN]),
    ];
    net.node('RNN', inputs, { hidden_size: HIDDEN }, { outputs: ['y'] });
    const { operators } = await unrolled(net.output('y'), ['scale']);
    expect(operators.slice(0, 2)).to.deep.equal(['Mul', 'Neg']);
    expect(operators).not.to.include('RNN');
  });

  it('leaves a layer that can’t be written out, for its rule to say why: lengths that differ; equal ones are written', async () => {
    expect((await unrolled(layer('RNN', ['y'], {}, [STEPS, 2]))).operators).to.deep.equal(['RNN']);
    expect((await unrolled(layer('RNN', ['y'], {}, [STEPS, STEPS]))).operators).not.to.include('RNN');
    expect((await unrolled(layer('RNN', ['y'], { clip: { float: 1 } }))).operators).to.deep.equal(['RNN']);
  });

  it('multiplies the input of all steps at once, and the state once a step', async () => {
    const { operators } = await unrolled(layer('RNN', ['y']));
    // The first step has no state yet.
    expect(operators.filter((name) => name === 'Gemm').length).to.equal(1 + STEPS - 1);
  });
});
