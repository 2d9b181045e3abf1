import { expect } from 'chai';
import { type Attributes, Net } from '../../fixtures/build.ts';
import { fold } from '../../src/gradient/fold.ts';
import { fuseActivations } from '../../src/gradient/fuse.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { type Alone, alone } from '../../src/gradient/proof-node.ts';
import { walk } from '../../src/gradient/walk.ts';
import { illegalities } from '../../src/graph/legal.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import { GRADIENTS } from '../../src/operators/gradients.ts';
import { numbersIn, type Value } from '../../src/runtime/session.ts';
import { distance } from '../operators/support/written.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, DOUBLE, INT32, INT64, BOOL } = DataType;

/** The one node of that operator in a net, cut out. */
async function cut(net: Net, opType: string, wrt: readonly string[], known: (name: string) => boolean = () => true) {
  const source = net.model();
  const { forward: whole, names, values, feeds } = await prepare(source, { sizes: {}, batch: 1, whole: true });
  const wanted = new Set(wrt);
  const forward = fold(fuseActivations(whole), wanted);
  const seeds = new Map(forward.outputs.map((name) => [name, `seed/${name}`]));
  const { differentiated } = walk(forward, seeds, wanted, names, new Map());
  const found = differentiated.filter(({ node }) => node.opType === opType);
  expect(found.length, opType).to.equal(1);
  const run = new Map(Object.entries({ ...values, ...feeds }).filter(([name]) => known(name)));
  const it = alone(source, forward, found[0] as (typeof found)[0], run, new Random(3), GRADIENTS);
  for (const model of [it.gradient, it.own, ...it.wide]) expect(illegalities(model)).to.deep.equal([]);
  return { it, run };
}

const typeOf = (model: Model, of: 'input' | 'output') =>
  model.proto.graph[of].map(({ name, type }) => [name, declaredType(type).elemType]);
const operators = (model: Model) => model.proto.graph.node.map(({ opType }) => opType);
const numbers = (value: Value | undefined) => Array.from(numbersIn(value));

/** What the float64 models compute of the feeds. */
async function wideOf({ wide, feeds }: Alone): Promise<number[][]> {
  const own = Object.fromEntries(
    Object.entries(feeds).map(([name, it]) => [
      name,
      it.type === FLOAT ? { ...it, type: DOUBLE, data: Float64Array.from(numbersIn(it)) } : it,
    ]),
  );
  const results: number[][] = [];
  for (const model of wide) {
    const [value] = Object.values(await runModel(model, own));
    expect(value?.type).to.equal(DOUBLE);
    results.push(numbers(value));
  }
  return results;
}

/** x · w with both of [2, 3], behind other nodes. */
function product(): Net {
  const net = new Net({ opset: 18 });
  const x = net.relu(net.input('x', [2, 3]));
  const y = net.node('Mul', [x, net.weight('w', [2, 3])], {}, { name: 'product', outputs: ['p'] });
  return net.output(net.node('Tanh', [y]), [2, 3]);
}

