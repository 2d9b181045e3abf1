import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { visitTensors } from '../../src/graph/stored-tensors.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { modelOf } from '../support/swapped.ts';

function namesOf(model: Model): string[] {
  const names: string[] = [];
  visitTensors(model, (_, name) => names.push(name));
  return names;
}

const namesIn = (fixture: string) => namesOf(modelOf(fixtureNamed(fixture)));

describe('visitTensors', () => {
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

  it('finds those of functions, and of the subgraphs of their nodes', () => {
    const branch = create('GraphProto', { initializer: [makeTensor('inside', 1, [1], [1])] });
    const node = [
      makeNode('Constant', [], ['one'], '', { value: makeTensor('', 1, [1], [1]) }),
      {
        ...makeNode('If', ['c'], ['y'], ''),
        attribute: [create('AttributeProto', { name: 'then_branch', g: branch })],
      },
    ];
    const functions = [create('FunctionProto', { name: 'f', domain: 'd', node })];
    const { proto, home } = modelOf(fixtureNamed('opset-17'));
    expect(namesOf({ proto: { ...proto, functions }, home }).slice(6)).to.deep.equal(['one', 'inside']);
  });
});
