import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { float32Twin, twinnedTypes } from '../../src/graph/float32.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { decodeBfloat16, encodeBfloat16 } from '../../src/onnx/small-float.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { twinSite } from '../../src/rewrite/twin.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { initializersOf, nodesOf } from '../support/model-parts.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { swapFixture } from '../support/swapped.ts';

const { FLOAT, DOUBLE, FLOAT16, BFLOAT16, INT64 } = DataType;

describe('float32Twin', () => {
  for (const type of [DOUBLE, FLOAT16, BFLOAT16]) {
    it(`makes every float of type ${type} float32: weights, constants, Casts, inputs, outputs and inner types`, () => {
      const net = new Net({ type, opset: 17 });
      const weight = net.weight('w', [3], [1, 2.5, -4]);
      const x = net.node('Cast', [net.input('x', ['n', 3])], { to: type });
      const constant = net.node('Constant', [], { value: makeTensor('', type, [1], [0.5]) });
      net.node('Cast', [x], { to: INT64 });
      const random = net.node('RandomNormal', [], { dtype: type, shape: [3] });
      const twin = float32Twin(net.output(net.node('Sum', [x, weight, constant, random]), ['n', 3]).model());
      expect(initializersOf(twin).map((tensor) => [tensor.dataType, [...valuesOf(tensor)]])).to.deep.equal([
        [FLOAT, [1, 2.5, -4]],
      ]);
      const { input, output } = twin.proto.graph;
      expect([...input, ...output].map((it) => it.type?.tensorType?.elemType)).to.deep.equal([FLOAT, FLOAT]);
      const attributes = nodesOf(twin).flatMap(({ attribute }) => attribute);
      expect(attributes.flatMap(({ name, i }) => (name === 'to' || name === 'dtype' ? [Number(i)] : []))).to.deep.equal(
        [FLOAT, INT64, FLOAT],
      );
      expect(attributes.find(({ name }) => name === 'value')?.t?.dataType).to.equal(FLOAT);
    });
  }

  it('reaches sparse initializers', () => {
    const net = new Net({ type: DOUBLE });
    const values = makeTensor('s', DOUBLE, [1], [7]);
    const indices = makeTensor('i', INT64, [1], [2]);
    net.sparse.push(create('SparseTensorProto', { values, indices, dims: [4] }));
    const [sparse] = float32Twin(net.output(net.node('Identity', ['s'])).model()).proto.graph.sparseInitializer;
    expect([sparse?.values?.dataType, sparse?.indices?.dataType, sparse?.dims]).to.deep.equal([FLOAT, INT64, [4]]);
  });

  it('reaches subgraphs', async () => {
    const inner = new Net({ prefix: 'then/', type: DOUBLE });
    inner.output(inner.node('Add', ['x', inner.weight('w', [1], [1])]));
    const other = new Net({ prefix: 'else/', type: DOUBLE });
    other.output(other.node('Identity', ['x']));
    const net = new Net({ type: DOUBLE });
    net.input('x', [1]);
    const choice = net.input('choice', [], DataType.BOOL);
    net.output(
      net.node('If', [choice], { then_branch: { graph: inner.graph() }, else_branch: { graph: other.graph() } }),
    );
    const twin = float32Twin(net.model());
    const feeds = {
      x: { type: FLOAT, dims: [1], data: Float32Array.of(2) },
      choice: { type: DataType.BOOL, dims: [], data: Uint8Array.of(1) },
    };
    expect([...Array.from(numbersOf(valueNamed(await runModel(twin, feeds), 'If_0_out')) ?? [])]).to.deep.equal([3]);
  });

  it('computes what the model computes, to the precision of its type', async () => {
    const model = fixtureNamed('type-float64').build();
    const feeds = generateInputs(model, 0, 2, 8);
    const narrow = Object.fromEntries(
      Object.entries(feeds).map(([name, it]) => [
        name,
        { ...it, type: FLOAT, data: Float32Array.from(numbersOf(it) ?? []) },
      ]),
    );
    const output = model.proto.graph.output[0]?.name ?? '';
    const wide = numbersOf(valueNamed(await runModel(model, feeds), output)) ?? [];
    const twin = numbersOf(valueNamed(await runModel(float32Twin(model), narrow), output)) ?? [];
    expect(twin).to.have.length(wide.length);
    // A few roundings of numbers below 10, each 6e-8 of them.
    for (let i = 0; i < wide.length; i++) expect(twin[i]).to.be.closeTo(wide[i] as number, 1e-5);
  });

  it('leaves integers and float32 as they are', () => {
    const model = fixtureNamed('rank-4').build();
    const twin = float32Twin(model);
    expect(initializersOf(twin)).to.deep.equal(initializersOf(model));
  });
});

describe('twinnedTypes', () => {
  const model = (net: Net) => net.output(net.relu(net.input('x', ['n', 3])), ['n', 3]).model();

  it('names those of inputs, weights, constants and Casts, in subgraphs too', () => {
    expect(twinnedTypes(model(new Net({ type: FLOAT })))).to.deep.equal([]);
    expect(twinnedTypes(model(new Net({ type: DOUBLE })))).to.deep.equal([DOUBLE]);
    const mixed = new Net();
    const half = mixed.node('Cast', [mixed.input('x', ['n', 3])], { to: BFLOAT16 });
    mixed.node('Mul', [half, mixed.node('Constant', [], { value: makeTensor('', FLOAT16, [1], [0.5]) })]);
    const inner = new Net({ prefix: 'then/' });
    inner.weight('w', [1], [1], DOUBLE);
    mixed.node('If', ['c'], { then_branch: { graph: inner.graph() } });
    expect(twinnedTypes(mixed.model())).to.have.members([BFLOAT16, FLOAT16, DOUBLE]);
  });
});

describe('twinSite', () => {
  it('holds γ′ and β′ as the model does: rounded to its type', async () => {
    const { sites } = await swapFixture(fixtureNamed('type-bfloat16'));
    const [site] = sites;
    if (site === undefined) throw new RangeError('no site');
    const twin = twinSite(site).plan;
    expect(twin.site.elementType).to.equal(FLOAT);
    const rounded = Array.from(site.plan.scale, (value) => decodeBfloat16(encodeBfloat16(value)));
    expect(Array.from(twin.scale)).to.deep.equal(rounded);
    expect(rounded).not.to.deep.equal(Array.from(site.plan.scale));
  });
});
