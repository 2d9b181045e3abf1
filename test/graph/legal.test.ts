import { expect } from 'chai';
import { block, Net, opset } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { illegalities } from '../../src/graph/legal.ts';
import { type Model, withGraph } from '../../src/onnx/model.ts';
import { changeNodes, rewire } from '../support/damage.ts';
import { modelOf, swapFixture } from '../support/swapped.ts';

const found = (model: Model) => illegalities(model).map(({ what, node }) => `${what} ${node}`);

describe('illegalities', () => {
  it('finds none in any fixture that ONNX Runtime loads, nor in what a rewrite makes of it', async () => {
    for (const fixture of FIXTURES) {
      if (fixture.notRunnable !== undefined) continue;
      expect(illegalities(modelOf(fixture)), fixture.name).to.deep.equal([]);
      if (fixture.sites > 0) expect(illegalities((await swapFixture(fixture)).model), fixture.name).to.deep.equal([]);
    }
  });

  it('finds what is made twice, read before it is made, or not made at all', () => {
    const model = block().model();
    const { graph } = model.proto;
    const [first] = graph.node;
    const twice = withGraph(model, { ...graph, node: first === undefined ? [] : [...graph.node, first] });
    expect(found(twice)).to.deep.equal(['value-twice Conv_0']);
    expect(found(withGraph(model, { ...graph, node: graph.node.toReversed() }))).to.deep.equal([
      'value-undefined Conv_3',
      'value-undefined Relu_2',
      'value-undefined BatchNormalization_1',
    ]);
    expect(illegalities(rewire(model, 'Relu_2', 0, 'gone')).map(({ message }) => message)).to.deep.equal([
      'Relu reads "gone", which has no producer',
    ]);
    expect(found(changeNodes(model, 'Conv_3', () => []))).to.deep.equal(['value-undefined Conv_3_out']);
  });

  it('finds it in a subgraph and in a function', () => {
    const inner = modelOf(fixtureNamed('if-own-parameters'));
    const broken = changeNodes(
      inner,
      inner.proto.graph.node.find(({ opType }) => opType === 'If')?.name ?? '',
      (node) => ({
        ...node,
        attribute: node.attribute.map((it) =>
          it.g === undefined
            ? it
            : { ...it, g: { ...it.g, node: it.g.node.map((one) => ({ ...one, input: one.input.map(() => 'gone') })) } },
        ),
      }),
    );
    expect(illegalities(broken).every(({ what }) => what === 'value-undefined')).to.equal(true);
    expect(illegalities(broken)).not.to.be.empty;
    const called = modelOf(fixtureNamed('function-attribute'));
    const functions = called.proto.functions.map((it) => ({ ...it, output: ['gone'] }));
    expect(found(withGraph(called, called.proto.graph, { functions }))).to.deep.equal(['value-undefined Norm']);
  });

  it('asks for each domain to be imported, once', () => {
    const net = new Net();
    net.output(net.node('Custom', [net.input('x', [1])], {}, { domain: 'foreign', outputs: ['y'] }), [1]);
    const model = net.model();
    expect(found(model)).to.deep.equal(['opset-import Custom_0']);
    const { graph } = model.proto;
    expect(found(withGraph(model, graph, { opsetImport: [opset('', 17), opset('foreign', 1)] }))).to.deep.equal([]);
    expect(
      found(withGraph(model, graph, { opsetImport: [opset('', 17), opset('ai.onnx', 16), opset('foreign', 1)] })),
    ).to.deep.equal(['opset-import ']);
  });

  it('asks for initializers to be listed before IR 4', () => {
    const model = block({ opset: 8 }).model();
    expect(found(model)).to.deep.equal([]);
    const { graph } = model.proto;
    const unlisted = withGraph(model, { ...graph, input: graph.input.filter(({ name }) => name !== 'W0') });
    expect(found(unlisted)).to.deep.equal(['not-listed W0']);
  });
});
