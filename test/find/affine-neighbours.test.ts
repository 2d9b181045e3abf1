import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import type { Site } from '../../src/find/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';

const operators = ({ neighbours }: Site) => neighbours?.nodes.map(({ opType }) => opType);
const of = (model: Model) => findSites(model).sites;

describe('affineNeighbours', () => {
  it('finds Mul and Add of one constant a channel behind a norm', () => {
    const [site] = of(fixtureNamed('mul-add-after').build()) as [Site];
    expect(operators(site)).to.deep.equal(['Mul', 'Add']);
    expect(site.neighbours?.input).to.equal(site.input);
    expect(site.neighbours?.output).not.to.equal(site.output);
  });

  it('finds them before a norm', () => {
    const [site] = of(fixtureNamed('mul-add-before').build()) as [Site];
    expect(operators(site)).to.deep.equal(['Mul', 'Sub']);
    expect(site.neighbours?.output).to.equal(site.output);
    expect(site.neighbours?.input).not.to.equal(site.input);
  });

  it('gives what stands between two norms to the first', () => {
    const sites = of(fixtureNamed('affine-all-around').build());
    expect(sites.map(operators)).to.deep.equal([
      ['Div', 'Mul'],
      ['Add', 'Sub'],
    ]);
  });

  it('leaves what others read, what is not per channel, and factors of 0 before a norm', () => {
    const sites = of(fixtureNamed('affine-not-absorbable').build());
    expect(sites.map(operators)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('composes lines in the order of the graph', () => {
    const net = new Net();
    const x = net.input('x', [1, 2, 3, 3]);
    const y = net.bn(net.node('Add', [net.node('Mul', [x, net.weight('a', [], [3])]), net.weight('b', [], [5])]), 2);
    const minus = net.node('Sub', [net.weight('c', [2, 1, 1], [7, 8]), y]);
    const [site] = of(net.output(net.node('Div', [minus, net.weight('d', [], [2])])).model()) as [Site];
    expect(site.neighbours?.before).to.deep.equal({
      factor: Float64Array.of(3, 3),
      summand: Float64Array.of(5, 5),
    });
    expect(site.neighbours?.after).to.deep.equal({
      factor: Float64Array.of(-0.5, -0.5),
      summand: Float64Array.of(3.5, 4),
    });
  });

  const NOT = [
    ['a constant over the quotient', (net: Net, y: string) => net.node('Div', [net.weight('c', [], [2]), y])],
    ['a square', (net: Net, y: string) => net.node('Mul', [y, y])],
    [
      'an operator called as what every object has',
      (net: Net, y: string) => net.node('toString', [y, net.weight('c', [], [2])]),
    ],
    ['two values', (net: Net, y: string) => net.node('Add', [y, 'x'])],
    ['a constant of a higher rank', (net: Net, y: string) => net.node('Add', [y, net.weight('c', [1, 1, 8, 1, 1])])],
    ['one a column', (net: Net, y: string) => net.node('Add', [y, net.weight('c', [8])])],
    ['a division by 0', (net: Net, y: string) => net.node('Div', [y, net.weight('c', [], [0])])],
  ] as const;
  for (const [what, add] of NOT) {
    it(`leaves ${what}`, () => {
      const net = new Net();
      const y = net.bn(net.input('x', [1, 8, 8, 8]), 8);
      const [site] = of(net.output(add(net, y)).model()) as [Site];
      expect(site.neighbours).to.equal(undefined);
    });
  }

  it('leaves a value of the graph that is also its output', () => {
    const net = new Net();
    const y = net.bn(net.input('x', [1, 8, 4, 4]), 8);
    net.output(y);
    const [site] = of(net.output(net.node('Mul', [y, net.weight('c', [], [2])])).model()) as [Site];
    expect(site.neighbours).to.equal(undefined);
  });

  it('leaves what widens an input of one channel', () => {
    const net = new Net();
    const x = net.input('x', [1, 1, 4, 4]);
    const wide = net.node('Mul', [x, net.weight('c', [8, 1, 1])]);
    const [site] = of(net.output(net.bn(wide, 8), [1, 8, 4, 4]).model()) as [Site];
    expect(site.neighbours).to.equal(undefined);
  });

  it('leaves constants of another type', () => {
    const net = new Net({ type: DataType.FLOAT16 });
    const x = net.input('x', [1, 8, 4, 4]);
    const y = net.node('Cast', [net.bn(x, 8)], { to: DataType.FLOAT });
    const model = net.output(net.node('Mul', [y, net.weight('c', [], [2], DataType.FLOAT)]), undefined, DataType.FLOAT);
    expect((of(model.model()) as [Site])[0].neighbours).to.equal(undefined);
  });
});
