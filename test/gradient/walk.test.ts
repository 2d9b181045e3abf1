import { expect } from 'chai';
import { type Attributes, Net } from '../../fixtures/build.ts';
import type { Forward } from '../../src/gradient/forward.ts';
import { needed, type Walked, walk } from '../../src/gradient/walk.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Names } from '../../src/onnx/names.ts';
import type { NodeProto, TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor, noExternalData } from '../../src/onnx/tensor.ts';
import { makeValueInfo } from '../../src/onnx/value-type.ts';
import { ends, type Gradient, linear, spelled } from '../../src/operators/gradient-rule.ts';
import { numbersIn, type Value } from '../../src/runtime/session.ts';
import { thrown } from '../support/errors.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, INT64, BOOL } = DataType;

/** Rules of operators that do not exist, each known by what it multiplies the gradient with. */
const RULES = new Map<string, Gradient>([
  ['Twice', linear((g, dy) => [g.op('Mul', [dy, g.scalar(2)])])],
  ['Both', linear((_, dy) => [dy, dy])],
  ['Ends', ends],
  ['Refuses', linear((g) => g.refuse('its mode is new', 'Use another mode'))],
  [
    'Breaks',
    linear(() => {
      throw new RangeError('a fault of the rule');
    }),
  ],
  ['Held', { ...linear((_, dy) => [dy, dy]), held: { inputs: [1], what: 'factor' } }],
  ['Nothing', linear(() => [])],
]);

/** A graph of these nodes: values are [2] of float32 unless they are named here. */
function graph(
  nodes: readonly NodeProto[],
  types: Readonly<Record<string, DataType>> = {},
  more: Partial<Forward> = {},
) {
  const names = new Set(nodes.flatMap(({ input, output }) => [...input, ...output]));
  const made = new Set(nodes.flatMap(({ output }) => output));
  const typeOf = (name: string) => ({ type: types[name] ?? FLOAT, dims: [2] });
  const inputs = [...names].filter((name) => name !== '' && !made.has(name));
  const forward: Forward = {
    opset: 18,
    nodes,
    inputs: inputs.map((name) => makeValueInfo(name, typeOf(name).type, [2])),
    outputs: [],
    constants: new Map(),
    types: new Map([...names].map((name) => [name, typeOf(name)])),
    external: noExternalData,
    ...more,
  };
  return forward;
}

let count = 0;
const node = (opType: string, inputs: string, output: string, attributes = {}) =>
  makeNode(opType, inputs.split(' '), output.split(' '), `n${++count}`, attributes);

function walked(
  forward: Forward,
  seeds: readonly string[],
  wrt: readonly string[],
  rules: typeof RULES = RULES,
): Walked {
  const names = { values: new Names(forward.types.keys()), nodes: new Names(forward.nodes.map(({ name }) => name)) };
  const own = new Map(seeds.map((name) => [name, `d/${name}`]));
  return walk(forward, own, new Set(wrt), names, new Map<string, TensorProto>(), rules);
}

const operators = (nodes: readonly NodeProto[]) => nodes.map(({ opType }) => opType);
const entries = (it: Walked) => Object.fromEntries(it.gradients);

