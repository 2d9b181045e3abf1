import { expect } from 'chai';
import { type Attributes, block, Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { GraphProto } from '../../src/onnx/schema.ts';
import { declaredType, makeValueInfo } from '../../src/onnx/value-type.ts';
import { numbersOf, type Value, type Values } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';
import { inSession, runModel, valueNamed } from '../support/session.ts';
import { modelOf } from '../support/swapped.ts';

/** [2, 3] → Gemm → Relu → Gemm → Softmax: [2, 4]. */
function classifier(): Net {
  const net = new Net({ opset: 13 });
  const hidden = net.relu(net.node('Gemm', [net.input('x', [2, 3]), net.weight('w1', [3, 5]), net.weight('b1', [5])]));
  const logits = net.node('Gemm', [hidden, net.weight('w2', [5, 4]), net.weight('b2', [4])]);
  return net.output(net.node('Softmax', [logits], {}, { outputs: ['p'] }), [2, 4]);
}

/** A subgraph of one node that reads a value of the graph around it. */
function branchOf(
  op: string,
  read: string,
  type: DataType = DataType.FLOAT,
  attributes: Attributes = {},
): { graph: GraphProto } {
  const net = new Net({ prefix: `${op}/` });
  net.outputs.push(makeValueInfo(net.node(op, [read], attributes), type, [undefined, undefined]));
  return { graph: net.graph('branch') };
}

/** A condition that hangs on the values of an input, so that no size tells it. */
function anyAbove(net: Net, x: string): string {
  const most = net.node('ReduceMax', [x], { keepdims: 0 });
  return net.node('Greater', [most, net.weight('limit', [], [-100])]);
}

const random = new Random(5);
const floats = (dims: readonly number[]): Value => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, () => random.normal()) };
};
const labels = (...values: number[]): Value => ({
  type: DataType.INT64,
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const scalar = (value: number): Value => ({ type: DataType.FLOAT, dims: [], data: Float32Array.of(value) });
const steps = (value: number): Value => ({ type: DataType.INT64, dims: [], data: BigInt64Array.of(BigInt(value)) });

function lossOf(values: Values): number {
  return Number(numbersOf(valueNamed(values, 'loss'))?.[0]);
}

/** Feeds outputs back as inputs, and returns the losses of all steps. */
async function train(model: Model, first: Values, feeds: Values, count: number): Promise<number[]> {
  return inSession(model, async (session) => {
    const losses: number[] = [];
    let state = first;
    for (let step = 1; step <= count; step++) {
      const inputs: Record<string, Value> = { ...feeds, ...state, lr: scalar(0.05) };
      if (session.inputs.includes('step')) inputs.step = steps(step);
      const results = await session.run(inputs);
      losses.push(lossOf(results));
      const next = Object.entries(results).filter(([name]) => name.startsWith('next/'));
      state = Object.fromEntries(next.map(([name, value]) => [name.slice('next/'.length), value]));
    }
    return losses;
  });
}

describe('gradient', () => {
  for (const type of ['float16', 'bfloat16', 'float16-native']) {
    it(`is in float32 for a model of type ${type}, and says so`, async () => {
      const source = modelOf(fixtureNamed(`type-${type}`));
      const { model, notes, proof, gradients } = await gradientOf(source, { verify: true });
      expect(notes[0]).to.match(/^b?float16 of the file is float32 in the gradient model/);
      expect(gradients.size).to.be.greaterThan(1);
      expect(proof?.error).to.be.lessThan(1e-4);
      const types = [...model.proto.graph.input, ...model.proto.graph.output].map(
        (it) => it.type?.tensorType?.elemType,
      );
      expect(new Set(types)).to.deep.equal(new Set([DataType.FLOAT]));
    });
  }

  it('takes parameters and the gradients of outputs as inputs, and gives the gradients of parameters', async () => {
    const { model, gradients, seeds } = await gradientOf(classifier().model());
    const { graph } = model.proto;
    expect(graph.input.map(({ name }) => name)).to.deep.equal(['x', 'w1', 'b1', 'w2', 'b2', 'd/p']);
    expect(graph.output.map(({ name }) => name)).to.deep.equal(['p', 'd/w1', 'd/b1', 'd/w2', 'd/b2']);
    expect([...gradients.values()]).to.deep.equal(['d/w1', 'd/b1', 'd/w2', 'd/b2']);
    expect([...seeds]).to.deep.equal([['p', 'd/p']]);
  });

  it('gives the outputs of the model itself, and first values of parameters by running a second model', async () => {
    const source = classifier().model();
    const { model, init } = await gradientOf(source);
    const x = floats([2, 3]);
    const first = await runModel(init, {});
    const [before, after] = [
      await runModel(source, { x }),
      await runModel(model, { x, ...first, 'd/p': floats([2, 4]) }),
    ];
    expect([...(numbersOf(valueNamed(after, 'p')) as Float32Array)]).to.deep.equal([
      ...(numbersOf(valueNamed(before, 'p')) as Float32Array),
    ]);
  });

  for (const optimizer of ['sgd', 'adamw'] as const) {
    it(`learns by feeding outputs back: ${optimizer}`, async () => {
      const { model, init, notes } = await gradientOf(classifier().model(), { loss: 'cross-entropy', optimizer });
      expect(notes[0]).to.match(/the value before the Softmax that makes output p/);
      const losses = await train(model, await runModel(init, {}), { x: floats([2, 3]), target: labels(1, 3) }, 60);
      expect(losses.at(-1)).to.be.lessThan(0.2 * (losses[0] as number));
    });
  }

  it('learns through convolutions and BatchNormalization, whose running statistics stay', async () => {
    const { model, init, parameters } = await gradientOf(block().model(), { loss: 'mse', optimizer: 'adamw' });
    const taken = parameters.filter((it) => it.taken).map(({ role }) => role);
    expect(taken).to.deep.equal(['weight', 'scale', 'bias', 'weight']);
    const why = parameters.filter((it) => !it.taken).map((it) => it.why);
    expect(why.every((it) => /running statistic/.test(it))).to.equal(true);
    const feeds = { x: floats([2, 3, 4, 4]), target: floats([2, 4, 4, 4]) };
    const losses = await train(model, await runModel(init, {}), feeds, 60);
    expect(losses.at(-1)).to.be.lessThan(0.5 * (losses[0] as number));
  });

  it('differentiates by inputs, and leaves the parameters in the file', async () => {
    const { model } = await gradientOf(classifier().model(), { wrt: ['inputs'], loss: 'cross-entropy' });
    expect(model.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x', 'target']);
    expect(model.proto.graph.output.map(({ name }) => name)).to.deep.equal(['p', 'loss', 'd/x']);
  });

  it('takes only what comes last with head, only norms with norms, and what a pattern leaves out', async () => {
    const trained = async (model: Model, ...wrt: string[]) =>
      (await gradientOf(model, { wrt })).parameters.filter(({ taken }) => taken).map(({ name }) => name);
    expect(await trained(classifier().model(), 'head')).to.deep.equal(['w2', 'b2']);
    expect(await trained(classifier().model(), '!^b')).to.deep.equal(['w1', 'w2']);
    expect(await trained(classifier().model(), '^w1$')).to.deep.equal(['w1']);
    expect(await trained(block().model(), 'norms')).to.deep.equal(['bn1.weight', 'bn1.bias']);
  });

  it('writes nothing for what no trained parameter needs', async () => {
    const all = await gradientOf(classifier().model());
    const head = await gradientOf(classifier().model(), { wrt: ['head'] });
    expect(head.model.proto.graph.node.length).to.be.lessThan(all.model.proto.graph.node.length);
    const written = head.model.proto.graph.node.filter(({ name }) => name.startsWith('gradient/'));
    expect(written.some(({ opType }) => opType === 'Sign')).to.equal(false);
  });

  it('keeps a parameter that a Constant node holds, under the name of its value', async () => {
    const net = new Net();
    const w = net.node('Constant', [], { value: weights() }, { outputs: ['w'] });
    net.output(net.node('MatMul', [net.input('x', [1, 2]), w], {}, { outputs: ['y'] }), [1, 2]);
    const { model, init } = await gradientOf(net.model());
    expect(model.proto.graph.node.some(({ opType }) => opType === 'Constant')).to.equal(false);
    const first = await runModel(init, {});
    const results = await runModel(model, { ...first, x: floats([1, 2]), 'd/y': floats([1, 2]) });
    expect(valueNamed(results, 'd/w').dims).to.deep.equal([2, 2]);
  });

  it('asks for the size of an input that the file leaves open', async () => {
    const net = new Net();
    const w = net.weight('w', [2, 3, 1, 1]);
    net.output(net.node('Conv', [net.input('x', ['n', 3, 'h', 'w']), w]), undefined);
    const error = await rejection(gradientOf(net.model()));
    expect(error.code).to.equal('invalid-arguments');
    expect(error.remedy).to.match(/--size x=1x3x64x64/);
    const { model } = await gradientOf(net.model(), { sizes: { x: [2, 3, 5, 4] } });
    const x = model.proto.graph.input[0]?.type?.tensorType?.shape?.dim.map(({ dimValue }) => Number(dimValue));
    expect(x).to.deep.equal([2, 3, 5, 4]);
  });

  it('says which size fits, or that the file fixes all dimensions', async () => {
    const given = async (dims: readonly (number | string)[]) => {
      const net = new Net();
      net.output(net.relu(net.conv(net.input('x', dims), 3, 4)));
      return rejection(gradientOf(net.model(), { sizes: { x: [1, 4, 8, 8] } }));
    };
    const open = await given([1, 3, 'h', 8]);
    expect(open.message).to.equal('input "x" is [1, 3, ?, 8], not [1, 4, 8, 8]');
    expect(open.remedy).to.equal('Use --size x=1x3x1x8; change only the open dimensions');
    const fixed = await given([1, 3, 8, 8]);
    expect(fixed.remedy).to.equal('Leave its --size out: the file fixes all dimensions of this input');
    expect(fixed.next).to.deep.equal({ drop: ['size'] });
  });

  it('takes a size of −1 for an open one, as PaddlePaddle writes it', async () => {
    const net = new Net();
    net.output(net.relu(net.conv(net.input('x', [-1, 3, -1, 4]), 3, 4)));
    expect((await rejection(gradientOf(net.model()))).message).to.include('[?, 3, ?, 4]');
    const { model } = await gradientOf(net.model(), { sizes: { x: [2, 3, 5, 4] } });
    const { shape } = declaredType(model.proto.graph.input.find(({ name }) => name === 'x')?.type);
    expect(shape).to.deep.equal([2, 3, 5, 4]);
  });

  it('refuses a node without a gradient by its name, and only if it lies between a parameter and the loss', async () => {
    const model = new Net({ opset: 13 });
    const square = model.node('Gemm', [model.input('x', [3, 3]), model.weight('w', [3, 3])]);
    const det = model.node('Det', [square], {}, { name: 'odd', outputs: ['det'] });
    model.output(model.node('Mul', [det, model.weight('v', [2])]), [2]);
    const error = await rejection(gradientOf(model.model(), { wrt: ['^w$'] }));
    expect(error.code).to.equal('unsupported-model');
    expect(error.message).to.match(/Det "odd"/);
    const { gradients } = await gradientOf(model.model(), { wrt: ['^v$'] });
    expect([...gradients.keys()]).to.deep.equal(['v']);
  });

  it('keeps what a branch reads of the graph around it, and passes beside a branch that gives integers', async () => {
    const net = new Net({ opset: 18 });
    const x = net.input('x', [2, 3]);
    const y = net.node('Mul', [x, net.weight('w', [3], [0.5, -1, 2])]);
    const beside = net.node('Abs', [x]);
    net.node(
      'If',
      [anyAbove(net, 'x')],
      {
        then_branch: branchOf('ArgMax', beside, DataType.INT64),
        else_branch: branchOf('ArgMin', beside, DataType.INT64),
      },
      { outputs: ['places'] },
    );
    net.output(net.node('Gather', [y, 'places'], { axis: 1 }, { outputs: ['z'] }), [2, 2, 1]);
    const made = await gradientOf(net.model(), { wrt: ['^w$'], verify: true });
    expect([...made.gradients.keys()]).to.deep.equal(['w']);
    expect(made.proof?.outputs).to.be.lessThan(1e-6);
  });

  it('refuses a branch that gives floats made of what is trained, though it reads them from the graph around it alone', async () => {
    const net = new Net({ opset: 18 });
    const y = net.node('Mul', [net.input('x', [2, 3]), net.weight('w', [3], [0.5, -1, 2])]);
    net.node(
      'If',
      [anyAbove(net, 'x')],
      {
        then_branch: branchOf('Abs', y),
        else_branch: branchOf('Neg', y),
      },
      { name: 'choice', outputs: ['z'] },
    );
    const error = await rejection(gradientOf(net.output('z', [2, 3]).model(), { wrt: ['^w$'] }));
    expect(error.describe()).to.match(/can't pass If "choice": .*Cut the file in front of it/);
  });

  it('writes branches of a file of an old opset as the newer one spells them', async () => {
    const net = new Net({ opset: 11 });
    const y = net.node('Mul', [net.input('x', [2, 3]), net.weight('w', [3], [0.5, -1, 2])]);
    const branch = branchOf('ReduceSum', 'x', DataType.FLOAT, { axes: [1], keepdims: 1 });
    net.node('If', [anyAbove(net, 'x')], { then_branch: branch, else_branch: branch }, { outputs: ['sum'] });
    net.output(net.node('Mul', [y, 'sum'], {}, { outputs: ['z'] }), [2, 3]);
    const made = await gradientOf(net.model(), { wrt: ['^w$'], verify: true });
    expect(made.proof?.outputs).to.be.lessThan(1e-6);
  });

  it('says where the gradient ends', async () => {
    const net = new Net({ opset: 13 });
    const y = net.node('Gemm', [net.input('x', [2, 3]), net.weight('w', [3, 3])]);
    net.output(net.node('Add', [y, net.node('Floor', [y])], {}, { outputs: ['y'] }), [2, 3]);
    const { notes } = await gradientOf(net.model());
    expect(notes.join()).to.match(/the gradient ends at Floor/);
  });

  it('says which sizes on its way change with the values, and not those beside it', async () => {
    const notes = async (isBeside: boolean) => {
      const net = new Net({ opset: 18 });
      const x = net.input('x', [4]);
      const scaled = net.node('Mul', [x, net.weight('w', [4])]);
      const places = net.node('Transpose', [net.node('NonZero', [x])]);
      const kept = net.node('GatherND', [scaled, places]);
      const spread = net.node('ScatterND', [scaled, places, net.node('GatherND', [x, places])]);
      net.node('Identity', [isBeside ? spread : kept], {}, { outputs: ['y'] });
      const made = await gradientOf(net.output('y', [isBeside ? 4 : 'K']).model(), { wrt: ['^w$'] });
      return made.notes.join();
    };
    expect(await notes(false)).to.include('sizes behind NonZero change with the values');
    expect(await notes(true)).not.to.include('sizes behind');
  });

  it('takes a loss that is a model: its inputs that are no outputs become inputs', async () => {
    const loss = new Net({ opset: 17 });
    const gap = loss.node('Sub', [loss.input('p', [2, 4]), loss.input('wanted', [2, 4])]);
    const cost = loss.node('ReduceSumSquare', [gap], { keepdims: 0 }, { outputs: ['cost'] });
    loss.output(cost, []);
    const made = await gradientOf(classifier().model(), { loss: loss.model(), optimizer: 'sgd' });
    expect(made.loss).to.equal('cost');
    expect(made.model.proto.graph.input.map(({ name }) => name)).to.include.members(['x', 'wanted', 'lr']);
  });

  it('names the outputs to choose from if there are several', async () => {
    const net = classifier();
    net.output(net.node('Relu', ['p'], {}, { outputs: ['q'] }), [2, 4]);
    const error = await rejection(gradientOf(net.model(), { loss: 'mse' }));
    expect(error.remedy).to.match(/--loss-of: p, q/);
    const { notes } = await gradientOf(net.model(), { loss: 'mse', lossOf: 'q' });
    expect(notes[0]).to.equal('loss mse on output q');
    const ofLogits = await gradientOf(net.model(), { loss: 'bce', lossOf: 'q' });
    expect(ofLogits.notes[0]).to.equal('loss bce on output q, whose values count as those before a Sigmoid');
  });

  it('says which names there are if a pattern picks none', async () => {
    const error = await rejection(gradientOf(classifier().model(), { wrt: ['nothing'] }));
    expect(error.remedy).to.match(/w1, b1, w2/);
  });
});

function weights() {
  const net = new Net();
  net.weight('w', [2, 2]);
  return net.initializers[0] as NonNullable<(typeof net.initializers)[0]>;
}
