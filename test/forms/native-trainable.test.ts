import { expect } from 'chai';
import { nativeTrainable } from '../../src/forms/native-trainable.ts';
import { dimsOf } from '../../src/onnx/tensor.ts';
import { formSite, outline, spell } from '../support/form-site.ts';
import { describeOnFixtures } from '../support/form-tests.ts';

const flat = (changes: Parameters<typeof formSite>[0] = {}) =>
  formSite({ norm: 'layer', groups: 1, shape: [undefined, 8], ...changes });

describe('forms/native-trainable', () => {
  describeOnFixtures('native-trainable', 'layer');

  it('is one node with all three outputs', () => {
    const spelled = spell(nativeTrainable, flat());
    expect(outline(spelled)).to.deep.equal(['LayerNormalization']);
    expect(spelled.nodes[0]?.output).to.deep.equal(['y', 'site/Mean', 'site/InvStdDev']);
    expect([...spelled.parameters.values()]).to.deep.equal([[8], [8]]);
    const point = spell(nativeTrainable, flat({ shape: [undefined, 8, 1, 1] }));
    expect([...point.parameters.values()]).to.deep.equal([
      [8, 1, 1],
      [8, 1, 1],
    ]);
    expect(point.constants.map(dimsOf)).to.deep.equal([]);
  });

  it('refuses what its kernel, or its gradient, does not take', () => {
    const refusal = (changes: Parameters<typeof formSite>[0], opset = 17) =>
      nativeTrainable.check(flat(changes), opset);
    expect(refusal({})).to.equal(undefined);
    expect(refusal({ shape: [undefined, 8, 1, 2] })).to.equal('its kernel broadcasts no γ over positions');
    expect(refusal({ shape: [undefined, 8, undefined] })).to.equal('its kernel broadcasts no γ over positions');
    expect(refusal({ shape: undefined })).to.equal('LayerNormalization needs a known rank');
    expect(refusal({ norm: 'group' })).to.equal('only LayerNormalization has a gradient');
    expect(refusal({}, 16)).to.equal('LayerNormalization needs opset 17; the model has 16');
  });
});
