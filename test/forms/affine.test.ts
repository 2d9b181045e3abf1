import { expect } from 'chai';
import { constantTarget, perChannel, restoreShape } from '../../src/forms/affine.ts';
import { Builder, Constants } from '../../src/onnx/builder.ts';
import { Names } from '../../src/onnx/names.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { formSite } from '../support/form-site.ts';

describe('forms/affine', () => {
  it('gives γ′ and β′ a 1 for each spatial axis, and none for the batch', () => {
    expect(perChannel(8, 2)).to.deep.equal([8]);
    expect(perChannel(8, 4)).to.deep.equal([8, 1, 1]);
    expect(perChannel(8, 5)).to.deep.equal([8, 1, 1, 1]);
  });

  it('knows a constant target where at most one spatial axis is open; the batch is copied', () => {
    expect(constantTarget([undefined, 8])).to.deep.equal([0, 8]);
    expect(constantTarget([2, 8, 5, 7])).to.deep.equal([0, 8, 5, 7]);
    expect(constantTarget([2, 8, undefined, 7])).to.deep.equal([0, 8, -1, 7]);
    expect(constantTarget([2, 8, undefined, undefined])).to.equal(undefined);
  });

  it('restores a shape by that constant, else by the shape of x', () => {
    for (const [shape, operators, plain] of [
      [[2, 8, 5, undefined], ['Reshape'], true],
      // A map of no positions leaves nothing that −1 could stand for.
      [[2, 8, 5, undefined], ['Shape', 'Reshape'], false],
      [[2, 8, undefined, undefined], ['Shape', 'Reshape'], true],
      [undefined, ['Shape', 'Reshape'], true],
    ] as const) {
      const constants = new Constants(new Names([]));
      const context = { opset: 17, values: new Names([]), nodes: new Names([]), constants, parameter: () => '' };
      const builder = new Builder('p', context);
      expect(restoreShape('flat', formSite({ shape, plain }), builder, 'y')).to.equal('y');
      expect(builder.nodes.map(({ opType }) => opType)).to.deep.equal(operators);
      expect(constants.tensors.map((tensor) => [...valuesOf(tensor)])).to.deep.equal(
        operators.length === 1 ? [[0, 8, 5, -1]] : [],
      );
      if (operators.length === 2) expect(builder.nodes[0]?.input).to.deep.equal(['x']);
    }
  });
});
