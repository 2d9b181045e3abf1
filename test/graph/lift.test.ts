import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { liftConstants } from '../../src/graph/lift.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { openSession } from '../../src/runtime/session.ts';

/** Conv of constant weight and bias → Mul by a constant. */
function net(ir?: number): Model {
  const it = new Net(ir === undefined ? {} : { ir, opset: 8 });
  const constant = (dims: number[], values: number[]) =>
    it.node('Constant', [], { value: makeTensor('', DataType.FLOAT, dims, values) });
  const x = it.input('x', [1, 1, 2, 2]);
  const y = it.node('Conv', [x, constant([2, 1, 1, 1], [3, -1]), constant([2], [10, 20])]);
  return it.output(it.node('Mul', [y, constant([], [0.5])]), [1, 2, 2, 2]).model();
}

const countConstants = ({ proto }: Model) => proto.graph.node.filter(({ opType }) => opType === 'Constant').length;

async function answerOf(model: Model): Promise<number[]> {
  const session = await openSession(writeModel(model));
  const x = { type: DataType.FLOAT, dims: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const [value] = Object.values(await session.run({ x }));
  await session.close();
  return Array.from(value?.data as Float32Array);
}

describe('liftConstants', () => {
  it('changes nothing where nothing is to be lifted', () => {
    const model = net();
    expect(liftConstants(model, 'none')).to.equal(model);
    const without = fixtureNamed('rank-4').build();
    expect(countConstants(without)).to.equal(0);
    expect(liftConstants(without, 'all')).to.equal(without);
  });

  it('lifts what Conv holds, or everything, under the same names and with the same values', async () => {
    const model = net();
    expect(countConstants(model)).to.equal(3);
    const expected = await answerOf(model);
    for (const [lift, left] of [
      ['conv', 1],
      ['all', 0],
    ] as const) {
      const lifted = readModel(writeModel(liftConstants(model, lift)));
      expect(countConstants(lifted), lift).to.equal(left);
      expect(lifted.proto.graph.initializer).to.have.length(3 - left);
      expect(Array.from(valuesOf(lifted.proto.graph.initializer[0] ?? expect.fail()))).to.deep.equal([3, -1]);
      expect(await answerOf(lifted)).to.deep.equal(expected);
    }
  });

  it('lists what it lifts among the inputs where IR < 4 demands it', async () => {
    const model = net(3);
    const lifted = liftConstants(model, 'all');
    expect(lifted.proto.graph.input).to.have.length(model.proto.graph.input.length + 3);
    expect(await answerOf(lifted)).to.deep.equal(await answerOf(model));
  });
});
