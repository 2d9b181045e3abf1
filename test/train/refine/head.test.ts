import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { headValues } from '../../../src/train/refine/head.ts';

/** A detector's end: boxes that bins of 0, 1, 2 … are averaged for, and scores behind a Sigmoid, in one output. */
function detector() {
  const net = new Net({ seed: 1 });
  const x = net.relu(net.bn(net.conv(net.input('x', [1, 3, 8, 8]), 3, 4), 4));
  const bins = net.conv(x, 4, 4);
  const rows = net.node('Softmax', [net.node('Transpose', [bins], { perm: [0, 2, 3, 1] })], { axis: 3 });
  const boxes = net.node('Mul', [rows, net.weight('stride', [1])]);
  const plain = net.conv(x, 4, 2);
  const scores = net.node('Sigmoid', [net.conv(x, 4, 4)]);
  net.node(
    'Concat',
    [net.node('Transpose', [boxes], { perm: [0, 3, 1, 2] }), plain, scores],
    { axis: 1 },
    { outputs: ['y'] },
  );
  return { model: net.output('y', [1, 10, 8, 8]).model(), rows, plain, scores };
}

describe('train/refine/head', () => {
  it('lists probabilities and plain layers behind one output, and goes no further back', () => {
    const { model, rows, plain, scores } = detector();
    const found = headValues(model, new Set()).map(({ value, loss }) => [value, loss]);
    const expected = [
      [rows, 'kl'],
      [plain, 'mse'],
      [scores, 'bce'],
    ];
    expect(found).to.have.deep.members(expected);
  });

  it('stops at a norm that is trained, as what lies before it does not depend on it', () => {
    const net = new Net({ seed: 2 });
    const normed = net.bn(net.conv(net.input('x', [1, 3, 8, 8]), 3, 4), 4);
    net.node('Relu', [normed], {}, { outputs: ['y'] });
    const model = net.output('y', [1, 4, 8, 8]).model();
    expect(headValues(model, new Set([normed]))).to.deep.equal([{ value: normed, loss: 'mse' }]);
  });

  it('takes no size for a number', () => {
    const net = new Net({ seed: 3 });
    const x = net.conv(net.input('x', [1, 3, 8, 8]), 3, 4);
    net.node('Shape', [x], {}, { outputs: ['y'] });
    expect(headValues(net.output('y', [4]).model(), new Set())).to.deep.equal([]);
  });
});
