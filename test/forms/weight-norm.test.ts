import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { weightNorm } from '../../src/forms/weight-norm.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { formSite } from '../support/form-site.ts';
import { swapFixture } from '../support/swapped.ts';

const operators = async (name: string) => {
  const { model } = await swapFixture(fixtureNamed(name), { to: 'weight' });
  return model.proto.graph.node.map(({ opType }) => opType);
};

const SPELLED = ['Mul', 'ReduceSum', 'Sqrt', 'Div', 'Mul'];

describe('forms/weight-norm', () => {
  it('is the weight’s length and direction, and the layer', async () => {
    expect(await operators('linear-conv-groups')).to.deep.equal([...SPELLED, 'Conv']);
    expect(await operators('linear-gemm-factors')).to.deep.equal([...SPELLED, 'Gemm']);
    expect(await operators('linear-transpose-groups')).to.deep.equal([
      'Reshape',
      ...SPELLED,
      'Reshape',
      'ConvTranspose',
    ]);
  });

  it('has axes as an attribute up to opset 12, and as an input from 13 on', async () => {
    for (const [name, inputs] of [
      ['opset-12', 1],
      ['opset-13', 2],
    ] as const) {
      const { sites } = await swapFixture(fixtureNamed(name), { to: 'weight' });
      const sum = sites[0]?.nodes.find(({ opType }) => opType === 'ReduceSum');
      expect(sum?.input.length).to.equal(inputs);
    }
  });

  it('computes in float32 where the weight has 16 bits', async () => {
    const { sites } = await swapFixture(fixtureNamed('type-float16'), { to: 'weight' });
    const casts = sites[0]?.nodes.filter(({ opType }) => opType === 'Cast');
    expect(casts?.length).to.equal(3);
  });

  it('sums as many squares as one channel has weights', async () => {
    const { search } = await swapFixture(fixtureNamed('linear-conv-groups'), { to: 'weight' });
    const before = search.sites[0]?.before;
    expect(typeof before === 'object' && weightNorm.weightTerms?.(before)).to.equal(27);
  });

  it('refuses sites without a layer, and bfloat16 below opset 13', () => {
    expect(weightNorm.check(formSite(), 17)).to.equal('it does not follow a linear layer');
    expect(weightNorm.check(formSite({ before: 'it is raining' }), 17)).to.equal('it is raining');
    expect(weightNorm.check(formSite({ elementType: DataType.FLOAT }), 17)).to.be.a('string');
  });
});
