import { expect } from 'chai';
import { block, Net, opset } from '../../fixtures/build.ts';
import { FIXTURES, type Fixture, fixtureNamed } from '../../fixtures/index.ts';
import { batchNormalization, hangsOnConstants } from '../../src/find/batch-normalization.ts';
import { findSites } from '../../src/find/index.ts';
import type { Refusal } from '../../src/find/types.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { inferTypes } from '../../src/graph/infer.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType, unitRoundoff } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { numbersOf } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { modelOf, searchOf } from '../support/swapped.ts';

/** The only refusal that a search makes. */
function refusalOf(given: Fixture | Model): Refusal {
  const { sites, refusals } = findSites('build' in given ? given.build() : given);
  expect(sites).to.deep.equal([]);
  expect(refusals.length).to.equal(1);
  return refusals[0] as Refusal;
}

describe('find/batch-normalization', () => {
  it('matches the operator of the standard domain, under both its names', () => {
    const node = makeNode('BatchNormalization', [], [], '');
    expect(batchNormalization.matches(node)).to.equal(true);
    expect(batchNormalization.matches({ ...node, domain: 'ai.onnx' })).to.equal(true);
    expect(batchNormalization.matches({ ...node, domain: 'com.example' })).to.equal(false);
    expect(batchNormalization.matches({ ...node, opType: 'InstanceNormalization' })).to.equal(false);
  });

  describe('knows γ, β, μ, σ² and ε: with them, float64 answers what ONNX Runtime answers', () => {
    for (const fixture of FIXTURES) {
      if (fixture.sites === 0 || fixture.notRunnable !== undefined) continue;
      it(fixture.name, async () => {
        const { model, sites } = await searchOf(fixture);
        // In training mode the source does not use its running statistics.
        const inMain = sites.filter(({ path, training }) => path === '' && !training);
        const feeds = fixture.inputs?.() ?? generateInputs(model, 1, 2, 8);
        const names = inMain.flatMap(({ input, output }) => [input, output]);
        const values = await runModel(withOutputs(model, names), feeds, fixture.files?.());
        for (const { input, output, channels, statistics, epsilon, elementType } of inMain) {
          const [x, y] = [valueNamed(values, input), valueNamed(values, output)];
          const area = x.dims.slice(2).reduce((product, dim) => product * dim, 1);
          const [numbers, answers] = [numbersOf(x) ?? [], numbersOf(y) ?? []];
          expect(x.type).to.equal(elementType);
          expect(x.dims[1]).to.equal(channels);
          for (let i = 0; i < numbers.length; i++) {
            const c = Math.floor(i / area) % channels;
            const [gamma, beta, mu, variance] = [
              statistics.scale,
              statistics.bias,
              statistics.mean,
              statistics.variance,
            ].map((list) => list[c] as number) as [number, number, number, number];
            // The source divides by zero there.
            if (variance + epsilon === 0) continue;
            const gain = gamma / Math.sqrt(variance + epsilon);
            const expected = gain * ((numbers[i] as number) - mu) + beta;
            const size = Math.abs(gain) * (Math.abs(numbers[i] as number) + Math.abs(mu)) + Math.abs(beta);
            // ONNX Runtime computes γ/√(σ² + ε), then β − μ γ/√(σ² + ε), then one product and one sum: eight roundings.
            const bound = 8 * unitRoundoff(elementType) * size;
            expect(Math.abs((answers[i] as number) - expected)).to.be.at.most(bound);
          }
        }
      });
    }
  });

  it('knows the shape of x as far as the file tells it, and C from γ', () => {
    const shapeOf = (name: string) => findSites(modelOf(fixtureNamed(name))).sites[0]?.shape;
    expect(shapeOf('rank-2-gemm')).to.deep.equal([undefined, 32]);
    expect(shapeOf('rank-3')).to.deep.equal([2, 32, 4]);
    expect(shapeOf('rank-5')).to.deep.equal([2, 32, 4, 4, 4]);
    expect(shapeOf('rank-unknown-input')).to.equal(undefined);
    expect(shapeOf('rank-unknown-reshape')).to.deep.equal(undefined);
    expect(shapeOf('rank-from-consumer')).to.deep.equal([undefined, 8, undefined, undefined]);
    expect(shapeOf('dynamic-width')).to.deep.equal([2, 32, 4, undefined]);
    expect(shapeOf('channels-unknown')).to.deep.equal([2, 32, 4, 4]);
    expect(shapeOf('all-unknown')).to.deep.equal([undefined, 32, undefined, undefined]);
  });

  it('takes the type of x, not that of the parameters', () => {
    for (const [name, type] of [
      ['type-mixed-affine', DataType.FLOAT16],
      ['type-mixed-wide', DataType.FLOAT],
      ['type-bfloat16', DataType.BFLOAT16],
      ['type-float64', DataType.DOUBLE],
    ] as const) {
      expect(findSites(modelOf(fixtureNamed(name))).sites[0]?.elementType, name).to.equal(type);
    }
  });

  it('takes ε as the file has it, and 1e-5 in float32 where it has none', () => {
    const epsilonOf = (name: string) => findSites(modelOf(fixtureNamed(name))).sites[0]?.epsilon;
    expect(epsilonOf('epsilon-large')).to.equal(Math.fround(0.1));
    expect(epsilonOf('epsilon-absent')).to.equal(Math.fround(1e-5));
    expect(epsilonOf('epsilon-zero')).to.equal(0);
  });

  it('says where a norm is in training mode', () => {
    const training = (name: string) => findSites(modelOf(fixtureNamed(name))).sites[0]?.training;
    expect(training('training-unused-outputs')).to.equal(true);
    expect(training('training-one-output')).to.equal(true);
    expect(training('opset-15')).to.equal(false);
    // Up to opset 13 further outputs are what tells it.
    expect(training('more-outputs-unused')).to.equal(true);
    expect(training('opset-09')).to.equal(false);
  });

  it('says where a norm in training mode has statistics that were never trained', () => {
    const placeholders = (mean: number, variance: number, training = 1) => {
      const fill = (value: number) => new Array<number>(32).fill(value);
      const norm = { attributes: { training_mode: training }, mean: fill(mean), variance: fill(variance) };
      return findSites(block({ opset: 15 }, norm).model()).sites[0]?.placeholders === true;
    };
    expect(placeholders(0, 1)).to.equal(true);
    expect(placeholders(0, 0)).to.equal(true);
    expect(placeholders(0, 0.9)).to.equal(false);
    expect(placeholders(0.1, 1)).to.equal(false);
    // A freshly made network in inference mode does compute with them.
    expect(placeholders(0, 1, 0)).to.equal(false);
  });

  it('takes spatial=0 for spatial=1 where there are no positions', () => {
    expect(findSites(modelOf(fixtureNamed('spatial-0-rank-2'))).sites[0]?.channels).to.equal(32);
  });

  describe('refuses', () => {
    const cases: readonly [string, Refusal['code'], RegExp, RegExp][] = [
      [
        'opset-06',
        'opset-too-old',
        /^the model has opset 6; .* does not run BatchNormalization older than opset 7/,
        /version_converter/,
      ],
      ['opset-01', 'opset-too-old', /^the model has opset 1;/, /version_converter/],
      [
        'spatial-0',
        'spatial',
        /^spatial=0, and its parameters have the shape \[32,4,4\]: one per position/,
        /It stays/,
      ],
      ['training-used-outputs', 'outputs-used', /"mean_out" are read by other nodes/, /inference mode/],
      ['more-outputs-used', 'outputs-used', /"mean_out" are read by other nodes/, /inference mode/],
      [
        'parameters-from-input',
        'parameters-not-constant',
        /^its scale "Add_0_out" is computed anew in each run/,
        /stored/,
      ],
      ['parameters-random', 'parameters-not-constant', /^its mean "RandomNormal_0_out" is computed/, /stored/],
      ['parameters-computed', 'parameters-need-running', /^"Add_0_out" must be computed first/, /--no-verify/],
      [
        'parameters-wrong-length',
        'parameters-do-not-fit',
        /\[32\], \[32\], \[33\], \[32\], but its input has 32 channels/,
        /onnx\.checker/,
      ],
      ['rank-6', 'rank', /^its input has rank 6;/, /It stays/],
      ['variance-negative', 'bad-statistics', /^the running variance of channel 3 is -0\.5/, /damaged/],
      ['variance-nan', 'bad-statistics', /^the running variance of channel 9 is NaN/, /damaged/],
      ['gamma-infinite', 'bad-statistics', /NaN or infinity/, /damaged/],
      [
        'function-other-opset',
        'function',
        /cannot be inlined: its opset is 15, that of the model 17/,
        /inline .* convert_version/,
      ],
    ];
    for (const [name, code, reason, remedy] of cases) {
      it(`${name}: ${code}`, () => {
        const refusal = refusalOf(fixtureNamed(name));
        expect(refusal.code).to.equal(code);
        expect(refusal.reason).to.match(reason);
        expect(refusal.remedy).to.match(remedy);
        expect(refusal.name).not.to.equal('');
      });
    }

    it('an infinite running variance, and β or μ that is no number', () => {
      const bad = (norm: Parameters<typeof block>[1]) => refusalOf(block({}, norm).model());
      const values = (at: number, value: number) => Array.from({ length: 32 }, (_, i) => (i === at ? value : 1));
      expect(bad({ variance: values(7, Number.POSITIVE_INFINITY) }).reason).to.equal(
        'the running variance of channel 7 is Infinity',
      );
      expect(bad({ bias: values(1, Number.NaN) }).code).to.equal('bad-statistics');
      expect(bad({ mean: values(1, Number.NEGATIVE_INFINITY) }).code).to.equal('bad-statistics');
    });

    it('spatial=0 with one number per channel, as an exporter wrote it by mistake', () => {
      const { code, reason, remedy } = refusalOf(block({ opset: 7 }, { attributes: { spatial: 0 } }).model());
      expect(code).to.equal('spatial-by-mistake');
      expect(reason).to.match(/one γ, β, μ and σ² per channel/);
      expect(remedy).to.match(/--assume-spatial/);
    });

    it('a model that imports no standard operators, which no converter helps', () => {
      const net = new Net();
      net.output(net.bn(net.input('x', [2, 4, 3]), 4), [2, 4, 3]);
      const { code, reason, remedy } = refusalOf(net.model({ opsetImport: [opset('ai.onnx.ml', 3)] }));
      expect(code).to.equal('opset-too-old');
      expect(reason).to.match(/^the model does not import the standard operator set/);
      expect(remedy).to.match(/onnx\.checker/);
    });

    it('γ that whoever runs the model gives', () => {
      const net = new Net();
      net.output(net.bn(net.input('x', [2, 4, 3]), 4, { scale: net.input('s', [4]) }), [2, 4, 3]);
      const { code, reason } = refusalOf(net.model());
      expect([code, reason]).to.deep.equal(['parameters-not-constant', 'its scale "s" is an input of its graph']);
    });

    it('rank 1, where C would be 1', () => {
      const net = new Net();
      net.output(net.bn(net.input('x', [5]), 1), [5]);
      expect(refusalOf(net.model())).to.include({ code: 'rank' });
    });

    it('types that are no floats', () => {
      const net = new Net({ type: DataType.INT32 });
      net.output(net.bn(net.input('x', [2, 4, 3]), 4), [2, 4, 3]);
      const { code, reason } = refusalOf(net.model());
      expect(code).to.equal('element-type');
      expect(reason).to.equal('its input has the type int32');
    });

    it('parameters that are matrices, or empty', () => {
      const net = new Net();
      const scale = net.weight('matrix', [2, 4]);
      net.output(net.bn(net.input('x', [2, 8, 3]), 8, { scale }), [2, 8, 3]);
      expect(refusalOf(net.model()).code).to.equal('parameters-do-not-fit');
      const none = new Net();
      none.output(none.bn(none.input('x', [2, 0, 3]), 0), [2, 0, 3]);
      expect(refusalOf(none.model()).code).to.equal('parameters-do-not-fit');
    });

    it('parameters of one length that is not the number of channels', () => {
      const net = new Net();
      net.output(net.bn(net.input('x', [2, 7, 3]), 8), [2, 7, 3]);
      const { code, reason } = refusalOf(net.model());
      expect(code).to.equal('parameters-do-not-fit');
      expect(reason).to.match(/\[8\], \[8\], \[8\], \[8\], but its input has 7 channels$/);
    });

    it('a node with too few inputs', () => {
      const net = new Net();
      const y = net.node('BatchNormalization', [net.input('x', [2, 8, 3]), net.weight('gamma', [8])]);
      expect(refusalOf(net.output(y).model())).to.include({ code: 'parameters-do-not-fit', reason: 'it has no bias' });
    });
  });

  describe('takes for constant, if computed,', () => {
    const isInput = (scope: ReturnType<typeof scopesOf>[number], name: string) => scope.inputs.has(name);
    const hangs = (net: Net, name: string) => {
      const scopes = scopesOf(net.model());
      const [main] = scopes as [ReturnType<typeof scopesOf>[number]];
      return hangsOnConstants(main, name, isInput, inferTypes(net.model(), scopes));
    };

    it('what comes from initializers and Constant nodes', () => {
      const net = new Net();
      const sum = net.node('Add', [net.weight('a', [2]), net.node('Constant', [], { value_ints: [1, 2] })]);
      expect(hangs(net, sum)).to.equal(true);
    });

    it('what asks an input for no more than sizes and types that the file tells', () => {
      const net = new Net({ opset: 18 });
      const x = net.input('x', ['batch', 8, 4]);
      const like = net.node('CastLike', [net.weight('one', []), x]);
      const of = (start: number) => net.node('Expand', [like, net.node('Shape', [x], { start, end: start + 1 })]);
      expect(hangs(net, of(1))).to.equal(true);
      expect(hangs(net, of(0))).to.equal(false);
    });

    it('nothing that an input, a random number or a subgraph has a part in', () => {
      const net = new Net();
      const a = net.weight('a', [2]);
      expect(hangs(net, net.node('Add', [a, net.input('x', [2])]))).to.equal(false);
      expect(hangs(net, net.node('Add', [a, net.node('RandomUniform', [], { shape: [2] })]))).to.equal(false);
      const branch = new Net({ prefix: 'b/' });
      const graph = branch.output(branch.weight('w', [2]), [2]).graph();
      const choice = net.weight('choice', [], [1], DataType.BOOL);
      const chosen = net.node('If', [choice], { then_branch: { graph }, else_branch: { graph } });
      expect(hangs(net, chosen)).to.equal(false);
    });

    it('a node of 200,000 inputs like any other', () => {
      const net = new Net();
      const inputs = new Array<string>(200_000).fill(net.weight('a', [2]));
      expect(hangs(net, net.node('Sum', inputs))).to.equal(true);
    });

    it('nothing that is not there, and nothing in a circle', () => {
      const net = new Net();
      expect(hangs(net, 'nowhere')).to.equal(false);
      net.node('Add', ['two', 'two'], {}, { outputs: ['one'] });
      net.node('Add', ['one', 'nowhere'], {}, { outputs: ['two'] });
      expect(hangs(net, 'one')).to.equal(false);
    });
  });
});
