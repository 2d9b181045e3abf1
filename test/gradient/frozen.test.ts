import { expect } from 'chai';
import { Net, type NormOptions } from '../../fixtures/build.ts';
import { foldFrozen } from '../../src/gradient/frozen.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { prepare } from '../../src/gradient/prepare.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { numbersIn, type Value } from '../../src/runtime/session.ts';
import { distance } from '../operators/support/written.ts';
import { runModel, valueNamed } from '../support/session.ts';

const { FLOAT, DOUBLE } = DataType;

interface Case {
  readonly hasBias?: boolean;
  readonly groups?: number;
  readonly norm?: NormOptions;
  /** Map of 6 × 6, or of one number, which is smaller than the weight. */
  readonly size?: number;
  readonly also?: (net: Net, conv: string) => void;
}

/** x of [2, 4, size, size] → Conv to 6 channels → BatchNormalization. */
function network({ hasBias = false, groups = 1, norm = {}, size = 6, also }: Case = {}): Net {
  const net = new Net({ opset: 17 });
  const inputs = [net.input('x', [2, 4, size, size]), net.weight('w', [6, 4 / groups, 1, 1])];
  if (hasBias) inputs.push(net.weight('b', [6]));
  const conv = net.node('Conv', inputs, { group: groups });
  const y = net.bn(conv, 6, { epsilon: 1e-3, outputs: ['y'], ...norm });
  also?.(net, conv);
  return net.output(y, [2, 6, size, size]);
}

async function operatorsOf(net: Net) {
  const { forward, names } = await prepare(net.model(), { sizes: {}, batch: 1 });
  const after = foldFrozen(forward, names);
  return { operators: after.nodes.map(({ opType }) => opType), forward, after };
}

const isFolded = async (net: Net) => !(await operatorsOf(net)).operators.includes('BatchNormalization');

describe('gradient/frozen', () => {
  for (const [title, it_] of [
    ['a Conv', {}],
    ['a Conv with a bias', { hasBias: true }],
    ['a Conv of groups', { groups: 2, hasBias: true }],
    ['a norm with another ε', { norm: { epsilon: 0.5 } }],
  ] as readonly (readonly [string, Case])[]) {
    it(`computes a frozen norm into the weight of ${title}: outputs and gradients are those of float64`, async () => {
      const net = network(it_);
      expect(await isFolded(net)).to.equal(true);
      const source = net.model();
      const { model, init, gradients } = await gradientOf(source);
      const first = await runModel(init, {});
      const float = (dims: readonly number[], seed: number): Value => {
        const data = new Net({ seed }).numbers(
          dims.reduce((product, dim) => product * dim, 1),
          -1,
          1,
        );
        return { type: FLOAT, dims, data: Float32Array.from(data) };
      };
      const [x, dy] = [float([2, 4, 6, 6], 5), float([2, 6, 6, 6], 6)];
      const results = await runModel(model, { x, ...first, 'd/y': dy });
      const { y, slope } = reference(it_, source, numbers(x), numbers(dy));
      expect(distance(numbers(valueNamed(results, 'y')), y)).to.be.below(2e-6);
      const names = ['w', ...(it_.hasBias === true ? ['b'] : []), 'bn1.weight', 'bn1.bias'];
      expect([...gradients.keys()]).to.have.members(names);
      for (const name of names) {
        const expected = slope(name);
        // Float32, summed over 72 places.
        expect(distance(numbers(valueNamed(results, `d/${name}`)), expected), name).to.be.below(1e-5);
      }
    });
  }

  it('knows the type of all that it writes', async () => {
    const { after, forward } = await operatorsOf(network({ hasBias: true }));
    for (const { input, output } of after.nodes)
      for (const name of [...input, ...output]) expect(after.types.get(name), name).to.be.an('object');
    expect(after.types.get('y')).to.deep.equal(forward.types.get('y'));
    // The large tensor is not touched again: one node makes y, and it is the Conv.
    expect(after.nodes.filter(({ output }) => output.includes('y')).map(({ opType }) => opType)).to.deep.equal([
      'Conv',
    ]);
  });

  it('leaves a norm whose Conv something else reads, or returns', async () => {
    expect(await isFolded(network({ also: (net, conv) => net.output(net.relu(conv), [2, 6, 6, 6]) }))).to.equal(false);
    expect(await isFolded(network({ also: (net, conv) => net.output(conv, [2, 6, 6, 6]) }))).to.equal(false);
  });

  it('leaves a norm behind a map that is smaller than the weight, which would be the longer way', async () => {
    // 24 numbers of weight: 12 of a map of one place, 48 of two by two.
    expect(await isFolded(network({ size: 1 }))).to.equal(false);
    expect(await isFolded(network({ size: 2 }))).to.equal(true);
  });

  it('leaves a norm in training, one whose statistics are computed in the run, and one of float64', async () => {
    const training = network({ norm: { attributes: { training_mode: 1 }, outputs: ['y', 'm', 'v'] } });
    expect(await isFolded(training)).to.equal(false);
    const given = network({ norm: { mean: 'mean' } });
    given.input('mean', [6]);
    expect(await isFolded(given)).to.equal(false);
    // The runtime has no Conv of float64, so that the types alone say so.
    const { forward, names } = await prepare(network().model(), { sizes: {}, batch: 1 });
    const wide = {
      ...forward,
      types: new Map([...forward.types].map(([name, { dims }]) => [name, { type: DOUBLE, dims }])),
    };
    expect(foldFrozen(wide, names)).to.equal(wide);
  });

  it('leaves a norm that no Conv comes before, and hands back the very graph if there is none else', async () => {
    const net = new Net({ opset: 17 });
    net.output(net.bn(net.relu(net.input('x', [2, 3, 4, 4])), 3), [2, 3, 4, 4]);
    const { after, forward } = await operatorsOf(net);
    expect(after).to.equal(forward);
  });

  it('takes the first norm of two behind a Conv, and the other stays', async () => {
    const net = network();
    net.outputs.pop();
    net.output(net.bn('y', 6), [2, 6, 6, 6]);
    const { operators } = await operatorsOf(net);
    expect(operators.filter((it) => it === 'BatchNormalization').length).to.equal(1);
    expect(operators.at(-2)).to.equal('Conv');
  });
});

