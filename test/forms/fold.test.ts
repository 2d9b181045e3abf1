import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { fold } from '../../src/forms/fold.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { formSite } from '../support/form-site.ts';
import { swapFixture } from '../support/swapped.ts';

const folded = (name: string) => swapFixture(fixtureNamed(name), { to: 'frozen', fold: true });

describe('forms/fold', () => {
  it('leaves the layer alone, with another weight and bias under their names', async () => {
    const { model, plan } = await folded('linear-conv-groups');
    const { node, initializer } = model.proto.graph;
    expect(node.map(({ opType }) => opType)).to.deep.equal(['Conv']);
    expect(node[0]?.input).to.deep.equal(['x', 'W', 'b']);
    expect(initializer.map(({ name }) => name).sort()).to.deep.equal(['W', 'b']);
    expect(plan.sites[0]?.notes).to.deep.equal([]);
  });

  it('multiplies each output channel of a grouped ConvTranspose by its own slope', async () => {
    const { model, search, plan } = await folded('linear-transpose-groups');
    const [before, after] = [search.model, model].map(({ proto }) => {
      const found = proto.graph.initializer.find(({ name }) => name === 'W');
      return valuesOf(found as NonNullable<typeof found>);
    }) as [Float64Array, Float64Array];
    const slopes = plan.sites[0]?.scale ?? [];
    for (let i = 0; i < before.length; i++) {
      // [6 inputs, 16 outputs of a group, 2, 2]; inputs 3–5 make the second 16.
      const c = (Math.floor(i / 4) % 16) + (i < before.length / 2 ? 0 : 16);
      expect(after[i]).to.equal(Math.fround((before[i] as number) * (slopes[c] as number)));
    }
  });

  it('makes the bias of a Gemm what it is to be, whatever it was multiplied by', async () => {
    const { model } = await folded('linear-gemm-factors');
    const names = model.proto.graph.node[0]?.attribute.map(({ name }) => name);
    expect(names).to.have.members(['alpha', 'transB']);
  });

  it('adds a bias to MatMul', async () => {
    expect(fold.takesIn).to.equal(true);
    const site = formSite({ elementType: DataType.FLOAT });
    expect(fold.check(site, 17)).to.equal('it does not follow a linear layer');
  });

  it('is left where another node needs the weight or the output, and the plan says so', async () => {
    const notes = async (name: string) => (await folded(name)).plan.sites.map(({ form, notes }) => [form, ...notes]);
    expect(await notes('linear-shared-weight')).to.deep.equal([
      ['mul-add', 'not folded: the weight of the Conv before it has other readers'],
      ['mul-add', 'not folded: the weight of the Conv before it has other readers'],
    ]);
    expect(await notes('linear-read-twice')).to.deep.equal([
      ['mul-add', 'not folded: the output of the Conv before it has other readers'],
    ]);
  });
});