describe('gradient/walk', () => {
  it('writes the gradients of what is wanted, last node first, through what lies between', () => {
    const forward = graph([node('Twice', 'x', 'a'), node('Twice', 'a', 'y')]);
    const it = walked(forward, ['y'], ['x']);
    expect(operators(it.backward)).to.deep.equal(['Mul', 'Mul']);
    expect(it.backward[0]?.input[0]).to.equal('d/y');
    expect(it.backward[1]?.input[0]).to.equal(it.backward[0]?.output[0]);
    expect(entries(it)).to.deep.equal({ x: it.backward[1]?.output[0] });
    expect(it.differentiated.map((one) => [one.node.output[0], [...one.wanted]])).to.deep.equal([
      ['y', ['a']],
      ['a', ['x']],
    ]);
    expect(it.forward).to.deep.equal(forward.nodes);
  });

  it('hands the first gradient on where nothing stands between, and knows none where nothing leads', () => {
    const forward = graph([node('Twice', 'x', 'y'), node('Twice', 'u', 'v')]);
    expect(entries(walked(forward, ['x'], ['x']))).to.deep.equal({ x: 'd/x' });
    const it = walked(forward, ['y'], ['u']);
    expect([entries(it), it.backward, it.differentiated, it.obstacles]).to.deep.equal([{}, [], [], []]);
  });

  it('adds what arrives from several readers, and from one that reads twice, before it goes on', () => {
    const forward = graph([node('Twice', 'x', 'a'), node('Both', 'a a', 'b'), node('Twice', 'a', 'c')]);
    const it = walked(forward, ['b', 'c'], ['x']);
    // Of c, then both of b; summed once; then that of a.
    expect(operators(it.backward)).to.deep.equal(['Mul', 'Add', 'Add', 'Mul']);
    const [fromC, first, second, last] = it.backward;
    expect(first?.input).to.deep.equal([fromC?.output[0], 'd/b']);
    expect(second?.input).to.deep.equal([first?.output[0], 'd/b']);
    expect(last?.input[0]).to.equal(second?.output[0]);
  });

  it('adds the gradient that a value begins with to what comes from its readers', () => {
    const it = walked(graph([node('Twice', 'x', 'a'), node('Twice', 'a', 'y')]), ['a', 'y'], ['x']);
    expect(operators(it.backward)).to.deep.equal(['Mul', 'Add', 'Mul']);
    expect(it.backward[1]?.input).to.deep.equal(['d/a', it.backward[0]?.output[0]]);
  });

  it('writes nothing for inputs that nothing wanted hangs on, and for nodes that the loss does not hang on', () => {
    const forward = graph([
      node('Twice', 'u', 'other'),
      node('Twice', 'x', 'a'),
      node('Both', 'a other', 'y'),
      node('Twice', 'a', 'unused'),
    ]);
    const it = walked(forward, ['y'], ['x']);
    expect(it.differentiated.map((one) => [one.node.output[0], [...one.wanted]])).to.deep.equal([
      ['y', ['a']],
      ['a', ['x']],
    ]);
    expect(operators(it.backward)).to.deep.equal(['Mul']);
  });

  it('leaves out nodes that a rule wrote and no gradient is made of', () => {
    const rules = new Map(RULES).set(
      'Wasteful',
      linear((g, dy) => [dy, g.op('Exp', [dy])]),
    );
    const it = walked(graph([node('Wasteful', 'x u', 'y')]), ['y'], ['x'], rules);
    expect(entries(it)).to.deep.equal({ x: 'd/y' });
    expect(it.backward).to.deep.equal([]);
  });

  it('ends where an operator passes none, at whole numbers, and at values that count as constant', () => {
    expect(entries(walked(graph([node('Ends', 'x', 'y')]), ['y'], ['x']))).to.deep.equal({});
    const through = [node('Twice', 'x', 'n'), node('Twice', 'n', 'y')];
    expect(entries(walked(graph(through, { n: INT64 }), ['y'], ['x']))).to.deep.equal({});
    expect(entries(walked(graph(through, { n: BOOL }), ['y'], ['x']))).to.deep.equal({});
    const stopped = walked(graph(through, {}, { stops: new Set(['n']) }), ['y'], ['x']);
    expect([entries(stopped), stopped.obstacles]).to.deep.equal([{}, []]);
    // Without, all of these would be differentiated.
    expect(walked(graph(through), ['y'], ['x']).gradients.size).to.equal(1);
  });

  it('goes on beside an end', () => {
    const it = walked(graph([node('Ends', 'x', 'a'), node('Both', 'x a', 'y')]), ['y'], ['x']);
    expect(entries(it)).to.deep.equal({ x: 'd/y' });
    expect(it.differentiated.map(({ wanted }) => [...wanted])).to.deep.equal([['x']]);
  });

  it('does not go through an input that its rule holds, by position', () => {
    expect(entries(walked(graph([node('Held', 'u x', 'y')]), ['y'], ['x']))).to.deep.equal({});
    expect(entries(walked(graph([node('Held', 'x u', 'y')]), ['y'], ['x']))).to.deep.equal({ x: 'd/y' });
  });

  it('collects every node in the way with its reason, and none that is beside it', () => {
    const forward = graph([
      node('Unknown', 'x', 'a'),
      node('Refuses', 'x', 'b'),
      node('Unknown', 'u', 'c'),
      node('Both', 'a b', 'd'),
      node('Both', 'd c', 'y'),
      node('Unknown', 'x', 'aside'),
    ]);
    const { obstacles, gradients } = walked(forward, ['y'], ['x']);
    expect(obstacles).to.deep.equal([
      { node: forward.nodes[1], reason: 'its mode is new', remedy: 'Use another mode' },
      { node: forward.nodes[0], reason: 'it has no gradient rule', remedy: undefined },
    ]);
    expect(gradients.size).to.equal(0);
  });

  it('knows the rules of the standard domain alone, under both of its names', () => {
    const own = (domain: string) => ({ ...node('Twice', 'x', 'y'), domain });
    expect(walked(graph([own('ai.onnx')]), ['y'], ['x']).gradients.size).to.equal(1);
    const { obstacles } = walked(graph([own('com.example')]), ['y'], ['x']);
    expect(obstacles.map(({ reason }) => reason)).to.deep.equal(['it has no gradient rule']);
  });

  it('does not hide a fault of a rule as a refusal', () => {
    const work = () => walked(graph([node('Breaks', 'x', 'y')]), ['y'], ['x']);
    expect(work).to.throw(RangeError, 'a fault of the rule');
  });

  it('takes a rule that gives no gradient for one of zero', () => {
    const it = walked(graph([node('Twice', 'x', 'a'), node('Nothing', 'a', 'y')]), ['y'], ['x']);
    expect([entries(it), it.obstacles]).to.deep.equal([{}, []]);
    expect(operators(it.differentiated.map((one) => one.node))).to.deep.equal(['Nothing']);
  });

  it('tells a rule the gradients of all outputs by position, and of which none arrives', () => {
    const seen: (string | undefined)[][] = [];
    const rules = new Map(RULES).set('Three', {
      proof: 'linear',
      rule: (g) => {
        seen.push([0, 1, 2].map((index) => g.gradient(index)));
        return [g.gradient(0)];
      },
    });
    walked(graph([node('Three', 'x', 'p q r')]), ['r', 'p'], ['x'], rules);
    expect(seen).to.deep.equal([['d/p', undefined, 'd/r']]);
  });

  it('counts as constant for a rule what hangs neither on an input nor on what is wanted', () => {
    const seen: (number[] | undefined)[] = [];
    const stored = graph([node('Asks', 'x k', 'y')]);
    const rules = new Map(RULES).set(
      'Asks',
      linear((g, dy) => {
        const known = g.constant('k');
        seen.push(known && [...known.values]);
        return [dy];
      }),
    );
    const constants = new Map([['k', makeTensor('k', FLOAT, [2], [5, 6])]]);
    const inputs = stored.inputs.filter(({ name }) => name === 'x');
    walked({ ...stored, constants, inputs }, ['y'], ['x'], rules);
    walked({ ...stored, constants, inputs }, ['y'], ['x', 'k'], rules);
    // One of two outputs of a node may be known, which keeps the node for the other.
    const half = graph([node('Both', 'x x', 'k rest'), node('Asks', 'x k', 'y')]);
    walked({ ...half, constants }, ['y'], ['x'], rules);
    expect(seen).to.deep.equal([[5, 6], undefined, [5, 6]]);
  });

  it('gives a node the output that a rule asks for, and the others under the names that they had', () => {
    const rules = new Map(RULES).set(
      'More',
      linear((g) => [g.op('Mul', [g.output(3), g.output(3)])]),
    );
    const forward = graph([node('More', 'x', 'y'), node('Twice', 'y', 'z')]);
    const it = walked(forward, ['z'], ['x'], rules);
    expect(it.forward[0]?.output).to.deep.equal(['y', '', '', 'y/3']);
    expect(it.forward[1]).to.equal(forward.nodes[1]);
    expect(it.backward.at(-1)?.input, 'asked for twice').to.deep.equal(['y/3', 'y/3']);
    expect(forward.nodes[0]?.output, 'the given node is not changed').to.deep.equal(['y']);
  });

  it('puts a spelling in the place of its node, whose rule reads what it kept', () => {
    const rules = new Map(RULES).set(
      'Cube',
      spelled(
        (g) => {
          const square = g.op('Mul', [g.input(0), g.input(0)]);
          g.op('Mul', [square, g.input(0)], {}, g.output(0));
          return { square };
        },
        (g) => [g.op('Mul', [g.gradient(0) as string, g.saved('square')])],
      ),
    );
    const forward = graph([node('Twice', 'u', 'v'), node('Cube', 'x', 'y'), node('Twice', 'y', 'z')]);
    const it = walked(forward, ['z'], ['x'], rules);
    expect(operators(it.forward)).to.deep.equal(['Twice', 'Mul', 'Mul', 'Twice']);
    expect(it.forward[2]?.output).to.deep.equal(['y']);
    expect(it.backward.at(-1)?.input[1]).to.equal(it.forward[1]?.output[0]);
    // A spelling may leave its node alone.
    const plain = new Map(rules).set(
      'Cube',
      spelled(
        () => undefined,
        (g) => [g.gradient(0)],
      ),
    );
    expect(walked(forward, ['z'], ['x'], plain).forward[1]).to.equal(forward.nodes[1]);
  });

  it('faults a value between whose type nobody told, which is a fault of its caller', () => {
    const forward = graph([node('Asks', 'x', 'y')]);
    const rules = new Map(RULES).set(
      'Asks',
      linear((g, dy) => {
        g.dims('z');
        return [dy];
      }),
    );
    expect(thrown(() => walked(forward, ['y'], ['x'], rules))).to.include({ code: 'internal' });
  });
});

