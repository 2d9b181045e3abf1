import { expect } from 'chai';
import { Net, valueInfo } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { swap } from '../../src/jobs/swap.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';

const WEIGHT = [4, 4, 3, 3];

/** Conv → what is between → Conv. */
function around(between: (net: Net, x: string) => string, outputs: (net: Net) => Net = (net) => net): Model {
  const net = new Net({ opset: 17 });
  const before = net.node('Conv', [net.input('x', [2, 4, 6, 6]), net.weight('w', WEIGHT)], { pads: [1, 1, 1, 1] });
  const inner = between(net, before);
  const y = net.node('Conv', [inner, net.weight('v', WEIGHT)], { pads: [1, 1, 1, 1] }, { outputs: ['y'] });
  return outputs(net.output(y, [2, 4, 6, 6])).model();
}

const number = (net: Net, value: number) => net.node('Constant', [], { value_float: { float: value } });

const SPELLINGS: Record<
  string,
  { readonly between: (net: Net, x: string) => string; readonly gone: readonly string[] }
> = {
  'x · Clip(x + 3, 0, 6) / 6': {
    between: (net, x) => {
      const inner = net.node('Clip', [net.node('Add', [x, number(net, 3)]), number(net, 0), number(net, 6)]);
      return net.node('Div', [net.node('Mul', [x, inner]), number(net, 6)]);
    },
    gone: ['Clip', 'Div'],
  },
  'x · (Clip(x + 3, 0, 6) / 6)': {
    between: (net, x) => {
      const inner = net.node('Clip', [net.node('Add', [x, number(net, 3)]), number(net, 0), number(net, 6)]);
      return net.node('Mul', [x, net.node('Div', [inner, number(net, 6)])]);
    },
    gone: ['Clip', 'Div'],
  },
  'x · HardSigmoid(x)': {
    between: (net, x) =>
      net.node('Mul', [x, net.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })]),
    gone: ['Greater', 'Cast'],
  },
  'x · Sigmoid(x)': {
    between: (net, x) => net.node('Mul', [net.node('Sigmoid', [x]), x]),
    gone: ['Swish'],
  },
};

const operatorsIn = ({ proto }: Model) => proto.graph.node.map(({ opType }) => opType);

describe('gradient/fuse', () => {
  for (const [title, { between, gone }] of Object.entries(SPELLINGS)) {
    it(`takes ${title} as one function, whose rule is proven against the nodes themselves`, async () => {
      const { model, proof } = await gradientOf(around(between), { verify: true });
      expect(operatorsIn(model)).not.to.include.members(gone);
      expect(proof?.untried).to.deep.equal([]);
      expect(proof?.error).to.be.lessThan(1e-4);
    });
  }

  it('leaves one whose numbers are trained: they are constants of an activation no more', async () => {
    const spelled = Object.values(SPELLINGS)[0]?.between as (net: Net, x: string) => string;
    const { model, gradients, proof } = await gradientOf(around(spelled), { wrt: ['.*'], verify: true });
    expect(operatorsIn(model)).to.include.members(['Clip', 'Div']);
    expect([...gradients.keys()].filter((name) => name.startsWith('Constant_')).length).to.be.above(1);
    expect(proof?.error).to.be.lessThan(1e-4);
  });

  it('leaves the nodes alone if what lies between is read elsewhere', async () => {
    const source = around(
      (net, x) => net.node('Mul', [x, net.node('Sigmoid', [x], {}, { outputs: ['s'] })]),
      (net) => net.output('s', [2, 4, 6, 6]),
    );
    const { model, proof } = await gradientOf(source, { verify: true });
    expect(model.proto.graph.output.map(({ name }) => name)).to.include('s');
    expect(proof?.error).to.be.lessThan(1e-4);
  });

  for (const form of ['reduce', 'instance'] as const) {
    it(`takes a norm of form ${form} as one function`, async () => {
      const source = around((net, x) => net.bn(net.relu(x), 4));
      const plain = await gradientOf(source);
      const { model: swapped } = await swap(writeModel(source), { form, groups: 2, verify: false });
      const { model, proof, gradients } = await gradientOf(readModel(swapped), { verify: true });
      // One for y and one for dx, of each norm.
      expect(operatorsIn(model).filter((it) => it === 'BatchNormalization')).to.have.length(2);
      expect(proof?.untried).to.deep.equal([]);
      expect(proof?.error).to.be.lessThan(1e-4);
      expect(gradients.size).to.equal(plain.gradients.size);
    });
  }

  for (const reader of ['whoever runs the graph', 'a node'] as const) {
    it(`leaves a norm alone if ${reader} reads a value inside of it`, async () => {
      const { model: swapped } = await swap(writeModel(around((net, x) => net.bn(net.relu(x), 4))), {
        form: 'reduce',
        groups: 2,
        verify: false,
      });
      const source = readModel(swapped);
      const { graph } = source.proto;
      const inside = graph.node.find(({ opType }) => opType === 'Sub')?.output[0] as string;
      const isNode = reader === 'a node';
      const tap = isNode ? [makeNode('Identity', [inside], ['tapped'], 'tap')] : [];
      const tapped = withGraph(source, {
        ...graph,
        node: [...graph.node, ...tap],
        output: [...graph.output, valueInfo(isNode ? 'tapped' : inside, DataType.FLOAT, [2, 4, 6, 6])],
      });
      const { model } = await gradientOf(tapped);
      expect(operatorsIn(model).filter((it) => it === 'BatchNormalization')).to.deep.equal([]);
      expect(operatorsIn(model)).to.include('Sqrt');
    });
  }
});
