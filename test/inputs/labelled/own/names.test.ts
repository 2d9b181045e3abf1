import { expect } from 'chai';
import { type Dims, Net } from '../../../../fixtures/build.ts';
import {
  arrayNameOf,
  asOneSample,
  dimsOf,
  ignoredLabel,
  type WantedInput,
  wantedInputs,
} from '../../../../src/inputs/labelled/own/names.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';

function asks(dims: Dims, type: DataType = DataType.FLOAT): WantedInput {
  const net = new Net();
  net.input('wanted', dims, type);
  return wantedInputs(net.model())[0] as WantedInput;
}
const array = (...dims: readonly number[]) => ({
  type: DataType.FLOAT,
  dims,
  data: new Float32Array(dims.reduce((a, b) => a * b, 1)),
});

describe('what a loss asks of a sample', () => {
  it('is told in words, with its type and shape', () => {
    expect(asks(['N', 3])).to.deep.include({ name: 'wanted', text: '"wanted" float32 [N, 3]', isFloat: true });
    expect(asks(['N'], DataType.INT64)).to.deep.include({ text: '"wanted" int64 [N]', isFloat: false });
  });

  it('is an array called target/INPUT, or INPUT if there is none of that name', () => {
    expect(arrayNameOf(['x', 'target/wanted', 'wanted'], 'wanted')).to.equal('target/wanted');
    expect(arrayNameOf(['x', 'wanted'], 'wanted')).to.equal('wanted');
    expect(arrayNameOf(['x'], 'wanted'), 'the name that an error tells').to.equal('target/wanted');
  });

  it('gets the axis that counts samples, unless it is there', () => {
    expect(asOneSample(array(3), asks(['N', 3])).dims).to.deep.equal([1, 3]);
    expect(asOneSample(array(1, 3), asks(['N', 3])).dims).to.deep.equal([1, 3]);
    expect(asOneSample(array(1), asks(['N'])).dims).to.deep.equal([1]);
    expect(asOneSample(array(), asks(['N'])).dims).to.deep.equal([1]);
    // One row of a map is no axis of samples.
    expect(asOneSample(array(1, 4), asks(['N', 1, 4])).dims).to.deep.equal([1, 1, 4]);
  });

  it('gets numbers of a table in the shape that takes them', () => {
    expect(dimsOf(asks(['N', 2, 3]), 6)).to.deep.equal([1, 2, 3]);
    expect(dimsOf(asks(['N', 2, 3]), 5), 'refused later by its shape').to.deep.equal([1, 5]);
    expect(dimsOf(asks(['N']), 1)).to.deep.equal([1]);
    expect(dimsOf(asks(['N', 'K']), 4)).to.deep.equal([1, 4]);
  });

  it('passes over the label that all of its nodes pass over', () => {
    const loss = (...ignored: readonly (number | undefined)[]) => {
      const net = new Net();
      const [scores, label] = [net.weight('scores', [1, 2]), net.weight('label', [1], [0], DataType.INT64)];
      for (const [at, ignore_index] of ignored.entries())
        net.node('SoftmaxCrossEntropyLoss', [scores, label], ignore_index === undefined ? {} : { ignore_index }, {
          outputs: [`loss${at}`],
        });
      return net.model();
    };
    expect(ignoredLabel(loss(255, 255))).to.equal(255);
    expect(ignoredLabel(loss(-100))).to.equal(-100);
    expect(ignoredLabel(loss(255, undefined))).to.equal(undefined);
    expect(ignoredLabel(loss())).to.equal(undefined);
  });
});
