import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { allTensors } from '../../src/graph/stored-tensors.ts';
import { modelOf } from '../support/swapped.ts';

const namesIn = (fixture: string) => [...allTensors(modelOf(fixtureNamed(fixture)))].map(({ name }) => name);

describe('allTensors', () => {
  it('finds initializers, sparse ones, and those of nodes, in subgraphs too', () => {
    expect(namesIn('opset-17')).to.deep.equal([
      'W0',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'W3',
    ]);
    // Values and indices of a sparse one.
    const sparse = namesIn('parameters-sparse-initializer');
    expect(sparse.length).to.be.above(new Set(sparse).size);
    const main = modelOf(fixtureNamed('parameters-constant-value')).proto.graph;
    expect(namesIn('parameters-constant-value').length).to.be.above(main.initializer.length);
    for (const name of ['if-own-parameters', 'loop-own-parameters']) {
      expect(namesIn(name).length, name).to.be.above(modelOf(fixtureNamed(name)).proto.graph.initializer.length);
    }
  });
});
