import { expect } from 'chai';
import type { Net } from '../../../fixtures/build.ts';
import { instance } from '../../../src/find/standing/instance.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../../src/onnx/model.ts';
import { checked, errorsOf, findingsOf } from '../../support/checked.ts';
import { changeNodes, setValues } from '../../support/damage.ts';
import { CHANNELS, GROUPS, normsOf, type TorchOptions, torchGroupNorm } from '../../support/foreign.ts';

const VARIANTS: readonly TorchOptions[] = [
  ...(['constant', 'shape', 'pieces'] as const).flatMap((back) =>
    (['stored', 'unsqueezed', 'none'] as const).map((affine) => ({ back, affine })),
  ),
  { batch: 1 },
  { opset: 11 },
  { opset: 21, back: 'shape' },
  { opset: 18, back: 'shape', affine: 'unsqueezed', isRepeated: true },
];
const modelOf = (net: Net) => net.model();

describe('the recogniser instance', () => {
  for (const options of VARIANTS) {
    it(`knows what PyTorch writes: ${JSON.stringify(options)}`, async () => {
      // Unsqueeze takes its axes as an input from opset 13 on.
      const model = modelOf(torchGroupNorm(options));
      const norms = normsOf(model);
      expect(norms.length).to.equal(1);
      const [norm] = norms;
      expect(norm).to.deep.include({
        recogniser: instance.name,
        form: 'instance',
        norm: 'group',
        input: 'Conv_0_out',
        path: '',
        channels: CHANNELS,
        groups: GROUPS,
        epsilon: Math.fround(1e-3),
        elementType: DataType.FLOAT,
        flaws: [],
      });
      const last = options.affine === 'none' ? 'Reshape' : 'Add';
      expect(norm?.output).to.match(new RegExp(`^${last}_\\d+_out$`));
      const names = [norm?.scale?.name, norm?.bias?.name];
      expect(names).to.deep.equal(options.affine === 'none' ? [undefined, undefined] : ['gamma', 'beta']);
      expect(norm?.nodes.at(-1)?.output[0]).to.equal(norm?.output);

      const report = await checked(model, { run: true });
      expect(errorsOf(report)).to.deep.equal([]);
      expect(findingsOf(report).map(({ rule }) => rule)).to.deep.equal(['no-record']);
      const [site] = report.verification?.sites ?? [];
      expect(site).to.deep.include({ input: 'real', failed: [] });
      expect(site?.reference.error)
        .to.be.above(0)
        .and.below(site?.reference.bound ?? 0);
    });
  }

  it('finds flaws of a norm that is one but for them', () => {
    const flawsOf = (model: Model) => normsOf(model).flatMap(({ flaws }) => flaws.map(({ what }) => what));
    const model = modelOf(torchGroupNorm());
    expect(flawsOf(setValues(model, 'ones', () => [1, 2]))).to.deep.equal(['constants']);
    expect(flawsOf(setValues(model, 'zeros', () => [0, 1]))).to.deep.equal(['constants']);
    const repeated = modelOf(torchGroupNorm({ isRepeated: true, opset: 18 }));
    expect(flawsOf(setValues(repeated, 'ones', () => [2]))).to.deep.equal(['constants']);
    expect(flawsOf(setValues(repeated, 'zeros', () => [1]))).to.deep.equal(['constants']);
    expect(flawsOf(setValues(repeated, 'ones_count', () => [1]))).to.deep.equal(['constants']);
    expect(flawsOf(setValues(model, 'rows', () => [-1, GROUPS, 0]))).to.deep.equal(['shape']);
  });

  it('sees by running that a flawed one computes something else', async () => {
    const report = await checked(
      setValues(modelOf(torchGroupNorm()), 'ones', () => [1, 2]),
      { run: true },
    );
    expect(errorsOf(report)).to.deep.equal(['norm-constants', 'reference']);
    const constants = findingsOf(report).find(({ rule }) => rule === 'norm-constants');
    expect(constants?.remedy).to.match(/^If a trainer treated them as parameters, freeze them/);
  });

  it('knows one whose nodes have no names, or all the same', async () => {
    const { graph, ...rest } = modelOf(torchGroupNorm()).proto;
    for (const name of ['', 'node']) {
      const model = modelOf(torchGroupNorm());
      const renamed = withGraph(model, { ...graph, node: graph.node.map((it) => ({ ...it, name })) }, rest);
      expect(normsOf(renamed).length).to.equal(1);
      // ONNX Runtime takes no name twice.
      expect(errorsOf(await checked(renamed, { run: name === '' }))).to.deep.equal([]);
    }
  });

  const none: readonly (readonly [string, (model: Model) => Model])[] = [
    [
      'groups do not divide the channels',
      (it) =>
        setValues(
          setValues(it, 'rows', () => [0, 3, -1]),
          'ones',
          () => [1, 1, 1],
          [3],
        ),
    ],
    ['the shape is not of three dimensions', (it) => setValues(it, 'rows', () => [0, GROUPS, -1, 4], [4])],
    [
      'something else is between the normalisation and the way back',
      (it) =>
        changeNodes(it, 'InstanceNormalization_2', (node) => [
          { ...node, output: ['raw'] },
          { ...node, opType: 'Neg', name: 'Neg', input: ['raw'], output: node.output, attribute: [] },
        ]),
    ],
  ];
  for (const [what, change] of none) {
    it(`does not take it for a norm where ${what}`, () => {
      const names = normsOf(change(modelOf(torchGroupNorm()))).map(({ recogniser }) => recogniser);
      expect(names).not.to.include(instance.name);
    });
  }
});
