import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { withSizes } from '../../src/inputs/sized.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { runModel, valueNamed } from '../support/session.ts';

function floats(dims: readonly number[]) {
  return { type: DataType.FLOAT, dims, data: new Float32Array(dims.reduce((n, dim) => n * dim, 1)).fill(1) };
}

/** Two pictures of open sizes, and a factor for both. */
function model(batch: number | string): Model {
  const net = new Net();
  const both = [net.input('x', [batch, 3, 'H', 'W']), net.input('z', [batch, 3, 'H', 'W'])];
  net.node('Mul', [net.node('Add', both), net.input('factor', [1])], {}, { outputs: ['y'] });
  return net.output('y').model();
}

const dimsOf = ({ proto: { graph } }: Model) =>
  graph.input.map(({ type }) => type?.tensorType?.shape?.dim.map(({ dimValue, dimParam }) => dimValue ?? dimParam));

const inputs = { x: floats([2, 3, 4, 5]), z: floats([2, 3, 4, 5]), factor: floats([1]) };

describe('withSizes', () => {
  it('states all sizes but the number of samples, which gets one name', () => {
    const samples = 'gn_swap_samples';
    expect(dimsOf(withSizes(model('N'), inputs))).to.deep.equal([[samples, 3, 4, 5], [samples, 3, 4, 5], [1]]);
  });

  it('states the number of samples where the model does', () => {
    expect(dimsOf(withSizes(model(2), inputs))).to.deep.equal([[2, 3, 4, 5], [2, 3, 4, 5], [1]]);
  });

  it('leaves inputs alone that are not given', () => {
    expect(dimsOf(withSizes(model('N'), { x: inputs.x }))[1]).to.deep.equal(['N', 3, 'H', 'W']);
  });

  it('takes other numbers of samples, and no other sizes', async () => {
    const sized = withSizes(model('N'), inputs);
    const of = (dims: readonly number[]) => ({ x: floats(dims), z: floats(dims), factor: floats([1]) });
    expect(valueNamed(await runModel(sized, of([7, 3, 4, 5])), 'y').dims).to.deep.equal([7, 3, 4, 5]);
    const refused = await runModel(sized, of([7, 3, 8, 5])).catch((error: unknown) => error);
    expect(refused).to.be.an('error');
  });
});
