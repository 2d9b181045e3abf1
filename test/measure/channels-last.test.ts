import { expect } from 'chai';
import { channelAxis } from '../../src/measure/channels-last.ts';
import { DataType } from '../../src/onnx/data-type.ts';

describe('channelAxis', () => {
  const axisOf = (dims: readonly number[], ...picture: number[]) =>
    channelAxis(dims, { x: { type: DataType.FLOAT, dims: picture, data: new Float32Array() } });

  it('is last where a map has the proportions of the picture so, and not with its channels first', () => {
    expect(axisOf([1, 48, 64, 5], 1, 96, 128, 3)).to.equal(3);
    expect(axisOf([1, 48, 64, 1], 1, 3, 96, 128)).to.equal(3);
    expect(axisOf([1, 5, 48, 64], 1, 96, 128, 3)).to.equal(1);
  });

  it('is first where both may be, or nothing tells', () => {
    expect(axisOf([1, 8, 8, 8], 1, 3, 8, 8)).to.equal(1);
    expect(axisOf([1, 1, 1, 1000], 1, 3, 8, 8)).to.equal(1);
    expect(axisOf([1, 8, 4], 1, 3, 8, 8)).to.equal(1);
    expect(axisOf([1, 48, 64, 5], 1, 7)).to.equal(1);
  });
});
