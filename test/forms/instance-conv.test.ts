import { expect } from 'chai';
import { instanceConv } from '../../src/forms/instance-conv.ts';
import { intAttribute, intsAttribute } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { formSite, outline, rowsOutline, spell } from '../support/form-site.ts';
import { describeOnFixtures } from '../support/form-tests.ts';

describe('forms/instance-conv', () => {
  describeOnFixtures('instance-conv');

  it('applies γ′ and β′ as weight and bias of a depthwise Conv', () => {
    const spelled = spell(instanceConv, formSite({ shape: [undefined, 8, 5, 5] }));
    expect(outline(spelled)).to.deep.equal(['Reshape:Groups', 'InstanceNormalization', 'Reshape:Restore', 'Conv']);
    expect([...spelled.parameters]).to.deep.equal([
      ['scale', [8, 1, 1, 1]],
      ['bias', [8]],
    ]);
    const conv = spelled.nodes.at(-1);
    expect(conv?.output).to.deep.equal(['y']);
    expect(conv && intAttribute(conv, 'group', 0)).to.equal(8);
    expect(conv && intsAttribute(conv, 'kernel_shape')).to.deep.equal([1, 1]);
  });

  it('has a kernel of one axis in rank 3 and of three in rank 5', () => {
    for (const [shape, dims] of [
      [
        [1, 8, 5],
        [8, 1, 1],
      ],
      [
        [1, 8, 5, 5, 5],
        [8, 1, 1, 1, 1],
      ],
    ] as const) {
      expect(spell(instanceConv, formSite({ shape })).parameters.get('scale')).to.deep.equal(dims);
    }
  });

  it('convolves [N, C, −1] where there is no spatial axis, or none is known', () => {
    const rank2 = spell(instanceConv, formSite({ shape: [undefined, 8] }));
    expect(outline(rank2)).to.deep.equal([
      'Reshape:Groups',
      'InstanceNormalization',
      'Reshape:Channels',
      'Conv',
      'Reshape:Restore',
    ]);
    const unknown = spell(instanceConv, formSite({ shape: undefined }));
    expect(outline(unknown)).to.deep.equal([
      ...rowsOutline('Groups', true),
      'InstanceNormalization',
      ...rowsOutline('Channels'),
      'Conv',
      'Shape',
      'Reshape:Restore',
    ]);
    for (const { parameters } of [rank2, unknown]) expect(parameters.get('scale')).to.deep.equal([8, 1, 1]);
  });

  it('refuses bfloat16 below opset 22, where Conv does not take it', () => {
    const site = formSite({ elementType: DataType.BFLOAT16 });
    expect(instanceConv.check(site, 21)).to.equal('Conv of bfloat16 needs opset 22; the model has 21');
    expect(instanceConv.check(site, 22)).to.equal(undefined);
  });
});
