import { expect } from 'chai';
import { native } from '../../src/forms/native.ts';
import { floatAttribute, intAttribute } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { formSite, outline, spell } from '../support/form-site.ts';
import { describeOnFixtures } from '../support/form-tests.ts';

describe('forms/native', () => {
  describeOnFixtures('native');

  it('is one node, with γ′ and β′ of [C]', () => {
    const spelled = spell(native, formSite(), 21);
    expect(outline(spelled)).to.deep.equal(['GroupNormalization']);
    expect([...spelled.parameters]).to.deep.equal([
      ['scale', [8]],
      ['bias', [8]],
    ]);
    expect(spelled.constants).to.deep.equal([]);
    const [node] = spelled.nodes;
    expect(node?.input).to.deep.equal(['x', 'scale', 'bias']);
    expect(node?.output).to.deep.equal(['y']);
    expect(node && intAttribute(node, 'num_groups', 0)).to.equal(2);
    expect(node && floatAttribute(node, 'epsilon', 0)).to.equal(Math.fround(1e-5));
  });

  it('keeps float64 statistics in float64, and leaves 16-bit types to the default, float32', () => {
    for (const [elementType, stash] of [
      [DataType.DOUBLE, DataType.DOUBLE],
      [DataType.FLOAT16, undefined],
      [DataType.FLOAT, undefined],
    ] as const) {
      const [node] = spell(native, formSite({ elementType }), 21).nodes;
      expect(node && intAttribute(node, 'stash_type', undefined)).to.equal(stash);
    }
  });

  it('refuses opset 20, where GroupNormalization has one γ per group', () => {
    expect(native.check(formSite(), 20)).to.equal(
      'GroupNormalization with a γ per channel needs opset 21; the model has 20',
    );
    expect(native.check(formSite(), 21)).to.equal(undefined);
  });

  it('refuses rank 2, and takes an unknown rank', () => {
    expect(native.check(formSite({ shape: [2, 8] }), 21)).to.equal(
      'GroupNormalization needs at least one spatial axis',
    );
    expect(native.check(formSite({ shape: [2, 8, 5] }), 21)).to.equal(undefined);
    expect(native.check(formSite({ shape: undefined }), 21)).to.equal(undefined);
  });

  it('is LayerNormalization over axis 1 and on for layer norm, with a γ′ that broadcasts', () => {
    const spelled = spell(native, formSite({ norm: 'layer', groups: 1 }), 17);
    expect(outline(spelled)).to.deep.equal(['LayerNormalization']);
    expect(spelled.nodes[0]?.output).to.deep.equal(['y']);
    expect(spelled.nodes[0] && intAttribute(spelled.nodes[0], 'axis', 0)).to.equal(1);
    expect([...spelled.parameters.values()]).to.deep.equal([
      [8, 1, 1],
      [8, 1, 1],
    ]);
    const layer = (changes: Parameters<typeof formSite>[0], opset = 17) =>
      native.check(formSite({ norm: 'layer', groups: 1, ...changes }), opset);
    expect(layer({ shape: [2, 8] })).to.equal(undefined);
    expect(layer({}, 16)).to.equal('LayerNormalization needs opset 17; the model has 16');
    expect(layer({ shape: undefined })).to.equal('LayerNormalization needs a known rank');
    expect(layer({ elementType: DataType.DOUBLE })).to.equal('LayerNormalization computes its statistics in float32');
  });

  it('is InstanceNormalization for instance norm, at any opset', () => {
    const spelled = spell(native, formSite({ norm: 'instance', groups: 8 }), 7);
    expect(outline(spelled)).to.deep.equal(['InstanceNormalization']);
    expect([...spelled.parameters.values()]).to.deep.equal([[8], [8]]);
    const instance = (changes: Parameters<typeof formSite>[0]) =>
      native.check(formSite({ norm: 'instance', groups: 8, ...changes }), 17);
    expect(instance({})).to.equal(undefined);
    expect(instance({ shape: [2, 8] })).to.equal('InstanceNormalization needs at least one spatial axis');
    expect(instance({ elementType: DataType.FLOAT16 })).to.equal('InstanceNormalization of float16 may sum in 16 bits');
  });
});
