import { expect } from 'chai';
import { instance } from '../../src/forms/instance.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { formSite, outline, rowsOutline, spell } from '../support/form-site.ts';
import { describeOnFixtures } from '../support/form-tests.ts';

describe('forms/instance', () => {
  describeOnFixtures('instance');

  it('restores the shape by a constant where at most one spatial axis is open', () => {
    const spelled = spell(instance, formSite({ shape: [undefined, 8, 5, undefined], plain: true }));
    expect(outline(spelled)).to.deep.equal([
      'Reshape:Groups',
      'InstanceNormalization',
      'Reshape:Restore',
      'Mul',
      'Add',
    ]);
    const shapes = spelled.constants.filter(({ dataType }) => dataType === DataType.INT64);
    expect(shapes.map((tensor) => [...valuesOf(tensor)])).to.deep.equal([
      [0, 2, -1],
      [0, 8, 5, -1],
    ]);
    expect([...spelled.parameters.values()]).to.deep.equal([
      [8, 1, 1],
      [8, 1, 1],
    ]);
  });

  it('restores the shape by Shape(x) where two are', () => {
    expect(outline(spell(instance, formSite({ plain: true })))).to.deep.equal([
      'Reshape:Groups',
      'InstanceNormalization',
      'Shape',
      'Reshape:Restore',
      'Mul',
      'Add',
    ]);
  });

  it('applies γ′ and β′ to [N, C, −1] where the rank is unknown', () => {
    const spelled = spell(instance, formSite({ shape: undefined }));
    const end = ['Mul', 'Add', 'Shape', 'Reshape:Restore'];
    expect(outline(spelled)).to.deep.equal([
      ...rowsOutline('Groups', true),
      'InstanceNormalization',
      ...rowsOutline('Channels'),
      ...end,
    ]);
    expect([...spelled.parameters.values()]).to.deep.equal([
      [8, 1],
      [8, 1],
    ]);
    const plain = outline(spell(instance, formSite({ shape: undefined, plain: true })));
    expect(plain).to.deep.equal(['Reshape:Groups', 'InstanceNormalization', 'Reshape:Channels', ...end]);
  });

  it('gives γ′ and β′ the shape [C] in rank 2', () => {
    expect([...spell(instance, formSite({ shape: [2, 8] })).parameters.values()]).to.deep.equal([[8], [8]]);
  });

  it('normalises 16-bit types in float32', () => {
    for (const elementType of [DataType.FLOAT16, DataType.BFLOAT16]) {
      const spelled = spell(instance, formSite({ elementType, shape: [1, 8, 2, 2] }));
      expect(outline(spelled)).to.deep.equal([
        'Cast:Widen',
        'Reshape:Groups',
        'InstanceNormalization',
        'Reshape:Restore',
        'Cast:Narrow',
        'Mul',
        'Add',
      ]);
      const floats = spelled.constants.filter(({ dataType }) => dataType !== DataType.INT64);
      expect(floats.map(({ dataType }) => dataType)).to.deep.equal([DataType.FLOAT, DataType.FLOAT]);
    }
  });

  it('refuses bfloat16 below opset 13, where Cast and Mul do not take it', () => {
    const site = formSite({ elementType: DataType.BFLOAT16 });
    expect(instance.check(site, 12)).to.equal('bfloat16 needs opset 13; the model has 12');
    expect(instance.check(site, 13)).to.equal(undefined);
    expect(instance.check(formSite({ elementType: DataType.FLOAT16 }), 7)).to.equal(undefined);
  });
});
