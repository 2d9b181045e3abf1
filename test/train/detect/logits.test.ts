import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { numbersIn, type Values, withSession } from '../../../src/runtime/session.ts';
import { beforeSquashing } from '../../../src/train/detect/logits.ts';

const random = new Random(3);
const INPUTS: Values = {
  x: { type: DataType.FLOAT, dims: [1, 6, 5], data: Float32Array.from({ length: 30 }, () => 3 * random.normal()) },
};
const run = (model: Model) => withSession(model, (session) => session.run(INPUTS));
const ints = (net: Net, name: string, values: readonly number[]) =>
  net.weight(name, [values.length], values, DataType.INT64);

/** Boxes and scores side by side, as YOLO ends: only the scores have a Sigmoid. */
function joined(): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 6, 5]);
  net.node('Split', [x, ints(net, 'sizes', [4, 2])], { axis: 1 }, { outputs: ['boxes', 'logits'] });
  const chances = net.node('Sigmoid', ['logits']);
  const all = net.node('Concat', ['boxes', chances], { axis: 1 });
  net.node('Transpose', [all], { perm: [0, 2, 1] }, { outputs: ['output'] });
  net.node('ReduceMax', [chances], { axes: [1], keepdims: 0 }, { outputs: ['best'] });
  return net.output('output', [1, 5, 6]).output('best', [1, 5]).model();
}

function softmax(axis: number | undefined): Model {
  const net = new Net({ opset: 13 });
  const flat = net.node('Reshape', [net.input('x', [1, 6, 5]), ints(net, 'shape', [1, 10, 3])]);
  const chances = net.node('Softmax', [flat], axis === undefined ? {} : { axis });
  net.node('Identity', [chances], {}, { outputs: ['scores'] });
  return net.output('scores', [1, 10, 3]).model();
}

describe('train/detect/logits', () => {
  it('gives scores before their Sigmoid, and boxes beside them and other outputs as they are', async () => {
    const made = beforeSquashing(joined(), ['output'], 'Sigmoid');
    if (made === undefined) throw new TypeError('it was not found');
    const name = made.renamed.get('output') ?? '';
    const [before, after] = [await run(joined()), await run(made.model)];
    expect(Object.keys(after)).to.have.members([name, 'best']);
    expect(after[name]?.dims).to.deep.equal([1, 5, 6]);
    const x = numbersIn(INPUTS.x);
    for (let row = 0; row < 5; row++) {
      for (let column = 0; column < 6; column++) {
        expect(numbersIn(after[name])[6 * row + column]).to.equal(x[5 * column + row]);
      }
    }
    expect(Array.from(numbersIn(after.best))).to.deep.equal(Array.from(numbersIn(before.best)));
  });

  it('takes away a Softmax over the last axis, and no other', async () => {
    for (const axis of [undefined, -1, 2]) {
      const made = beforeSquashing(softmax(axis), ['scores'], 'Softmax');
      if (made === undefined) throw new TypeError(`it was not found at ${axis}`);
      const after = await run(made.model);
      const [value] = Object.values(after);
      expect(Array.from(numbersIn(value))).to.deep.equal(Array.from(numbersIn(INPUTS.x)));
    }
    expect(beforeSquashing(softmax(1), ['scores'], 'Softmax')).to.equal(undefined);
  });

  it('gives up where nothing of the kind made an output, or numbers were computed from it', () => {
    expect(beforeSquashing(joined(), ['output'], 'Softmax')).to.equal(undefined);
    // The largest of some chances.
    expect(beforeSquashing(joined(), ['best'], 'Sigmoid')).to.equal(undefined);
    expect(beforeSquashing(joined(), ['output', 'best'], 'Sigmoid')).to.equal(undefined);
    expect(beforeSquashing(joined(), ['nothing'], 'Sigmoid')).to.equal(undefined);
  });
});
