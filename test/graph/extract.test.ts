import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { shapesOnly, withOutputs } from '../../src/graph/extract.ts';
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
