import { expect } from 'chai';
import { mulAdd } from '../../src/forms/mul-add.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { formSite, outline, rowsOutline, spell } from '../support/form-site.ts';

const { BFLOAT16, DOUBLE, FLOAT, FLOAT16 } = DataType;

describe('forms/mul-add', () => {
  it('is two nodes, with s and t of [C, 1, …]', () => {
    const spelled = spell(mulAdd, formSite());
    expect(outline(spelled)).to.deep.equal(['Mul', 'Add']);
    expect([...spelled.parameters.values()]).to.deep.equal([
      [8, 1, 1],
      [8, 1, 1],
    ]);
    expect(spelled.nodes.at(-1)?.output).to.deep.equal(['y']);
  });

  it('is wrapped in Cast for 16-bit types, and in Reshape where the rank is unknown', () => {
    const operators = (changes: Parameters<typeof formSite>[0]) => outline(spell(mulAdd, formSite(changes)));
    const half = ['Cast:Widen', 'Mul', 'Add', 'Cast:Narrow'];
    expect(operators({ elementType: FLOAT16 })).to.deep.equal(half);
    const unknown = [...rowsOutline('Channels'), 'Mul', 'Add', 'Shape', 'Reshape:Restore'];
    expect(operators({ shape: undefined })).to.deep.equal(unknown);
    const both = operators({ shape: undefined, elementType: FLOAT16 });
    expect(both).to.deep.equal(['Cast:Widen', ...unknown, 'Cast:Narrow']);
  });

  it('stores its numbers in float32 for 16-bit types', () => {
    expect([FLOAT, FLOAT16, BFLOAT16, DOUBLE].map((type) => mulAdd.parameterType?.(type))).to.deep.equal([
      FLOAT,
      FLOAT,
      FLOAT,
      DOUBLE,
    ]);
    expect(mulAdd.check(formSite({ elementType: BFLOAT16 }), 12)).to.equal('bfloat16 needs opset 13; the model has 12');
  });
});
