import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { countSpelledOut } from '../../src/find/spelled-out.ts';
import { swap } from '../../src/jobs/swap.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';

/** x → Relu → Mul by [a] → Add of [b], where x is of rank 4. */
function affine(
  a: readonly number[],
  b: readonly number[],
  more: (net: Net, product: string) => void = () => {},
): number {
  const net = new Net();
  const product = net.node('Mul', [net.weight('a', a), net.relu(net.input('x', [2, 8, 4, 4]))]);
  more(net, product);
  return countSpelledOut(net.output(net.node('Add', [product, net.weight('b', b)])).model());
}

describe('find/spelled-out', () => {
  it('counts a factor and a bias a channel, however many ones are before them', () => {
    expect(affine([1, 8, 1, 1], [8, 1, 1])).to.equal(1);
  });

  it('counts none of one number, of a position, or that is read in between', () => {
    expect(affine([], [8, 1, 1])).to.equal(0);
    expect(affine([8, 1, 1], [])).to.equal(0);
    expect(affine([8, 1, 1], [8, 4, 4])).to.equal(0);
    expect(affine([4], [4])).to.equal(0);
    expect(affine([8, 1, 1], [8, 1, 1], (net, product) => net.output(product))).to.equal(0);
  });

  it('counts what no norm and no Conv makes, in the fixtures one', () => {
    const counted = FIXTURES.flatMap(({ name, build }) => (countSpelledOut(build()) > 0 ? [name] : []));
    expect(counted).to.deep.equal(['folded-spelled-out']);
  });

  it('is told where there is no BatchNormalization', async () => {
    const error = await rejection(swap(writeModel(fixtureNamed('folded-spelled-out').build())));
    expect(error.describe()).to.equal(
      '0 BatchNormalization nodes; 1 Conv looks as if its BatchNormalization was folded in; 1 Mul and Add by channel look ' +
        'as if one was spelled out. Try --sites folded --calibrate DIR, or export the model with its norms kept, as tf_keras ' +
        'does and Keras 3 does not.',
    );
  });
});
