import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { refuseUnknownSizes } from '../../src/gradient/sizes.ts';
import type { Model } from '../../src/onnx/model.ts';
import { thrown } from '../support/errors.ts';

/** The sum of inputs of these names, beside one that an initializer backs. */
function model(...names: readonly string[]): Model {
  // IR 3 lists initializers among the inputs.
  const net = new Net({ opset: 8 });
  const inputs = names.map((name) => net.input(name, [2, 3]));
  return net.output(net.node('Sum', [...inputs, net.weight('w', [2, 3])]), [2, 3]).model();
}

describe('gradient/sizes', () => {
  it('passes sizes of inputs, of the model or of its loss, whatever they are', () => {
    expect(() => refuseUnknownSizes({}, [model('x')])).not.to.throw();
    expect(() => refuseUnknownSizes({ x: [7, 0] }, [model('x')])).not.to.throw();
    expect(() => refuseUnknownSizes({ t: [1], x: [] }, [model('x'), model('y', 't')])).not.to.throw();
  });

  it('refuses another name, tells the only input, and how to type the size for it', () => {
    const error = thrown(() => refuseUnknownSizes({ picture: [1, 3, 64, 64] }, [model('x')]));
    expect(error).to.deep.include({
      code: 'invalid-arguments',
      message: 'no input is named "picture"; the input is x',
      node: '--size',
      remedy: 'Use --size x=1x3x64x64',
      next: { set: { size: 'x=1x3x64x64' } },
    });
  });

  it('tells each of several inputs once, those of the loss behind those of the model', () => {
    const error = thrown(() => refuseUnknownSizes({ z: [2] }, [model('b', 'a'), model('a', 'target')]));
    expect(error.message).to.equal('no input is named "z"; the inputs are b, a, target');
    expect(error.remedy).to.equal('Use --size b=2');
  });

  it('hands over no command if sizes of other inputs were typed, which it would drop', () => {
    const error = thrown(() => refuseUnknownSizes({ x: [2, 3], z: [4] }, [model('x')]));
    expect([error.message, error.remedy, error.next]).to.deep.equal([
      'no input is named "z"; the input is x',
      'Use --size x=4',
      undefined,
    ]);
  });

  it('knows a stored tensor as no input, though old files list it as one', () => {
    const old = model('x');
    expect(old.proto.graph.input.map(({ name }) => name)).to.deep.equal(['x', 'w']);
    expect(thrown(() => refuseUnknownSizes({ w: [2, 3] }, [old])).message).to.equal(
      'no input is named "w"; the input is x',
    );
  });

  it('says of a model without inputs that it has none, and to leave the option out', () => {
    const error = thrown(() => refuseUnknownSizes({ x: [2, 3] }, [model()]));
    expect(error).to.deep.include({
      code: 'invalid-arguments',
      message: 'no input is named "x"; the model has no inputs',
      node: '--size',
      remedy: 'Leave --size out',
      next: { drop: ['size'] },
    });
  });
});
