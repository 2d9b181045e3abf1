import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { fold } from '../../src/gradient/fold.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { proveRules } from '../../src/gradient/proof.ts';
import { walk } from '../../src/gradient/walk.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { Gradient } from '../../src/operators/gradient-rule.ts';
import { GRADIENTS } from '../../src/operators/gradients.ts';
import { rejection } from '../support/errors.ts';
import { modelOf } from '../support/swapped.ts';

/** One node of each family between x and the output. */
function network(): Model {
  const net = new Net({ opset: 17 });
  const conv = net.node('Conv', [net.input('x', [1, 2, 8, 8]), net.weight('w', [4, 2, 3, 3]), net.weight('b', [4])]);
  const normed = net.bn(conv, 4);
  const split = net.node('InstanceNormalization', [
    net.node('Tanh', [normed]),
    net.weight('g', [4]),
    net.weight('h', [4]),
  ]);
  const pooled = net.node('AveragePool', [net.node('Mul', [split, net.relu(split)])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
  const flat = net.node('Flatten', [pooled]);
  const product = net.node('MatMul', [flat, net.weight('m', [36, 3])]);
  const soft = net.node('Softmax', [product]);
  return net
    .output(net.node('ReduceSum', [soft, soft].slice(0, 1), { keepdims: 0 }, { outputs: ['sum'] }), [])
    .output(net.node('Transpose', [soft], {}, { outputs: ['y'] }), [3, 1])
    .model();
}

/** The rules, with one that is 1 % too large. */
function damaged(opType: string): ReadonlyMap<string, Gradient> {
  const known = GRADIENTS.get(opType);
  if (known === undefined || 'ends' in known) throw new RangeError(opType);
  const rule: typeof known.rule = (g) => known.rule(g).map((it) => it && g.op('Mul', [it, g.scalar(1.01)]));
  return new Map([...GRADIENTS, [opType, { ...known, rule }]]);
}

async function prove(rules?: ReadonlyMap<string, Gradient>, source = network()) {
  const { forward: whole, names, values, feeds } = await prepare(source, { sizes: {}, batch: 1, whole: true });
  const wanted = new Set(['w', 'b', 'g', 'h', 'm']);
  const forward = fold(whole, wanted);
  const seeds = new Map([
    ['sum', 'd/sum'],
    ['y', 'd/y'],
  ]);
  const { differentiated } = walk(forward, seeds, wanted, names, new Map());
  return proveRules(source, forward, differentiated, new Map(Object.entries({ ...values, ...feeds })), rules);
}

describe('gradient/proof', () => {
  it('tries every node whose rule was used, and finds right rules right', async () => {
    const { nodes, kinds, error, worst, untried } = await prove();
    expect([nodes, kinds, untried]).to.deep.equal([12, 12, []]);
    expect(error).to.be.lessThan(1e-4);
    expect(worst).to.match(/^[A-Z]\w+ "/);
  });

  const operators = [
    'Conv',
    'BatchNormalization',
    'Tanh',
    'InstanceNormalization',
    'Relu',
    'Mul',
    'AveragePool',
    'Flatten',
    'MatMul',
    'Softmax',
    'ReduceSum',
    'Transpose',
  ];
  for (const opType of operators) {
    it(`catches a rule of ${opType} that is 1 % too large, by name`, async () => {
      const error = await rejection(prove(damaged(opType)));
      expect(error.code).to.equal('verification-failed');
      expect(error.message).to.match(new RegExp(`^the gradient rule is wrong for ${opType} "[^"]+" \\(error \\S+\\)$`));
    });
  }

  it('tries the nodes of a float64 model, and catches a wrong rule there', async () => {
    const net = new Net({ opset: 18, type: DataType.DOUBLE });
    const hidden = net.node('Tanh', [net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])])]);
    const pieces = net.node('Gather', [hidden, net.weight('rows', [2], [1, 0], DataType.INT64)]);
    net.node('Transpose', [pieces], {}, { outputs: ['y'] });
    net.node('ReduceSum', [pieces], { keepdims: 0 }, { outputs: ['sum'] });
    const source = net.output('y', [4, 2]).output('sum', []).model();
    expect(await prove(GRADIENTS, source)).to.include({ nodes: 5, kinds: 5 });
    for (const opType of ['MatMul', 'Tanh', 'Gather']) {
      const { message } = await rejection(prove(damaged(opType), source));
      expect(message).to.match(new RegExp(`^the gradient rule is wrong for ${opType} `));
    }
  });

  it('tries what comes behind a mask of −∞, as attention has it, and catches a wrong rule there', async () => {
    const net = new Net({ opset: 18 });
    const scores = net.node('MatMul', [net.input('x', [4, 3]), net.weight('w', [3, 4])]);
    const lower = net.weight('mask', [4, 4], [1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1], DataType.BOOL);
    const masked = net.node('Where', [lower, scores, net.weight('low', [], [Number.NEGATIVE_INFINITY])]);
    const attention = net.node('Softmax', [masked], { axis: -1 });
    net.node('MatMul', [attention, net.weight('m', [4, 2])], {}, { outputs: ['y'] });
    net.node('ReduceSum', ['y'], { keepdims: 0 }, { outputs: ['sum'] });
    const source = net.output('y', [4, 2]).output('sum', []).model();
    const { nodes, untried, error } = await prove(GRADIENTS, source);
    expect([nodes, untried]).to.deep.equal([5, []]);
    expect(error).to.be.lessThan(1e-4);
    for (const opType of ['Where', 'Softmax']) {
      const { message } = await rejection(prove(damaged(opType), source));
      expect(message).to.match(new RegExp(`^the gradient rule is wrong for ${opType} `));
    }
  });

  it('tries roots and logarithms of numbers that differ by orders of magnitude', async () => {
    for (const opType of ['Sqrt', 'Log']) {
      const net = new Net({ opset: 18 });
      const grown = net.node('Exp', [net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])])]);
      const wide = net.node('Mul', [grown, net.weight('m', [4], [1e-5, 1, 100, 1e-3])]);
      net.node('ReduceSum', [net.node(opType, [wide], {}, { outputs: ['y'] })], { keepdims: 0 }, { outputs: ['sum'] });
      const source = net.output('y', [2, 4]).output('sum', []).model();
      expect((await prove(GRADIENTS, source)).untried, opType).to.deep.equal([]);
      expect((await rejection(prove(damaged(opType), source))).message).to.include(`wrong for ${opType} `);
    }
  });

  it('blames the model, not a rule, for NaN that the model gives by itself', async () => {
    const error = await rejection(gradientOf(modelOf(fixtureNamed('variance-negative')), { verify: true }));
    expect(error).to.include({
      code: 'verification-failed',
      message: 'Conv "Conv_3" gives NaN on random input, in the model itself',
      remedy: 'Check its weights for NaN and for negative variances, or use --no-verify',
    });
  });

  it('finds right rules right on values of 1e-8, as the last layers of a network with random weights give', async () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', [1, 3, 9, 9]);
    const faint = net.node('Mul', [x, net.weight('f', [3, 1, 1], [1e-8, 3e-8, 2e-9])]);
    const y = net.relu(net.node('Conv', [net.relu(faint), net.weight('w', [5, 3, 3, 3])]));
    const { proof } = await gradientOf(net.output(y, [1, 5, 7, 7]).model(), { wrt: ['^(f|w)$'], verify: true });
    expect(proof?.error, proof?.worst).to.be.lessThan(1e-4);
  });

  it('finds the rule of a bias right beside products of a million, and catches a wrong one there', async () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', [1, 4, 6, 6]);
    const large = net.node('Mul', [x, net.weight('million', [], [1e6])]);
    const conv = net.node('Conv', [large, net.weight('w', [8, 4, 3, 3]), net.weight('b', [8])]);
    const source = net
      .output(
        net.node('ReduceSum', [net.node('Mul', [x, net.weight('g', [])])], { keepdims: 0 }, { outputs: ['sum'] }),
        [],
      )
      .output(net.node('Identity', [conv], {}, { outputs: ['y'] }), [1, 8, 4, 4])
      .model();
    const { proof } = await gradientOf(source, { verify: true });
    expect(proof?.error, proof?.worst).to.be.lessThan(1e-4);
    const own = GRADIENTS.get('Conv');
    if (own === undefined || 'ends' in own) throw new RangeError('Conv');
    const rule: typeof own.rule = (g) =>
      own.rule(g).map((it, index) => (index === 2 ? it && g.op('Mul', [it, g.scalar(1.01)]) : it));
    expect((await rejection(prove(new Map([...GRADIENTS, ['Conv', { ...own, rule }]]), source))).message).to.match(
      /the gradient rule is wrong for Conv/,
    );
  });

  it('tries a choice among thousands of scores that are almost alike, as a detector has it', async () => {
    const topOf = (rules?: ReadonlyMap<string, Gradient>) => {
      const net = new Net({ opset: 17 });
      const row = net.node('MatMul', [net.input('x', [1, 2]), net.weight('m', [2, 20_000])]);
      const scores = net.node('Sigmoid', [net.node('Mul', [row, net.weight('small', [], [1e-3])])]);
      net.node('TopK', [scores, net.weight('k', [1], [1000], DataType.INT64)], {}, { outputs: ['y', 'which'] });
      net.output(net.node('ReduceSum', ['y'], { keepdims: 0 }, { outputs: ['sum'] }), []);
      return prove(rules, net.output('y', [1, 1000]).model());
    };
    expect((await topOf()).error).to.be.lessThan(1e-4);
    expect((await rejection(topOf(damaged('TopK')))).message).to.match(/the gradient rule is wrong for TopK/);
  });

  it('is part of a verified gradient, which is also run once', async () => {
    const { proof } = await gradientOf(network(), { loss: 'l1', lossOf: 'y', verify: true });
    expect(proof?.nodes).to.be.greaterThan(10);
    expect(proof?.outputs).to.be.lessThan(1e-5);
  });
});
