import { expect } from 'chai';
import { batchNormalization } from '../../src/forms/batch-normalization.ts';
import { floatAttribute } from '../../src/onnx/attributes.ts';
import { formSite, spell } from '../support/form-site.ts';

const more = { mean: [0], variance: [1] };

describe('forms/batch-normalization', () => {
  it('is one operator in inference mode, with parameters of one number a channel', () => {
    const { nodes, parameters } = spell(batchNormalization, formSite({ more, epsilon: 1e-3 }));
    const [node, ...others] = nodes;
    expect(others).to.have.length(0);
    expect(node?.opType).to.equal('BatchNormalization');
    expect(node?.input).to.deep.equal(['x', 'scale', 'bias', 'mean', 'variance']);
    expect(node?.output).to.deep.equal(['y']);
    expect(node?.attribute.map(({ name }) => name)).to.deep.equal(['epsilon']);
    for (const role of ['scale', 'bias', 'mean', 'variance']) expect(parameters.get(role)).to.deep.equal([8]);
  });

  it('keeps the momentum that the source has', () => {
    const [node] = spell(batchNormalization, formSite({ more, momentum: 0.75 })).nodes;
    expect(node && floatAttribute(node, 'momentum', 0)).to.equal(0.75);
  });

  it('is not legal without statistics', () => {
    expect(batchNormalization.check(formSite({ more }), 17)).to.equal(undefined);
    expect(batchNormalization.check(formSite(), 17)).to.equal('it has no running statistics');
  });
});