describe('gradient/walk, with the rules that there are', () => {
  it('gives the slope of a graph that branches, joins and reads twice, as float64 has it', async () => {
    const net = new Net({ opset: 18 });
    const attributes: Attributes = {};
    // y = tanh(x) · (x + tanh(x)) + x · x
    net.node('Tanh', [net.input('x', [2])], attributes, { outputs: ['t'] });
    net.node('Add', ['x', 't'], {}, { outputs: ['s'] });
    net.node('Mul', ['t', 's'], {}, { outputs: ['p'] });
    net.node('Mul', ['x', 'x'], {}, { outputs: ['q'] });
    net.node('Add', ['p', 'q'], {}, { outputs: ['y'] });
    const forward = graph(net.nodes);
    const constants = new Map<string, TensorProto>();
    const names = { values: new Names(forward.types.keys()), nodes: new Names(net.nodes.map(({ name }) => name)) };
    const it = walk(forward, new Map([['y', 'dy']]), new Set(['x']), names, constants);
    for (const one of [...constants.values()]) net.add(one);
    net.nodes.push(...it.backward);
    net.input('dy', [2]);
    const gradient = it.gradients.get('x') ?? '';
    const float = (...values: number[]): Value => ({ type: FLOAT, dims: [2], data: Float32Array.from(values) });
    const at = [0.3, -1.2];
    const feeds = { x: float(...at), dy: float(1, 3) };
    const results = await runModel(net.output(gradient, [2]).model(), feeds);
    const y = (x: number) => Math.tanh(x) * (x + Math.tanh(x)) + x * x;
    for (const [index, value] of Array.from(numbersIn(valueNamed(results, gradient))).entries()) {
      const x = at[index] as number;
      // Central differences in float64: their error is 1e-10, that of float32 1e-6.
      const slope = ((y(x + 1e-5) - y(x - 1e-5)) / 2e-5) * (index === 0 ? 1 : 3);
      expect(value).to.be.closeTo(slope, 1e-5);
    }
  });
});