const numbers = (value: Value) => Array.from(numbersIn(value));

/** y by the formulas, and Σ dy · y differentiated by each number of a tensor: it is linear or a product in each, so differences are exact. */
function reference(
  { groups = 1, norm = {} }: Case,
  source: ReturnType<Net['model']>,
  x: readonly number[],
  dy: readonly number[],
) {
  const { initializer } = source.proto.graph;
  const stored = new Map(
    initializer.map((tensor) => {
      const bytes = tensor.rawData?.bytes() ?? new Uint8Array(0);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return [tensor.name, Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true))];
    }),
  );
  const epsilon = Math.fround(norm.epsilon ?? 1e-3);
  const compute = (values: ReadonlyMap<string, readonly number[]>) => {
    const read = (name: string, at: number) => values.get(name)?.[at] ?? 0;
    const y: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let k = 0; k < 6; k++)
        for (let place = 0; place < 36; place++) {
          const own = 4 / groups;
          const from = Math.floor(k / (6 / groups)) * own;
          let sum = read('b', k);
          for (let c = 0; c < own; c++) sum += read('w', k * own + c) * (x[(n * 4 + from + c) * 36 + place] as number);
          const r = 1 / Math.sqrt(read('bn1.running_var', k) + epsilon);
          y.push(read('bn1.weight', k) * r * (sum - read('bn1.running_mean', k)) + read('bn1.bias', k));
        }
    return y;
  };
  const slope = (name: string) => {
    const own = stored.get(name) ?? [];
    return own.map((value, at) => {
      const total = (by: number) => {
        const moved = own.map((it, index) => (index === at ? value + by : it));
        const y = compute(new Map([...stored, [name, moved]]));
        return y.reduce((sum, it, index) => sum + it * (dy[index] as number), 0);
      };
      return (total(0.5) - total(-0.5)) / 1;
    });
  };
  return { y: compute(stored), slope };
}