describe('gradient/proof-node', () => {
  it('cuts a node out, with inputs for what it reads and one for the gradient of its output', async () => {
    const { it } = await cut(product(), 'Mul', ['w', 'x']);
    expect([it.node.name, it.wanted, it.isSpelled]).to.deep.equal(['product', ['Relu_0_out', 'w'], false]);
    expect(operators(it.own)).to.deep.equal(['Mul']);
    expect(typeOf(it.own, 'input')).to.deep.equal([
      ['Relu_0_out', FLOAT],
      ['w', FLOAT],
    ]);
    expect([...it.seeds]).to.deep.equal([['p', 'd/p']]);
    expect(typeOf(it.gradient, 'input').map(([name]) => name)).to.deep.equal(['Relu_0_out', 'w', 'd/p']);
    expect(typeOf(it.gradient, 'output').map(([name]) => name)).to.have.members([...it.gradients.values()]);
    // The very gradient, by hand.
    const seed: Value = { type: FLOAT, dims: [2, 3], data: Float32Array.of(1, -2, 3, 0.5, 4, -1) };
    const results = await runModel(it.gradient, { ...it.feeds, 'd/p': seed });
    for (const [name, other] of [
      ['Relu_0_out', 'w'],
      ['w', 'Relu_0_out'],
    ] as const) {
      const expected = numbers(it.feeds[other]).map((value, at) => value * (seed.data[at] as number));
      const found = numbers(valueNamed(results, it.gradients.get(name) ?? ''));
      // One rounding to float32.
      expect(distance(found, expected), name).to.be.below(2 ** -23);
    }
  });

  it('computes in float64 what the node computes in float32, to its rounding', async () => {
    const { it } = await cut(product(), 'Mul', ['w', 'x']);
    expect(it.wide.map((model) => [typeOf(model, 'input'), typeOf(model, 'output')])).to.deep.equal([
      [
        [
          ['Relu_0_out', DOUBLE],
          ['w', DOUBLE],
        ],
        [['p', DOUBLE]],
      ],
    ]);
    const own = numbers(valueNamed(await runModel(it.own, it.feeds), 'p'));
    const [wide] = await wideOf(it);
    expect(wide).to.deep.equal(
      numbers(it.feeds.w).map((value, at) => value * (numbers(it.feeds.Relu_0_out)[at] as number)),
    );
    expect(own).to.deep.equal(wide?.map(Math.fround));
  });

  it('feeds the values of the run, moved by about a hundredth of their spread', async () => {
    const { it, run } = await cut(product(), 'Mul', ['w', 'x']);
    const [before, after] = [numbers(run.get('Relu_0_out')), numbers(it.feeds.Relu_0_out)];
    expect(
      before.some((value) => value === 0),
      'a Relu gives exact zeros',
    ).to.equal(true);
    const spread = Math.sqrt(before.reduce((sum, value) => sum + value * value, 0) / before.length);
    for (const [at, value] of after.entries()) {
      const moved = Math.abs(value - (before[at] as number)) / spread;
      // Five standard deviations; a random number that is exactly 0 has no chance.
      expect(moved, `${at}`).to.be.above(0).and.below(0.05);
    }
  });

  it('takes random values for what no run gave, and stored ones for parameters', async () => {
    const { it } = await cut(product(), 'Mul', ['w', 'x'], () => false);
    for (const value of Object.values(it.feeds)) {
      expect([value.type, value.dims]).to.deep.equal([FLOAT, [2, 3]]);
      expect(new Set(numbers(value)).size).to.equal(6);
    }
    const { it: part } = await cut(product(), 'Mul', ['x']);
    expect(Object.keys(part.feeds), 'a constant is not fed').to.deep.equal(['Relu_0_out']);
    expect(part.own.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(['w']);
    expect(part.wide[0]?.proto.graph.initializer.map((it) => [it.name, it.dataType])).to.deep.equal([['w', DOUBLE]]);
  });

  it('grows values that are all fainter than a thousandth to one half, and no others', async () => {
    const scaled = async (factor: number) => {
      const net = new Net({ opset: 18 });
      const x = net.node('Mul', [net.input('x', [4]), net.weight('f', [], [factor])], {}, { outputs: ['faint'] });
      const { it, run } = await cut(net.output(net.node('Tanh', [x], {}, { name: 'end' }), [4]), 'Tanh', ['x']);
      const most = (value: Value | undefined) => Math.max(...numbers(value).map(Math.abs));
      return [most(run.get('faint')), most(it.feeds.faint)] as const;
    };
    const [faint, grown] = await scaled(1e-8);
    expect(faint).to.be.below(1e-7);
    expect(grown).to.be.within(0.45, 0.55);
    const [large, same] = await scaled(0.1);
    expect(same / large).to.be.within(0.9, 1.1);
    // 0 all over stays, but for what it is moved by.
    const [none, moved] = await scaled(0);
    expect(none).to.equal(0);
    expect(moved).to.be.within(1e-4, 0.05);
  });

  it('keeps the sign of numbers that all have one, which roots and logarithms need', async () => {
    for (const sign of [1, -1]) {
      const net = new Net({ opset: 18 });
      // From a hundred-thousandth of the largest on: a hundredth of their spread is more than most of them.
      const scale = net.weight(
        'scale',
        [6],
        [1e-5, 1, 100, 1e-3, 1e-5, 1e-4].map((value) => sign * value),
      );
      net.node('Mul', [net.node('Exp', [net.input('x', [50, 6])]), scale], {}, { outputs: ['wide'] });
      const { it, run } = await cut(net.output(net.node('Abs', ['wide']), [50, 6]), 'Abs', ['x']);
      const fed = numbers(it.feeds.wide);
      expect(fed.every((value) => sign * value >= 0)).to.equal(true);
      expect(fed.some((value, at) => value !== numbers(run.get('wide'))[at])).to.equal(true);
    }
    const net = new Net({ opset: 18 });
    const { it } = await cut(net.output(net.node('Abs', [net.input('x', [50])]), [50]), 'Abs', ['x']);
    expect(numbers(it.feeds.x).some((value) => value < 0)).to.equal(true);
  });

  it('leaves −∞ where a mask put it, and moves what is finite', async () => {
    const net = new Net({ opset: 18 });
    net.node('Add', [net.input('x', [4]), net.weight('mask', [4], [0, -Infinity, 0, 0])], {}, { outputs: ['masked'] });
    const { it, run } = await cut(net.output(net.node('Softmax', ['masked']), [4]), 'Softmax', ['x']);
    const [before, after] = [numbers(run.get('masked')), numbers(it.feeds.masked)];
    expect(after[1]).to.equal(Number.NEGATIVE_INFINITY);
    for (const at of [0, 2, 3]) {
      expect(Math.abs((after[at] as number) - (before[at] as number)), `${at}`)
        .to.be.above(0)
        .and.below(0.1);
    }
  });

  it('feeds whole numbers as they were; 0 where no run gave any, and a mask with both of its values', async () => {
    for (const [type, list] of [
      [INT64, BigInt64Array],
      [INT32, Int32Array],
    ] as const) {
      const net = new Net({ opset: 18 });
      const y = net.node('Gather', [net.weight('table', [5, 3]), net.input('rows', [40], type)]);
      net.output(y, [40, 3]);
      const { it, run } = await cut(net, 'Gather', ['table']);
      expect(it.feeds.rows).to.equal(run.get('rows'));
      const { it: unknown } = await cut(net, 'Gather', ['table'], () => false);
      expect(unknown.feeds.rows?.data, `${type}`).to.be.instanceOf(list);
      expect(new Set(numbers(unknown.feeds.rows))).to.deep.equal(new Set([0]));
      await runModel(unknown.own, unknown.feeds);
    }
    const net = new Net({ opset: 18 });
    const kept = net.node('Where', [net.input('mask', [40], BOOL), net.input('x', [40]), net.weight('zero', [], [0])]);
    const { it } = await cut(net.output(kept, [40]), 'Where', ['x'], () => false);
    expect(new Set(numbers(it.feeds.mask))).to.deep.equal(new Set([0, 1]));
    await runModel(it.own, it.feeds);
  });

  it('feeds zeros of whatever width a table is looked up by', () => {
    // Of these types no operator with a gradient takes an input that is not stored; what is fed must still be legal.
    const types = new Map<DataType, unknown>([
      [DataType.UINT8, Uint8Array],
      [DataType.INT8, Int8Array],
      [DataType.UINT16, Uint16Array],
      [DataType.INT16, Int16Array],
      [DataType.UINT32, Uint32Array],
      [DataType.UINT64, BigUint64Array],
    ]);
    for (const [type, list] of types) {
      const net = new Net({ opset: 18 });
      net.node('Fake', [net.input('x', [2]), net.input('n', [3], type)], {}, { outputs: ['y'] });
      const source = net.output('y', [2]).model();
      const { inputs, outputs, nodes } = { inputs: net.inputs, outputs: ['y'], nodes: net.nodes };
      const values = { x: { type: FLOAT, dims: [2] }, n: { type, dims: [3] }, y: { type: FLOAT, dims: [2] } };
      const forward = { opset: 18, nodes, inputs, outputs, constants: new Map(), external: source.home.open };
      const rules = new Map([['Fake', { proof: 'linear', rule: () => [] } as const]]);
      const it = alone(
        source,
        { ...forward, types: new Map(Object.entries(values)) },
        { node: net.nodes[0] as Alone['node'], wanted: new Set(['x']) },
        new Map(),
        new Random(1),
        rules,
      );
      expect(it.feeds.n?.data, `${type}`).to.be.instanceOf(list);
      expect(it.feeds.n?.data.length).to.equal(3);
    }
  });

  it('asks for no gradient of indices that a node gives beside its floats, and feeds nothing for what it leaves out', async () => {
    const net = new Net({ opset: 18 });
    const x = net.input('x', [1, 1, 4, 4]);
    net.node('MaxPool', [x], { kernel_shape: [2, 2] }, { outputs: ['most', 'where'] });
    const clipped = net.node('Clip', ['most', '', net.weight('upper', [], [9])]);
    net.output(clipped, [1, 1, 3, 3]).output('where', [1, 1, 3, 3], INT64);
    const source = await cut(net, 'MaxPool', ['x']);
    expect([...source.it.seeds.keys()]).to.deep.equal(['most']);
    expect(typeOf(source.it.own, 'output')).to.deep.equal([['most', FLOAT]]);
    const { it } = await cut(net, 'Clip', ['x']);
    expect(Object.keys(it.feeds)).to.deep.equal(['most']);
  });

  it('feeds a value that a node reads twice once, and names its seed apart from every other value', async () => {
    const net = new Net({ opset: 18 });
    const x = net.input('d/y', [3]);
    net.node('Mul', [x, x], {}, { outputs: ['y'] });
    const { it } = await cut(net.output('y', [3]), 'Mul', ['d/y']);
    expect(Object.keys(it.feeds)).to.deep.equal(['d/y']);
    expect([...it.seeds.values()]).to.deep.equal(['d/y_2']);
    const seed: Value = { type: FLOAT, dims: [3], data: Float32Array.of(1, 2, 4) };
    const results = await runModel(it.gradient, { ...it.feeds, 'd/y_2': seed });
    const found = numbers(valueNamed(results, it.gradients.get('d/y') ?? ''));
    const expected = numbers(it.feeds['d/y']).map((value, at) => 2 * value * (seed.data[at] as number));
    expect(distance(found, expected)).to.be.below(2 ** -22);
  });

  it('holds a node that stands for several against those, in both widths', async () => {
    const net = new Net({ opset: 18 });
    const x = net.input('x', [2, 5]);
    const y = net.node('Mul', [x, net.node('HardSigmoid', [x], { alpha: { float: 1 / 6 } })]);
    const { it } = await cut(net.output(y, [2, 5]), 'HardSwish', ['x']);
    expect(operators(it.own)).to.deep.equal(['HardSigmoid', 'Mul']);
    expect(it.node.opType).to.equal('HardSwish');
    expect(Object.keys(it.feeds)).to.deep.equal(['x']);
    const exact = numbers(it.feeds.x).map((value) => (value * Math.min(6, Math.max(0, value + 3))) / 6);
    const own = numbers(Object.values(await runModel(it.own, it.feeds))[0]);
    expect(distance(own, exact)).to.be.below(1e-6);
  });

  const norms: readonly [
    op: string,
    inputs: readonly (readonly number[])[],
    attributes: Attributes,
    opset: number,
    stash?: number,
  ][] = [
    ['LayerNormalization', [[4], [4]], { axis: -1 }, 18, DOUBLE],
    ['GroupNormalization', [[6], [6]], { num_groups: 3 }, 21, DOUBLE],
    ['InstanceNormalization', [[6], [6]], {}, 18],
  ];
  for (const [op, sizes, attributes, opset, stash] of norms) {
    it(`spells ${op} for float64, and holds it against the node itself`, async () => {
      const net = new Net({ opset });
      const own = sizes.map((dims, at) => net.weight(`p${at}`, dims));
      const y = net.node(op, [net.input('x', [2, 6, 4]), ...own], attributes);
      const { it } = await cut(net.output(y, [2, 6, 4]), op, ['x', 'p0', 'p1']);
      expect(it.isSpelled).to.equal(true);
      expect(it.wide.map((model) => operators(model).includes(op))).to.deep.equal([false, true]);
      // Statistics in float32 would not be those of float64; GroupNormalization has the attribute from opset 21 on.
      const stashed = it.wide[1]?.proto.graph.node[0]?.attribute.find(({ name }) => name === 'stash_type')?.i;
      expect(stashed === undefined ? undefined : Number(stashed)).to.equal(stash);
      const float32 = numbers(valueNamed(await runModel(it.own, it.feeds), y));
      const [spelled = []] = await wideOf({ ...it, wide: it.wide.slice(0, 1) });
      expect(distance(float32, spelled)).to.be.below(1e-5);
    });
  }

  it('writes a Sigmoid for float64 as 1/(1 + exp(−x)), which has kernels', async () => {
    const net = new Net({ opset: 18 });
    const y = net.node('Sigmoid', [net.input('x', [7])]);
    const { it } = await cut(net.output(y, [7]), 'Sigmoid', ['x']);
    expect(it.wide.map(operators)).to.deep.equal([['Neg', 'Exp', 'Add', 'Reciprocal']]);
    const [wide] = await wideOf(it);
    const exact = numbers(it.feeds.x).map((value) => 1 / (1 + Math.exp(-value)));
    expect(wide?.length).to.equal(7);
    expect(distance(wide ?? [], exact)).to.be.below(1e-14);
  });

  it('makes a Cast one to float64, as all floats are there', async () => {
    const net = new Net({ opset: 18 });
    const y = net.node('Cast', [net.input('x', [3], DOUBLE)], { to: FLOAT });
    const { it } = await cut(net.output(y, [3]), 'Cast', ['x']);
    expect(it.feeds.x?.data).to.be.instanceOf(Float64Array);
    expect((await wideOf(it))[0]).to.deep.equal(numbers(it.feeds.x));
    expect(numbers(valueNamed(await runModel(it.own, it.feeds), y))).to.deep.equal(
      numbers(it.feeds.x).map(Math.fround),
    );
  });
});

describe('gradient/proof-node, of whole models', () => {
  it('proves float64 models, and floats that are float64 on the way', async () => {
    const net = new Net({ opset: 18, type: DOUBLE });
    const hidden = net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])]);
    const { proof } = await gradientOf(net.output(net.node('Tanh', [hidden]), [2, 4]).model(), { verify: true });
    expect(proof).to.include({ nodes: 2, kinds: 2, outputs: 0 });
    expect(proof?.untried).to.deep.equal([]);
    const mixed = new Net({ opset: 18 });
    const wide = mixed.node('Cast', [mixed.node('Mul', [mixed.input('x', [2, 3]), mixed.weight('w', [3])])], {
      to: DOUBLE,
    });
    const narrow = mixed.node('Cast', [mixed.node('Exp', [wide])], { to: FLOAT });
    const made = await gradientOf(mixed.output(narrow, [2, 3]).model(), { wrt: ['^w$'], verify: true });
    expect(made.proof).to.include({ nodes: 4 });
  });

  it('proves a loss with a mask and rows that its caller gives', async () => {
    const net = new Net({ opset: 18 });
    net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])], {}, { outputs: ['y'] });
    const loss = new Net({ opset: 18 });
    const rows = loss.node('Gather', [loss.input('y', [2, 4]), loss.input('row', [3], INT32)], { axis: 1 });
    const squares = loss.node('Mul', [rows, rows]);
    const kept = loss.node('Where', [loss.input('mask', [2, 3], BOOL), squares, loss.weight('zero', [], [0])]);
    loss.output(loss.node('ReduceMean', [kept], { keepdims: 0 }), []);
    const { proof, targets } = await gradientOf(net.output('y', [2, 4]).model(), { loss: loss.model(), verify: true });
    expect(targets).to.deep.equal(['row', 'mask']);
    expect(proof).to.include({ nodes: 5 });
    expect(proof?.error).to.be.below(1e-4);
  });

  it('proves a model with inputs of whole numbers: a table that is looked up', async () => {
    const net = new Net({ opset: 18 });
    const rows = net.node('Gather', [net.weight('table', [5, 3]), net.input('rows', [2], INT64)]);
    const y = net.node('MatMul', [rows, net.weight('w', [3, 4])]);
    const { proof, gradients } = await gradientOf(net.output(y, [2, 4]).model(), { verify: true });
    expect([...gradients.keys()]).to.have.members(['table', 'w']);
    expect(proof).to.include({ nodes: 2, kinds: 2 });
  });
});
