import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { labelledOf } from '../../../src/inputs/labelled/memory.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { numbersIn, withSession } from '../../../src/runtime/session.ts';
import { withParameters } from '../../../src/train/deliver.ts';
import { type Begun, beginNumbers, unitsOf } from '../../../src/train/head/begin-numbers.ts';
import { line, points } from '../../support/training.ts';

const DISTANCES = [{ output: 'y', unit: 1000 }];

/** Parts of parameters in the order given, and a vector that holds their numbers. */
function vectorOf(parts: Readonly<Record<string, readonly [dims: readonly number[], values: readonly number[]]>>) {
  let offset = 0;
  const list = Object.entries(parts).map(([name, [dims, values]]) => {
    const part = { name, dims, offset };
    offset += values.length;
    return part;
  });
  return { parts: list, theta: Float32Array.from(Object.values(parts).flatMap(([, values]) => values)) };
}

const LINE = vectorOf({
  w: [
    [2, 1],
    [0.5, -1],
  ],
  b: [[1], [0.25]],
});

/** `points`, with targets far away. */
function far(count: number, scale = 1000, shift = 1e5) {
  const near = points(count);
  return {
    ...near,
    load: async (sample: number) => {
      const { inputs, target } = await near.load(sample);
      if (target.kind !== 'values') return { inputs, target };
      const [[name, value] = ['', { type: 1, dims: [], data: [] }]] = Object.entries(target.values);
      const data = Float32Array.from(numbersIn(value), (it) => scale * it + shift);
      return {
        inputs,
        target: { kind: 'values' as const, values: { [name]: { ...value, type: DataType.FLOAT, data } } },
      };
    },
  };
}

/** A head of 1×1 over maps of four channels: m [N, 4, 6, 6] → y [N, 2, 6, 6]. */
function mapped(): Model {
  const net = new Net({ seed: 2 });
  const weight = net.weight('w', [2, 4, 1, 1], [1, 0, 0, 0, 0, 1, 0, 0]);
  net.node('Conv', [net.input('m', ['N', 4, 6, 6]), weight, net.weight('b', [2], [0, 0])], {}, { outputs: ['y'] });
  return net.output('y', ['N', 2, 6, 6]).model();
}

function answersOf(
  model: Model,
  begun: Begun | undefined,
  parts: typeof LINE.parts,
  inputs: Awaited<ReturnType<ReturnType<typeof points>['load']>>['inputs'],
) {
  return withSession(begun === undefined ? model : withParameters(model, parts, begun.theta), (session) =>
    session.run(inputs),
  );
}

describe('train/head/begin-numbers', () => {
  it('a layer that is far from its targets begins at them, and a sentence says how near', async () => {
    const data = far(60);
    const begun = await beginNumbers(line(), data, DISTANCES, { ...LINE, seed: 1 });
    const [a = 0, b = 0, shift = 0] = begun?.theta ?? [];
    expect([a / 1000, b / 1000, shift / 1e5]).to.satisfy((them: number[]) =>
      them.every((it, index) => Math.abs(it - ([2, 3, 0.99][index] as number)) < 0.01),
    );
    expect(begun?.notes).to.have.length(1);
    expect(begun?.notes[0]).to.match(
      /^the last layer of y begins at a least-squares fit: variance explained −\S+ → 1\.000 on training/,
    );
    // The vector that was given is the file's.
    expect([...LINE.theta]).to.deep.equal([0.5, -1, 0.25]);
    const again = await beginNumbers(line(), data, DISTANCES, { ...LINE, seed: 1 });
    expect(again?.theta).to.deep.equal(begun?.theta);
  });

  it('leaves a layer that explains something, one that is not trained, few samples, and other outputs', async () => {
    const options = { ...LINE, seed: 1 };
    const trained = {
      ...vectorOf({
        w: [
          [2, 1],
          [1.5, 2],
        ],
        b: [[1], [0]],
      }),
      seed: 1,
    };
    const net = withParameters(line(), trained.parts, trained.theta);
    expect(await beginNumbers(net, points(60), DISTANCES, trained)).to.equal(undefined);
    const half = { ...options, parts: LINE.parts.slice(0, 1) };
    expect(await beginNumbers(line(), far(60), DISTANCES, half)).to.equal(undefined);
    expect(await beginNumbers(line(), far(7), DISTANCES, options)).to.equal(undefined);
    expect(await beginNumbers(line(), far(60), [{ output: 'z', unit: 1 }], options)).to.equal(undefined);
    const aborted = { ...options, signal: AbortSignal.abort() };
    expect(await beginNumbers(line(), far(60), DISTANCES, aborted)).to.equal(undefined);
    const infinite = far(60, 1, Number.POSITIVE_INFINITY);
    expect(await beginNumbers(line(), infinite, DISTANCES, options)).to.equal(undefined);
  });

  it('fits a head over maps place by place', async () => {
    const random = new Random(4);
    const [count, area] = [20, 36];
    const m = Float32Array.from({ length: count * 4 * area }, () => random.normal());
    const at = (sample: number, channel: number, place: number) => m[(sample * 4 + channel) * area + place] as number;
    const y = Float32Array.from({ length: count * 2 * area }, (_, i) => {
      const [sample, channel, place] = [Math.floor(i / (2 * area)), Math.floor(i / area) % 2, i % area];
      return channel === 0 ? 500 + 30 * at(sample, 1, place) : 700 - 20 * at(sample, 3, place);
    });
    const data = labelledOf(
      { m: { type: DataType.FLOAT, dims: [count, 4, 6, 6], data: m } },
      { kind: 'values', values: { y: { type: DataType.FLOAT, dims: [count, 2, 6, 6], data: y } } },
    );
    const { parts, theta } = vectorOf({
      w: [
        [2, 4, 1, 1],
        [1, 0, 0, 0, 0, 1, 0, 0],
      ],
      b: [[2], [0, 0]],
    });
    const begun = await beginNumbers(mapped(), data, DISTANCES, { parts, theta, seed: 3 });
    const { inputs } = await data.load(0);
    const answered = (await answersOf(mapped(), begun, parts, inputs)).y?.data as Float32Array;
    for (const i of [0, 20, 40, 70]) expect(answered[i]).to.be.closeTo(y[i] as number, 1);
  });

  it('names the weight and the bias of each layer with the unit of its output', () => {
    expect([...unitsOf(line(), DISTANCES)]).to.deep.equal([
      ['w', 1000],
      ['b', 1000],
    ]);
    expect(unitsOf(line())).to.have.property('size', 0);
  });
});
