import { expect } from 'chai';
import { pictureSize } from '../../src/measure/picture-size.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Values } from '../../src/runtime/session.ts';

const inputsOf = (...all: readonly (readonly number[])[]): Values =>
  Object.fromEntries(
    all.map((dims, at) => [`x${at}`, { type: DataType.FLOAT, dims: [...dims], data: new Float32Array(0) }]),
  );

describe('measure/picture-size', () => {
  it('is told by where the channels are, with a batch and without', () => {
    expect(pictureSize(inputsOf([1, 3, 48, 64]))).to.deep.equal({ height: 48, width: 64 });
    expect(pictureSize(inputsOf([8, 48, 64, 3]))).to.deep.equal({ height: 48, width: 64 });
    expect(pictureSize(inputsOf([1, 48, 64]))).to.deep.equal({ height: 48, width: 64 });
    expect(pictureSize(inputsOf([48, 64, 1]))).to.deep.equal({ height: 48, width: 64 });
  });

  it('is that of the first input that can be a picture', () => {
    expect(pictureSize(inputsOf([1, 2], [1, 3, 20, 30], [1, 3, 2, 2]))).to.deep.equal({ height: 20, width: 30 });
    expect(pictureSize(inputsOf([1, 8, 20, 30], [1, 3, 6, 7]))).to.deep.equal({ height: 6, width: 7 });
  });

  it('is not told of numbers, rows, videos and feature maps', () => {
    expect(pictureSize(inputsOf([1], [1, 10], [1, 3, 4, 20, 30], [1, 16, 20, 30]))).to.equal(undefined);
    expect(pictureSize({})).to.equal(undefined);
  });
});
