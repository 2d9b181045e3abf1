import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { look } from '../../src/gradient/look.ts';
import { settle } from '../../src/gradient/settle.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create, type GraphProto } from '../../src/onnx/schema.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { runModel } from '../support/session.ts';

const { BOOL, FLOAT, INT64 } = DataType;

function ofAnySize(name: string) {
  const tensorType = create('TensorType', { elemType: FLOAT });
  return create('ValueInfoProto', { name, type: create('TypeProto', { tensorType }) });
}

/** A branch that gives one value. */
function branch(fill: (net: Net) => string): { graph: GraphProto } {
  const net = new Net({ prefix: 'branch/', opset: 17 });
  net.outputs.push(ofAnySize(fill(net)));
  return { graph: net.graph('branch') };
}

/** Whether a dimension of a value is 1, as exporters ask before a squeeze. */
function isOne(net: Net, value: string, axis: number): string {
  const dim = net.node('Gather', [net.node('Shape', [value]), net.weight(`${value}/axis`, [], [axis], INT64)]);
  return net.node('Equal', [dim, net.weight(`${value}/one`, [], [1], INT64)]);
}

/** [N, 2, L] · w, squeezed by an If where L is 1, times v, which the branches hold both under the same name. */
function squeezing(): Net {
  const net = new Net({ opset: 17 });
  const x = net.input('x', ['N', 2, 'L']);
  const scaled = net.node('Mul', [x, net.weight('w', [2, 1], [0.5, -2])], {}, { outputs: ['scaled'] });
  const holding = (numbers: number[], squeezes: boolean) =>
    branch((inner) => {
      const times = inner.node('Mul', [scaled, inner.weight('v', [1], numbers)], {}, { outputs: ['times'] });
      return squeezes ? inner.node('Squeeze', [times, inner.weight('axes', [1], [2], INT64)]) : times;
    });
  const branches = { then_branch: holding([3], true), else_branch: holding([7], false) };
  net.node('If', [isOne(net, 'x', 2)], branches, { outputs: ['chosen'] });
  // Its own names are those of the first: a branch hides them.
  net.node('If', [isOne(net, 'chosen', 0)], branches, { outputs: ['again'] });
  net.node('Add', [net.node('ReduceMean', ['chosen'], { keepdims: 0 }), 'again'], {}, { outputs: ['y'] });
  return net.output('y', [undefined, undefined]);
}

const looked = async (model: Model, x: readonly number[]) =>
  settle(model, (await look(model, { sizes: { x }, batch: 1, isOpen: true })).constants);
const operators = (model: Model) => model.proto.graph.node.map(({ opType }) => opType);

describe('gradient/settle', () => {
  it('puts the branch that the sizes choose in the place of its If, and the model answers as before', async () => {
    for (const dims of [
      [3, 2, 1],
      [3, 2, 4],
    ]) {
      const model = squeezing().model();
      const settled = await looked(model, dims);
      expect(operators(settled)).to.not.include('If');
      expect(operators(settled).filter((it) => it === 'Squeeze')).to.have.lengthOf(dims[2] === 1 ? 1 : 0);
      const count = dims.reduce((product, dim) => product * dim, 1);
      const x = { type: FLOAT, dims, data: Float32Array.from({ length: count }, (_, at) => at - 2.5) };
      const [before, after] = [await runModel(model, { x }), await runModel(settled, { x })];
      expect(Array.from(numbersIn(after.y))).to.deep.equal(Array.from(numbersIn(before.y)));
    }
  });

  it('lets the gradient pass, and trains nothing that a branch holds: training writes into the main graph', async () => {
    const made = await gradientOf(squeezing().model(), { sizes: { x: [3, 2, 1] }, wrt: ['.'], verify: true });
    expect([...made.parameters.map(({ name }) => name)]).to.deep.equal(['w']);
    const open = await gradientOf(squeezing().model(), { sizes: { x: [3, 2, 4] }, wrt: ['^w$'], verify: true });
    for (const { gradients, proof } of [made, open]) {
      expect(gradients.has('w')).to.equal(true);
      expect(proof?.outputs).to.be.lessThan(1e-6);
    }
  });

  it('looks into the branch that was taken for another', async () => {
    const net = new Net({ opset: 17 });
    const y = net.node('Mul', [net.input('x', ['N', 3]), net.weight('w', [3], [1, -2, 3])]);
    const inner = new Net({ prefix: 'outer/', opset: 17 });
    const branches = {
      then_branch: branch((it) => it.node('Neg', [y])),
      else_branch: branch((it) => it.node('Abs', [y])),
    };
    inner.outputs.push(ofAnySize(inner.node('If', [isOne(inner, y, 0)], branches)));
    const nested = { graph: inner.graph('outer') };
    net.node(
      'If',
      [net.weight('yes', [], [1], BOOL)],
      { then_branch: nested, else_branch: nested },
      { outputs: ['z'] },
    );
    const made = await gradientOf(net.output('z', ['N', 3]).model(), { wrt: ['^w$'], verify: true });
    expect([...made.gradients.keys()]).to.deep.equal(['w']);
    expect(made.model.proto.graph.node.some(({ opType }) => opType === 'If')).to.equal(false);
  });

  it('leaves an If alone that values decide, themselves or by a size that they make', async () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', [4]);
    const branches = {
      then_branch: branch((it) => it.node('Neg', [x])),
      else_branch: branch((it) => it.node('Abs', [x])),
    };
    const places = net.node('NonZero', [x], {}, { outputs: ['places'] });
    net.node('If', [isOne(net, places, 1)], branches, { outputs: ['bySize'] });
    const most = net.node('ReduceMax', [x], { keepdims: 0 });
    net.node('If', [net.node('Less', [most, net.weight('limit', [], [0])])], branches, { outputs: ['byValue'] });
    // What an If gives that values decide may have one size or another.
    net.node('If', [isOne(net, 'byValue', 0)], branches, { outputs: ['bySizeOfIt'] });
    for (const name of ['bySize', 'byValue', 'bySizeOfIt']) net.output(name, [undefined]);
    const model = net.model();
    expect(await looked(model, [4])).to.equal(model);
  });
});
