import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { inInference, inInferenceMode } from '../../src/graph/inference-mode.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { countNorms, nodesOf } from '../support/model-parts.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { largestDifference } from '../support/values.ts';

const inputs = (model: ReturnType<Net['model']>) => generateInputs(model, 0, 2, 8);

describe('inInferenceMode', () => {
  it('changes nothing where nothing is in training mode', () => {
    const mayTrain = ({ attribute, output }: NodeProto) =>
      output.length > 1 || attribute.some(({ name }) => name === 'training_mode');
    for (const fixture of FIXTURES) {
      const model = fixture.build();
      const norms = nodesOf(model).filter(({ opType }) => opType === 'BatchNormalization');
      if (!norms.some(mayTrain)) expect(inInferenceMode(model), fixture.name).to.equal(model);
    }
  });

  it('makes a norm in training mode answer by its running statistics', async () => {
    const model = fixtureNamed('training-unused-outputs').build();
    const changed = inInferenceMode(model);
    expect(countNorms(changed)).to.equal(1);
    const feeds = inputs(model);
    const inference = await runModel(block({ opset: 15 }).model(), feeds);
    const expected = valueNamed(inference, 'Conv_3_out');
    expect(largestDifference(valueNamed(await runModel(changed, feeds), 'Conv_3_out'), expected)).to.equal(0);
    expect(largestDifference(valueNamed(await runModel(model, feeds), 'Conv_3_out'), expected)).to.be.above(0.1);
  });

  it('reaches norms in subgraphs, and leaves norms of other domains alone', () => {
    const attributes = { training_mode: 1 };
    const branch = (name: string, domain: string) => {
      const inner = new Net({ prefix: `${name}/`, opset: 15 });
      const y = inner.bn('x', 4, { attributes, domain, outputs: [`${name}/y`, `${name}/m`, `${name}/v`] });
      return { graph: inner.output(y).graph() };
    };
    const net = new Net({ opset: 15 });
    net.input('x', [2, 4, 3, 3]);
    const choice = net.input('choice', [], DataType.BOOL);
    const arms = { then_branch: branch('then', ''), else_branch: branch('else', 'com.example') };
    net.output(net.node('If', [choice], arms));
    const norms = nodesOf(inInferenceMode(net.model())).filter(({ opType }) => opType === 'BatchNormalization');
    const described = norms.map(({ domain, output, attribute }) => [domain, output.length, attribute.length]);
    expect(described).to.have.deep.members([
      ['', 1, 0],
      ['com.example', 3, 1],
    ]);
  });
});

describe('inInference', () => {
  it('leaves a norm alone whose batch statistics are used', () => {
    const net = new Net({ opset: 15 });
    const attributes = { training_mode: 1 };
    net.bn(net.input('x', [2, 4, 3]), 4, { attributes, outputs: ['y', 'mean', 'var'] });
    const [norm] = net.nodes;
    if (norm === undefined) throw new RangeError('no node');
    expect(inInference(norm, new Map([['mean', 1]]))).to.equal(norm);
    expect(inInference(norm, new Map([['y', 1]])).output).to.deep.equal(['y']);
  });

  it('gives other nodes back as they are', () => {
    const [conv, norm] = block().model().proto.graph.node;
    if (conv === undefined || norm === undefined) throw new RangeError('no nodes');
    expect(inInference(conv, new Map())).to.equal(conv);
    expect(inInference(norm, new Map())).to.equal(norm);
  });
});
