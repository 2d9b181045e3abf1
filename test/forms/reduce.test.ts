import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { reduce } from '../../src/forms/reduce.ts';
import { Random } from '../../src/inputs/random.ts';
import { groupReference } from '../../src/norms/reference.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { dimsOf } from '../../src/onnx/tensor.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { formSite, outline, rowsOutline, spell } from '../support/form-site.ts';
import { describeOnFixtures } from '../support/form-tests.ts';
import { naiveGroupNorm } from '../support/naive.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { siteAlone, storedAffine } from '../support/site-model.ts';
import { swapSearch } from '../support/swapped.ts';

const MEAN = ['ReduceMean:MeanAxis3', 'ReduceMean:MeanAxis2', 'Reshape:MeanGroups', 'ReduceMean:MeanGroup'];
const REPEAT = ['Expand:MeanRepeat', 'Reshape:Mean'];
const VARIANCE = MEAN.map((role) => role.replace(':Mean', ':Variance'));
const TAIL = ['Add:AddEpsilon', 'Sqrt', 'Div', 'Mul', 'Add'];

describe('forms/reduce', () => {
  describeOnFixtures('reduce');

  it('averages the spatial axes one after the other, then the channels of each group', () => {
    const spelled = spell(reduce, formSite());
    const again = ['Expand:VarianceRepeat', 'Reshape:Variance'];
    expect(outline(spelled)).to.deep.equal([...MEAN, ...REPEAT, 'Sub', 'Mul:Square', ...VARIANCE, ...again, ...TAIL]);
    expect([...spelled.parameters]).to.deep.equal([
      ['scale', [8, 1, 1]],
      ['bias', [8, 1, 1]],
    ]);
  });

  it('averages a map that is known to be small at once', () => {
    const firstOf = (shape: readonly (number | undefined)[]) => outline(spell(reduce, formSite({ shape })))[0];
    expect(firstOf([undefined, 8, 32, 32])).to.equal('ReduceMean:MeanMap');
    expect(firstOf([undefined, 8, 8, 8, 8])).to.equal('ReduceMean:MeanMap');
    expect(firstOf([undefined, 8, 32, 33])).to.equal('ReduceMean:MeanAxis3');
    expect(firstOf([undefined, 8, undefined, 7])).to.equal('ReduceMean:MeanAxis3');
    expect(firstOf([undefined, 8, 7])).to.equal('ReduceMean:MeanAxis2');
    expect(firstOf([undefined, 8])).to.equal('Reshape:MeanGroups');
  });

  it('never reshapes the large tensor, and asks for no Shape, where the rank is known', () => {
    const { nodes } = spell(reduce, formSite());
    const small = nodes.filter(({ opType }) => opType === 'ReduceMean').flatMap(({ output }) => output);
    const makers = new Map(nodes.map((node) => [node.output[0], node]));
    for (const { input } of nodes.filter(({ opType }) => opType === 'Reshape')) {
      const before = makers.get(input[0] ?? '');
      expect(before?.opType === 'Expand' || small.includes(input[0] ?? '')).to.equal(true);
    }
    expect(nodes.map(({ opType }) => opType)).not.to.include('Shape');
  });

  it('needs no second stage for one channel a group, and no groups for one group', () => {
    const plain = (site: Parameters<typeof formSite>[0]) => outline(spell(reduce, formSite(site))).slice(0, 4);
    expect(plain({ groups: 8 })).to.deep.equal([...MEAN.slice(0, 2), 'Sub', 'Mul:Square']);
    expect(plain({ groups: 1 })).to.deep.equal([...MEAN.slice(0, 2), 'ReduceMean:MeanChannels', 'Sub']);
  });

  it('has axes as an attribute up to opset 17, and as an input from 18 on', () => {
    for (const [opset, inputs] of [
      [17, 1],
      [18, 2],
    ] as const) {
      const means = spell(reduce, formSite(), opset).nodes.filter(({ opType }) => opType === 'ReduceMean');
      for (const { input, attribute } of means) {
        expect(input.length).to.equal(inputs);
        expect(attribute.some(({ name }) => name === 'axes')).to.equal(inputs === 1);
      }
    }
  });

  it('repeats by Tile at opset 7, which has no Expand', () => {
    const operators = (opset: number) => spell(reduce, formSite(), opset).nodes.map(({ opType }) => opType);
    expect(operators(7)).to.include('Tile').and.not.include('Expand');
    expect(operators(8)).to.include('Expand').and.not.include('Tile');
  });

  it('takes one stage over [N, G, −1] where the rank is unknown', () => {
    const site = formSite({ shape: undefined });
    expect(reduce.oneStage(site)).to.equal(true);
    expect(reduce.oneStage(formSite())).to.equal(false);
    expect(outline(spell(reduce, site))).to.deep.equal([
      ...rowsOutline('Groups', true),
      'ReduceMean:Mean',
      'Sub',
      'Mul:Square',
      'ReduceMean:Variance',
      'Add:AddEpsilon',
      'Sqrt',
      'Div',
      ...rowsOutline('Channels'),
      'Mul',
      'Add',
      'Shape',
      'Reshape:Restore',
    ]);
  });

  it('computes 16-bit types in float32, and adds β′ in their own type', () => {
    const spelled = spell(reduce, formSite({ elementType: DataType.FLOAT16 }));
    const operators = outline(spelled);
    expect(operators[0]).to.equal('Cast:Widen');
    expect(operators.slice(-5)).to.deep.equal(['Cast:WidenScale', 'Div', 'Mul', 'Cast:Narrow', 'Add']);
    const epsilon = spelled.constants.find((tensor) => dimsOf(tensor).length === 0);
    expect(epsilon?.dataType).to.equal(DataType.FLOAT);
  });

  it('refuses bfloat16 below opset 13', () => {
    const site = formSite({ elementType: DataType.BFLOAT16 });
    expect(reduce.check(site, 12)).to.equal('bfloat16 needs opset 13; the model has 12');
    expect(reduce.check(site, 13)).to.equal(undefined);
  });

  it('is exact to 3e-6 of the largest value on groups of 1.6 million numbers', async () => {
    const dims = [1, 32, 320, 320];
    const net = new Net();
    net.output(net.bn(net.input('x', dims), 32), dims);
    const swapped = swapSearch(findSites(net.model()), { form: 'reduce', groups: 2 });
    const [it] = swapped.sites;
    if (it === undefined) throw new RangeError('no site');
    const random = new Random(5);
    const x = Float32Array.from({ length: 32 * 320 * 320 }, () => 2 + 3 * random.normal());
    const feeds = { x: { type: DataType.FLOAT, dims, data: x } };
    const y = numbersOf(valueNamed(await runModel(siteAlone(swapped, it), feeds), it.plan.site.output)) ?? [];

    const { epsilon } = it.plan;
    const { scale, bias } = storedAffine(swapped, it);
    const oracles = [
      groupReference(x, dims, { channels: 32, groups: 2, epsilon, scale, bias }),
      naiveGroupNorm(x, dims, 2, epsilon, scale, bias),
    ];
    for (const { values } of oracles) {
      let [error, largest] = [0, 0];
      for (let i = 0; i < values.length; i++) {
        error = Math.max(error, Math.abs((y[i] as number) - (values[i] as number)));
        largest = Math.max(largest, Math.abs(values[i] as number));
      }
      // No sum is longer than 320, so √n u is 1e-6; one stage, over 1.6 million, is wrong by up to 1e-4.
      expect(error / largest).to.be.below(3e-6);
    }
  });
});
