import { expect } from 'chai';
import { opset, valueInfo } from '../../fixtures/build.ts';
import { solve } from '../../src/calibrate/solve.ts';
import { addSolvedSite } from '../../src/calibrate/solved-site.ts';
import { momentsFor, type SiteStatistics, STATISTICS } from '../../src/calibrate/statistics.ts';
import { Random } from '../../src/inputs/random.ts';
import { Builder, Constants } from '../../src/onnx/builder.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { memoryHome } from '../../src/onnx/model.ts';
import { Names } from '../../src/onnx/names.ts';
import { create, type TensorProto } from '../../src/onnx/schema.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { naiveGroupNorm } from '../support/naive.ts';
import { runModel, valueNamed } from '../support/session.ts';
import { plainStatistics, siteOf } from '../support/site.ts';

const C = 8;

function planned(elementType: DataType, groups = 2, version = 17): SitePlan {
  const scale = Float64Array.of(1, 2, -1, 0, 3, 1, 1, 0.5);
  const site = siteOf({ elementType, statistics: { ...plainStatistics(C), scale } });
  return plan([site], version, { groups }).sites[0] as SitePlan;
}

/** A model of the site alone, x and y its inputs. */
function alone(it: SitePlan, version: number) {
  const names = new Names(['x', 'y']);
  const nodes = new Names([]);
  const constants = new Constants(names);
  const parameters: TensorProto[] = [];
  const context = { opset: version, values: names, nodes, constants, parameter: () => '' };
  const builder = new Builder('site', context);
  const made = addSolvedSite(it, 'x', builder, parameters, { names, prefix: 'site' });
  const graph = create('GraphProto', {
    name: 'site',
    node: builder.nodes,
    initializer: [...parameters, ...constants.tensors],
    input: ['x', 'y'].map((name) => valueInfo(name, it.site.elementType, undefined)),
    output: [made.output, ...made.statistics].map((name) => create('ValueInfoProto', { name })),
  });
  const proto = { ...create('ModelProto', { irVersion: 8, opsetImport: [opset('', version)] }), graph };
  return { model: { proto, home: memoryHome(() => undefined as never) }, made, nodes: builder.nodes };
}

/** x and y of [3, 8, 2, 5]: y a line of x but for noise, another one in every channel; channel 3 the same number throughout. */
function pair(type: DataType): { x: Value; y: Value } {
  const random = new Random(4);
  const dims = [3, C, 2, 5];
  const channelOf = (at: number) => Math.floor(at / 10) % C;
  const xs = Array.from({ length: 240 }, (_, at) => (channelOf(at) === 3 ? 2 : channelOf(at) + random.normal()));
  const ys = xs.map((x, at) => (channelOf(at) === 2 ? -x : x) * (1 + channelOf(at)) + 0.2 * random.normal());
  const value = (numbers: readonly number[]): Value => {
    if (type === DataType.FLOAT16) return { type, dims, data: encodeHalf(numbers) };
    return { type, dims, data: type === DataType.DOUBLE ? Float64Array.from(numbers) : Float32Array.from(numbers) };
  };
  return { x: value(xs), y: value(ys) };
}

/** float32: sums of 30 numbers. float64 likewise. float16: the statistics are float32's, and only y′ is rounded. */
const NEAR = new Map([
  [DataType.FLOAT, 1e-5],
  [DataType.DOUBLE, 1e-13],
  [DataType.FLOAT16, 5e-3],
]);

describe('addSolvedSite', () => {
  for (const [type, near] of NEAR) {
    for (const version of [7, 8, 9, 13, 17, 18, 21]) {
      if (type === DataType.FLOAT16 && version < 9) continue;
      for (const groups of [1, 2, 4, 8]) {
        it(`type ${type}, opset ${version}, ${groups} groups: y′ is the line of x̂ that its own statistics tell`, async () => {
          const it = planned(type, groups, version);
          const { x, y } = pair(type);
          const { model, made } = alone(it, version);
          const results = await runModel(model, { x, y });
          const fields = made.statistics.map((name) => Float64Array.from(numbersOf(valueNamed(results, name)) ?? []));
          const [meanX, varianceX, meanY, varianceY, covariance] = fields as [
            Float64Array,
            Float64Array,
            Float64Array,
            Float64Array,
            Float64Array,
          ];
          const statistics: SiteStatistics = { meanX, varianceX, meanY, varianceY, covariance };
          expect(STATISTICS.map((name) => statistics[name].length)).to.deep.equal([24, 24, 24, 24, 24]);
          const { scale, bias, fallbacks } = solve(momentsFor(statistics, C, groups, it.epsilon), it);
          const answer = valueNamed(results, made.output);
          expect({ dims: answer.dims, type: answer.type }).to.deep.equal({ dims: x.dims, type });
          const numbers = numbersOf(answer) ?? [];
          const { values, magnitude } = naiveGroupNorm(numbersOf(x) ?? [], x.dims, groups, it.epsilon, scale, bias);
          for (const [at, expected] of values.entries()) {
            expect(Math.abs((numbers[at] as number) - expected), `at ${at}`).to.be.at.most(
              near * (1 + (magnitude[at] as number)),
            );
          }
          // Channel 3 does not vary; alone in its group, it has no x̂ either.
          if (groups === C) expect(fallbacks).to.be.at.least(1);
        });
      }
    }
  }

  it('uses no operator that an old opset lacks', () => {
    const operators = (version: number) =>
      new Set(alone(planned(DataType.FLOAT), version).nodes.map(({ opType }) => opType));
    expect(operators(8).has('Where')).to.equal(false);
    expect(operators(9).has('Where')).to.equal(true);
  });

  it('does not see how far x lies from 0', async () => {
    const it = planned(DataType.FLOAT);
    const { x, y } = pair(DataType.FLOAT);
    const { model, made } = alone(it, 17);
    const answers = async (shift: number) => {
      const data = Float32Array.from(x.data as Float32Array, (value) => value + shift);
      const results = await runModel(model, { x: { ...x, data }, y });
      return numbersOf(valueNamed(results, made.output)) ?? [];
    };
    const [near, far] = [await answers(0), await answers(1024)];
    // A float32 of 1,024 has steps of 1e-4, of which slopes up to 8 make 1e-3.
    for (let at = 0; at < near.length; at++) expect(far[at]).to.be.closeTo(near[at] as number, 2e-3);
  });
});
