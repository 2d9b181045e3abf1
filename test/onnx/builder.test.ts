import { expect } from 'chai';
import { Builder, Constants } from '../../src/onnx/builder.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Names } from '../../src/onnx/names.ts';
import { dimsOf, valuesOf } from '../../src/onnx/tensor.ts';

function builderAt(opset: number, taken: readonly string[] = []): { builder: Builder; constants: Constants } {
  const values = new Names(taken);
  const constants = new Constants(values);
  const context = { opset, values, nodes: new Names(taken), constants, parameter: (role: string) => role };
  return { builder: new Builder('bn/group', context), constants };
}

describe('onnx/builder', () => {
  it('names nodes and values after the site and the role, or as told', () => {
    const { builder } = builderAt(17);
    expect(builder.node('Sub', 'Sub', ['x', 'm'])).to.equal('bn/group/Sub');
    expect(builder.node('Add', 'Add', ['x', 'm'], {}, 'y')).to.equal('y');
    expect(builder.nodes.map(({ name }) => name)).to.deep.equal(['bn/group/Sub', 'bn/group/Add']);
  });

  it('avoids names that are taken', () => {
    const { builder, constants } = builderAt(17, ['bn/group/Sub', 'gn_swap/epsilon', 'gn_swap/epsilon_2']);
    expect(builder.node('Sub', 'Sub', ['x', 'm'])).to.equal('bn/group/Sub_2');
    expect(builder.nodes[0]?.name).to.equal('bn/group/Sub_2');
    expect(builder.scalar('epsilon', DataType.FLOAT, 1e-5)).to.equal('gn_swap/epsilon_3');
    expect(constants.tensors.map(({ name }) => name)).to.deep.equal(['gn_swap/epsilon_3']);
  });

  it('stores equal constants once, and tells apart what differs in value, type or shape', () => {
    const { builder, constants } = builderAt(18);
    const same = [builder.ints('axes', [2]), builder.ints('axes', [2])];
    expect(same[0]).to.equal(same[1]);
    const others = [
      builder.ints('axes', [3]),
      builder.scalar('epsilon', DataType.FLOAT, 2),
      builder.scalar('epsilon', DataType.DOUBLE, 2),
      builder.filled('ones', DataType.FLOAT, 5, 1),
      builder.filled('zeros', DataType.FLOAT, 5, 0),
      builder.filled('ones', DataType.FLOAT, 6, 1),
    ];
    expect(new Set([...same, ...others]).size).to.equal(1 + others.length);
    expect(constants.tensors.length).to.equal(1 + others.length);
  });

  it('writes whole numbers as int64 vectors, and values as given', () => {
    const { builder, constants } = builderAt(17);
    builder.reshape('Groups', 'x', [0, 2, -1]);
    builder.filled('ones', DataType.FLOAT16, 6, 1);
    builder.scalar('epsilon', DataType.DOUBLE, 1e-5);
    expect(constants.tensors.map(({ dataType }) => dataType)).to.deep.equal([
      DataType.INT64,
      DataType.FLOAT16,
      DataType.DOUBLE,
    ]);
    expect(constants.tensors.map(dimsOf)).to.deep.equal([[3], [6], []]);
    expect(constants.tensors.map((tensor) => [...valuesOf(tensor)])).to.deep.equal([
      [0, 2, -1],
      [1, 1, 1, 1, 1, 1],
      [1e-5],
    ]);
  });
});
