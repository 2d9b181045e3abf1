import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { mapAxis, rowAxis } from '../../src/train/class-axis.ts';

describe('train/class-axis', () => {
  it('finds the classes of a row wherever they are', () => {
    const rows = [[4], [1, 4], [1, 4, 1, 1], [1, 1, 1, 4], [1, 1], [1, 1, 1, 1]];
    expect(rows.map(rowAxis)).to.deep.equal([0, 1, 1, 3, 1, 1]);
  });

  it('believes a Softmax before the proportions of the picture', () => {
    const picture = { x: { type: DataType.FLOAT, dims: [1, 3, 4, 6], data: new Float32Array(72) } };
    const ending = (axis: number | undefined) => {
      const net = new Net({ opset: 13 });
      const x = net.input('x', [1, 4, 6, 2]);
      if (axis === undefined) net.node('Identity', [x], {}, { outputs: ['y'] });
      else net.node('Softmax', [x], { axis }, { outputs: ['y'] });
      return net.output('y', [1, 4, 6, 2]).model();
    };
    const axes = [undefined, 1, -1].map((axis) => mapAxis(ending(axis), 'y', [1, 4, 6, 2], picture));
    expect(axes).to.deep.equal([3, 1, 3]);
  });
});
