import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import type { Model } from '../../src/onnx/model.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import { rejection } from '../support/errors.ts';
import { line } from '../support/training.ts';

/** The squared distance from y to the mean of as many numbers as are given. */
function loss(): Model {
  const net = new Net();
  const y = net.input('y', ['N', 1]);
  const many = net.input('many', ['N', 'K']);
  const error = net.node('Sub', [y, net.node('ReduceMean', [many], { axes: [1] })]);
  net.node('ReduceMean', [net.node('Mul', [error, error])], { keepdims: 0 }, { outputs: ['loss'] });
  return net.output('loss', []).model();
}

const shapeOf = ({ model }: { model: Model }, name: string) =>
  declaredType(model.proto.graph.input.find((it) => it.name === name)?.type).shape;

describe('inputs that a loss has beside the outputs', () => {
  it('take the batch of the model, and their sizes as those of the model do', async () => {
    const made = await gradientOf(line(), { loss: loss(), batch: 4, sizes: { many: [4, 5] } });
    expect([shapeOf(made, 'x'), shapeOf(made, 'many')]).to.deep.equal([
      [4, 2],
      [4, 5],
    ]);
    const told = await gradientOf(line(), { loss: loss(), batch: 4, lossSizes: { many: [4, 7] } });
    expect(shapeOf(told, 'many')).to.deep.equal([4, 7]);
  });

  it('are named if a size is open', async () => {
    const { node, remedy } = await rejection(gradientOf(line(), { loss: loss(), batch: 2 }));
    expect([node, remedy]).to.deep.equal(['many', 'Set it with --size many=2x64']);
  });

  it('and those of the model are named if a size is for neither', async () => {
    const error = await rejection(gradientOf(line(), { loss: loss(), sizes: { picture: [2, 2] } }));
    expect(error.message).to.equal('no input is named "picture"; the inputs are x, y, many');
    expect([error.node, error.remedy]).to.deep.equal(['--size', 'Use --size x=2x2']);
    const alone = await rejection(gradientOf(line(), { sizes: { picture: [2, 2] } }));
    expect(alone.message).to.equal('no input is named "picture"; the input is x');
  });
});
