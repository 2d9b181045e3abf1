import { expect } from 'chai';
import { renorm } from '../../src/forms/renorm.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { formSite, outline, rowsOutline, spell } from '../support/form-site.ts';

const MEAN = ['ReduceMean:MeanAxis3', 'ReduceMean:MeanAxis2', 'ReduceMean:Mean'];

describe('forms/renorm', () => {
  it('averages the axes one after the other, the batch last', () => {
    const operators = outline(spell(renorm, formSite({ groups: 8 })));
    expect(operators.slice(0, 3)).to.deep.equal(MEAN);
    expect(operators.slice(3, 8)).to.deep.equal([
      'Sub',
      'Mul:Square',
      ...MEAN.map((role) => role.replace(':Mean', ':Variance')),
    ]);
    expect(operators.at(-1)).to.equal('Add');
  });

  it('names r and d, at which a trainer has to stop the gradient', () => {
    const made = spell(renorm, formSite()).nodes.map(({ output }) => output[0]);
    expect(made).to.include.members(['site/R', 'site/D']);
  });

  it('runs on [N, C, −1] where the rank is unknown, and in float32 for 16-bit types', () => {
    const operators = outline(spell(renorm, formSite({ shape: undefined, elementType: DataType.FLOAT16 })));
    expect(operators.slice(0, 8)).to.deep.equal(['Cast:Widen', ...rowsOutline('Channels')]);
    expect(operators.slice(-3)).to.deep.equal(['Shape', 'Reshape:Restore', 'Cast:Narrow']);
  });

  it('refuses opset 7, where Min and Max do not broadcast', () => {
    expect(renorm.check(formSite(), 7)).to.equal('Min and Max need opset 8 to broadcast; the model has 7');
    expect(renorm.check(formSite(), 8)).to.equal(undefined);
  });
});
