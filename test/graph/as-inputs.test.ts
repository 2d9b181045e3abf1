import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { asInputs } from '../../src/graph/as-inputs.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { withGraph } from '../../src/onnx/model.ts';
import { makeValueInfo } from '../../src/onnx/value-type.ts';

describe('asInputs', () => {
  it('moves the tensors that are asked for, and lists none twice that is an input already', () => {
    const net = new Net();
    const model = net.output(net.conv(net.input('x', [1, 2, 4, 4]), 2, 3)).model();
    const { graph } = model.proto;
    const [weight] = graph.initializer;
    const name = weight?.name ?? '';
    const moved = asInputs(model, (it) => it.name === name);
    expect(moved.fed).to.deep.equal([weight]);
    expect(moved.model.proto.graph.input.map((it) => it.name)).to.deep.equal(['x', name]);
    expect(moved.model.proto.graph.initializer).to.deep.equal(graph.initializer.filter((it) => it !== weight));
    const listed = withGraph(model, {
      ...graph,
      input: [...graph.input, makeValueInfo(name, DataType.FLOAT, [3, 2, 3, 3])],
    });
    const again = asInputs(listed, (it) => it.name === name);
    expect(again.model.proto.graph.input).to.deep.equal(listed.proto.graph.input);
  });
});
