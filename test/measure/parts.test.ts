import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { partsThatFit, valueNames, valuesAt } from '../../src/measure/parts.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { rejection } from '../support/errors.ts';
import { countedHome } from '../support/home.ts';
import { swapFixture } from '../support/swapped.ts';

describe('partsThatFit', () => {
  it('knows the sizes of the run, and fills each part before the next', async () => {
    const { model, sites } = await swapFixture(fixtureNamed('shared-everything'));
    expect(sites.length).to.be.above(1);
    const limits = { inputs: generateInputs(model, 0, 2, 8) };
    const seen: number[][] = [];
    const one = (dims: readonly number[]) => {
      seen.push([...dims]);
      return 1;
    };
    const names = async (memory: number) =>
      (await partsThatFit(model, sites, one, { ...limits, memory })).map((part) => part.length);
    expect(await names(sites.length)).to.deep.equal([sites.length]);
    expect(seen[0]).to.have.length(4);
    expect(await names(1)).to.deep.equal(sites.map(() => 1));
    expect(await names(0)).to.deep.equal(sites.map(() => 1));
    expect(await partsThatFit(model, [], one, { ...limits, memory: 1 })).to.deep.equal([]);
  });
});

describe('partsThatFit, of values whose sizes only a run can tell', () => {
  it('asks a run for them', async () => {
    const net = new Net();
    const found = net.node('NonZero', [net.input('x', [1, 3])], {}, { outputs: ['found'] });
    net.output(net.node('Cast', [found], { to: DataType.FLOAT }, { outputs: ['floats'] }));
    const { sites } = await swapFixture(fixtureNamed('rank-4'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const asked = { ...site, plan: { ...site.plan, site: { ...site.plan.site, input: 'floats' } } };
    const seen: (readonly number[])[] = [];
    const one = (dims: readonly number[]) => seen.push(dims);
    const x = { type: DataType.FLOAT, dims: [1, 3], data: Float32Array.of(5, 0, 7) };
    expect(await partsThatFit(net.model(), [asked], one, { inputs: { x }, memory: 1 })).to.deep.equal([[asked]]);
    expect(seen).to.deep.equal([[2, 2]]);
  });

  it('asks no run if the source tells', async () => {
    const known = new Net();
    known.output(known.node('Relu', [known.input('x', [1, 3])], {}, { outputs: ['y'] }), [1, 3]);
    const hidden = new Net();
    const shape = hidden.node('Shape', [hidden.input('x', [1, 3])]);
    hidden.output(hidden.node('Reshape', [hidden.node('NonZero', ['x']), shape], {}, { outputs: ['y'] }));
    const { sites } = await swapFixture(fixtureNamed('rank-4'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const asked = { ...site, plan: { ...site.plan, site: { ...site.plan.site, input: 'y' } } };
    const home = countedHome();
    const seen: (readonly number[])[] = [];
    const x = { type: DataType.FLOAT, dims: [1, 3], data: Float32Array.of(5, 0, 7) };
    const limits = { inputs: { x }, memory: 1, source: known.model() };
    await partsThatFit({ ...hidden.model(), home }, [asked], (dims) => seen.push(dims), limits);
    expect(seen).to.deep.equal([[1, 3]]);
    expect(home.loaded()).to.equal(0);
  });
});

describe('valueNames', () => {
  it('are inputs, initializers and what nodes make', async () => {
    const { model } = await swapFixture(fixtureNamed('rank-4'));
    const { graph } = model.proto;
    const names = valueNames(model);
    for (const { name } of [...graph.input, ...graph.initializer, ...graph.output]) expect(names).to.include(name);
    expect(names).not.to.include('no such value');
  });
});

describe('valuesAt', () => {
  it('runs what is behind the values only where that may change how they are computed', async () => {
    const net = new Net();
    let y = net.node('Relu', [net.input('x', [1, 3])], {}, { outputs: ['found'] });
    // Three numbers are no table of five columns.
    y = net.node('Reshape', [y, net.weight('shape', [2], [-1, 5], DataType.INT64)]);
    for (let i = 0; i < 12; i++) y = net.node('Relu', [y]);
    const model = net.output(y).model();
    const x = { type: DataType.FLOAT, dims: [1, 3], data: Float32Array.of(5, 0, -7) };
    const plain = { inputs: { x }, settings: { optimize: false } };
    expect((await valuesAt(model, ['found'], plain)).found?.data).to.deep.equal(Float32Array.of(5, 0, 0));
    expect((await rejection(valuesAt(model, ['found'], { inputs: { x } }))).code).to.equal('runtime-failed');
  });
});
