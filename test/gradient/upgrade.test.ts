import { expect } from 'chai';
import { block, Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { upgrade } from '../../src/gradient/upgrade.ts';
import { intAttribute } from '../../src/onnx/attributes.ts';
import { namesOf } from '../../src/onnx/names.ts';
import { numbersIn } from '../../src/runtime/session.ts';
import { distance } from '../operators/support/written.ts';
import { rejection } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { modelOf } from '../support/swapped.ts';

/** Old spellings and what is computed of them are tested with the rules of each family, in test/operators. */
describe('gradient/upgrade', () => {
  it('leaves a node that is spelled as in opset 18 the very same', async () => {
    const model = block({ opset: 13 }).model();
    const { forward } = await prepare(model, { sizes: {}, batch: 1 });
    for (const from of [14, 17]) {
      const after = upgrade(forward, from, namesOf(model.proto.graph));
      expect(after.nodes.every((node, index) => node === forward.nodes[index])).to.equal(true);
    }
  });

  it('takes a norm below opset 14 that gives more than its output for one in training, as ONNX Runtime does', async () => {
    const source = modelOf(fixtureNamed('more-outputs-unused'));
    const { forward, feeds } = await prepare(source, { sizes: {}, batch: 2 });
    const norm = forward.nodes.find(({ opType }) => opType === 'BatchNormalization');
    expect(norm && intAttribute(norm, 'training_mode', 0)).to.equal(1);
    expect(norm?.output.length).to.equal(3);
    const { model, init, proof } = await gradientOf(source, { verify: true });
    expect(proof?.error).to.be.below(1e-4);
    const [output = ''] = forward.outputs;
    const own = numbersIn(valueNamed(await runModel(source, feeds), output));
    const seed = { type: 1, dims: [2, 4, 4, 4], data: new Float32Array(own.length) };
    const made = valueNamed(
      await runModel(model, { ...feeds, ...(await runModel(init, {})), [`d/${output}`]: seed }),
      output,
    );
    expect(distance(Array.from(numbersIn(made)), Array.from(own))).to.be.below(1e-5);
  });

  it('takes one with its output alone for one in inference', async () => {
    const net = new Net({ opset: 9 });
    const x = net.input('x', [2, 3, 4, 4]);
    const y = net.bn(x, 3, { outputs: ['y'] });
    const { forward } = await prepare(net.output(y, [2, 3, 4, 4]).model(), { sizes: {}, batch: 1 });
    expect(forward.nodes.map((it) => [it.opType, intAttribute(it, 'training_mode', 0), it.output])).to.deep.equal([
      ['BatchNormalization', 0, ['y']],
    ]);
  });

  it('refuses a norm with statistics of every position, and takes the setting for nothing where there are none', async () => {
    const error = await rejection(gradientOf(modelOf(fixtureNamed('spatial-0'))));
    expect(error).to.include({
      code: 'unsupported-model',
      message: 'it is set to spatial=0: every position has statistics of its own',
      node: 'BatchNormalization_1',
      remedy: 'Export the model again, at opset 9 or later',
    });
    const { gradients, proof } = await gradientOf(modelOf(fixtureNamed('spatial-0-rank-2')), { verify: true });
    expect(gradients.size).to.be.above(1);
    expect(proof?.error).to.be.below(1e-4);
  });
});
