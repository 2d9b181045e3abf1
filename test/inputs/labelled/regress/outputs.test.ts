import { expect } from 'chai';
import { type Dims, Net } from '../../../../fixtures/build.ts';
import { numberOutputs, targetDims } from '../../../../src/inputs/labelled/regress/outputs.ts';

function model(input: Dims, output: Dims) {
  const net = new Net();
  return net.output(net.relu(net.input('x', input)), output).model();
}
const dimsOf = (input: Dims, output: Dims, count: number) => {
  const it = model(input, output);
  const [only] = numberOutputs(it);
  return only && [only.dims, targetDims(only, count, it)];
};

describe('outputs that numbers are learnt for', () => {
  it('have the shape of one sample, as far as the file tells', () => {
    expect(dimsOf(['N', 3], ['N', 3], 3)).to.deep.equal([
      [1, 3],
      [1, 3],
    ]);
    expect(dimsOf(['N', 3], ['N', 'K'], 4)).to.deep.equal([undefined, [1, 4]]);
    expect(dimsOf(['N', 3], ['N'], 1), 'one number a sample').to.deep.equal([[1], [1]]);
  });
});
