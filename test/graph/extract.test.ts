import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { shapesOnly, upTo, withOutputs } from '../../src/graph/extract.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { inSession, runModel, valueNamed } from '../support/session.ts';
import { largestDifference } from '../support/values.ts';

const inputs = (model: ReturnType<Net['model']>) => generateInputs(model, 0, 2, 8);

describe('withOutputs', () => {
  it('lets inner values and inputs be fetched beside the outputs, each once', async () => {
    const model = block().model();
    const probe = withOutputs(model, ['Conv_0_out', 'x', 'Conv_3_out', 'Conv_0_out']);
    expect(probe.proto.graph.output.map(({ name }) => name)).to.deep.equal(['Conv_3_out', 'Conv_0_out', 'x']);
    const feeds = inputs(model);
    const values = await runModel(probe, feeds);
    expect(valueNamed(values, 'Conv_0_out').dims).to.deep.equal([2, 32, 4, 4]);
    expect(numbersOf(valueNamed(values, 'x'))).to.deep.equal(feeds.x?.data);
    const [probed, plain] = [valueNamed(values, 'Conv_3_out'), valueNamed(await runModel(model, feeds), 'Conv_3_out')];
    // What is fetched is not fused with what follows: a few roundings of numbers below 10.
    expect(largestDifference(probed, plain)).to.be.below(1e-5);
  });
});

describe('upTo', () => {
  /** A Conv, and a long tail behind it with a weight of its own. */
  const long = () => {
    const net = new Net();
    const body = net.conv(net.input('x', [1, 3, 4, 4]), 3, 2);
    let y = net.node('Mul', [body, net.weight('tail', [1])]);
    for (let i = 0; i < 12; i++) y = net.node('Relu', [y]);
    return { body, model: net.output(y, [1, 2, 4, 4]).model() };
  };

  it('leaves out the nodes and weights that the values do not hang on, and gives the same numbers', async () => {
    const { body, model } = long();
    const cut = upTo(model, [body, 'x']);
    expect(cut.proto.graph.node.map(({ opType }) => opType)).to.deep.equal(['Conv']);
    expect(cut.proto.graph.initializer.map(({ name }) => name)).to.not.include('tail');
    expect(cut.proto.graph.output.map(({ name }) => name)).to.deep.equal([body, 'x']);
    const feeds = inputs(model);
    const [alone, whole] = [await runModel(cut, feeds), await runModel(withOutputs(model, [body]), feeds)];
    expect(largestDifference(valueNamed(alone, body), valueNamed(whole, body))).to.equal(0);
  });

  it('asks for no input whose default is left out', () => {
    const { body, model } = long();
    const { graph } = model.proto;
    const tail = graph.initializer.find(({ name }) => name === 'tail');
    const input = [...graph.input, { ...graph.input[0], name: 'tail' } as (typeof graph.input)[0]];
    expect(tail).to.not.equal(undefined);
    const cut = upTo({ ...model, proto: { ...model.proto, graph: { ...graph, input } } }, [body]);
    expect(cut.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x']);
  });

  it('keeps a graph whole that loses little, or whose nodes are not in order', () => {
    const { body, model } = long();
    const { graph } = model.proto;
    const [last = ''] = graph.node.at(-1)?.input ?? [];
    expect(upTo(model, [last]).proto.graph.node).to.equal(graph.node);
    const turned = { ...model, proto: { ...model.proto, graph: { ...graph, node: graph.node.toReversed() } } };
    const second = graph.node[1]?.output[0] ?? '';
    expect(upTo(turned, [second]).proto.graph.node).to.have.length(graph.node.length);
    expect(upTo(turned, [body]).proto.graph.output.map(({ name }) => name)).to.include(body);
  });
});

describe('shapesOnly', () => {
  it('answers with shapes, in the order asked, one value as often as it is asked for', async () => {
    const model = block().model();
    const probe = shapesOnly(model, ['Conv_3_out', 'x', 'x']);
    await inSession(probe, async (session) => {
      const values = await session.run(inputs(model));
      const shapes = session.outputs.map((name) => Array.from(numbersOf(valueNamed(values, name)) ?? []));
      expect(shapes).to.deep.equal([
        [2, 4, 4, 4],
        [2, 3, 4, 4],
        [2, 3, 4, 4],
      ]);
    });
  });

  it('takes names of its own where the model has them already', async () => {
    const net = new Net();
    net.output(
      net.node('Identity', [net.input('x', [3])], {}, { outputs: ['gn_swap/shape/x'], name: 'gn_swap/shape' }),
    );
    await inSession(shapesOnly(net.model(), ['x', 'gn_swap/shape/x']), async (session) => {
      expect(new Set(session.outputs).size).to.equal(2);
      expect(session.outputs).not.to.include('gn_swap/shape/x');
    });
  });
});