describe('gradient/walk: needed', () => {
  const nodes = [
    makeNode('A', ['x'], ['a', 'b'], 'a'),
    makeNode('B', ['x'], ['unused'], 'b'),
    makeNode('C', ['b'], ['c'], 'c'),
    makeNode('D', ['c', 'a'], ['d'], 'd'),
  ];
  const kept = (...values: string[]) => needed(nodes, new Set(values)).map(({ name }) => name);

  it('keeps what values hang on, in order, each node once, by any of its outputs', () => {
    expect(kept('d')).to.deep.equal(['a', 'c', 'd']);
    expect(kept('c')).to.deep.equal(['a', 'c']);
    expect(kept('b', 'unused')).to.deep.equal(['a', 'b']);
    expect(kept('x', 'elsewhere')).to.deep.equal([]);
    expect(kept()).to.deep.equal([]);
  });

  it('keeps what only a subgraph reads', () => {
    const branch = new Net({ prefix: 'in/' });
    branch.node('Neg', ['outer']);
    const net = new Net();
    net.node('Exp', ['x'], {}, { outputs: ['outer'], name: 'around' });
    net.node('If', ['cond'], { then_branch: { graph: branch.graph() } }, { outputs: ['y'], name: 'if' });
    expect(needed(net.nodes, new Set(['y'])).map(({ name }) => name)).to.deep.equal(['around', 'if']);
  });

  it('does not change the values that it was asked for', () => {
    const asked = new Set(['d']);
    needed(nodes, asked);
    expect([...asked]).to.deep.equal(['d']);
  });
});
