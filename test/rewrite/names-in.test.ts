import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { viewOf } from '../../src/graph/view.ts';
import { namesOf } from '../../src/onnx/names.ts';
import { namesIn } from '../../src/rewrite/names-in.ts';
import { modelOf } from '../support/swapped.ts';

describe('namesIn', () => {
  it('takes the names that a walk through all lists finds, in every fixture of one graph', () => {
    const models = FIXTURES.map(modelOf).filter((model) => viewOf(model).scopes.length === 1);
    expect(models.length).to.be.greaterThan(20);
    for (const model of models) {
      const { graph } = model.proto;
      const fromView = namesIn(viewOf(model));
      const walked = namesOf(graph);
      const wanted = [
        ...graph.node.flatMap(({ input, output, name }) => [...input, ...output, name]),
        ...[...graph.initializer, ...graph.valueInfo, ...graph.output].map(({ name }) => name),
        'nothing has this name',
      ].filter((name) => name !== '');
      for (const name of wanted) {
        expect(fromView.values.fresh(name), name).to.equal(walked.values.fresh(name));
        expect(fromView.nodes.fresh(name), name).to.equal(walked.nodes.fresh(name));
      }
    }
  });
});
