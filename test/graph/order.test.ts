import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { illegalities } from '../../src/graph/legal.ts';
import { inOrder } from '../../src/graph/order.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, withGraph, writeModel } from '../../src/onnx/model.ts';
import { earlyNote } from '../../src/report/wording.ts';

/** As ONNX Runtime's float16 converter writes it: the Cast of the input at the end. */
function converted(): Model {
  const net = new Net({ type: DataType.FLOAT16 });
  const x = net.input('x', [2, 3, 4, 4], DataType.FLOAT);
  const y = net.relu(net.bn(net.conv('x_cast', 3, 8), 8));
  net.node('Cast', [y], { to: DataType.FLOAT }, { outputs: ['y'] });
  net.node('Cast', [x], { to: DataType.FLOAT16 }, { outputs: ['x_cast'] });
  return net.output('y', [2, 8, 4, 4], DataType.FLOAT).model();
}

const operators = ({ proto }: Model) => proto.graph.node.map(({ opType }) => opType);

describe('inOrder', () => {
  it('moves what stands too late to before its first reader, and nothing else', () => {
    const model = converted();
    expect(illegalities(model).map(({ what }) => what)).to.deep.equal(['value-undefined']);
    const sorted = inOrder(model);
    expect(sorted.early).to.equal(1);
    expect(operators(sorted.model)).to.deep.equal(['Cast', 'Conv', 'BatchNormalization', 'Relu', 'Cast']);
    expect(illegalities(sorted.model)).to.deep.equal([]);
    expect(sorted.model.proto.graph.node).to.have.members(model.proto.graph.node);
  });

  it('returns the very model that is in order, and ends where nodes read each other', () => {
    const model = block().model();
    expect(inOrder(model).model).to.equal(model);
    const { graph } = model.proto;
    const reversed = withGraph(model, { ...graph, node: graph.node.toReversed() });
    expect(inOrder(reversed).model.proto.graph.node).to.deep.equal(graph.node);
    const net = new Net();
    net.node('Relu', ['b'], {}, { outputs: ['a'] });
    net.node('Relu', ['a'], {}, { outputs: ['b'] });
    expect(operators(inOrder(net.output('b', [1]).model()).model)).to.deep.equal(['Relu', 'Relu']);
  });

  it('counts what a subgraph captures as read, and not what it makes under the name of another', () => {
    const made = (captured: string) => {
      const inner = new Net({ prefix: 'inner_' });
      inner.node('Relu', [captured], {}, { outputs: ['twin'] });
      const branch = { graph: inner.output('twin', [1]).graph('branch') };
      const net = new Net();
      const condition = net.input('condition', [], DataType.BOOL);
      const x = net.input('x', [1]);
      net.node('If', [condition], { then_branch: branch, else_branch: branch }, { outputs: ['y'] });
      net.node('Neg', [x], {}, { outputs: ['late'] });
      net.node('Abs', [x], {}, { outputs: ['twin'] });
      return net.output('y', [1]).model();
    };
    expect(operators(inOrder(made('late')).model)).to.deep.equal(['Neg', 'If', 'Abs']);
    expect(inOrder(made('x')).early).to.equal(0);
  });

  it('lets a model out of order be solved from data, and what is written pass its check', async () => {
    const source = writeModel(converted());
    const values = Float32Array.from({ length: 8 * 48 }, (_, index) => Math.sin(index));
    const data = datasetOf({ x: { type: DataType.FLOAT, dims: [8, 3, 4, 4], data: values } });
    for (const options of [{}, { calibrate: data }]) {
      const { model, plan, verification } = await swap(source, options);
      expect(verification?.passed).to.equal(true);
      expect(earlyNote(plan)).to.match(/^1 node of the source reads a value before it is produced/);
      for (const against of [undefined, source]) {
        expect((await check(model, against === undefined ? {} : { against })).passed).to.equal(true);
      }
    }
  });
});
