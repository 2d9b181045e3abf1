import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { DriftMeter } from '../../src/measure/drift.ts';
import { compareHeldOut, HeldOut, siteInputs } from '../../src/measure/held-out.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { declaredType, makeValueInfo } from '../../src/onnx/value-type.ts';
import type { Value } from '../../src/runtime/session.ts';
import { countedHome } from '../support/home.ts';
import { runModel, valueNamed } from '../support/session.ts';

function floats(dims: readonly number[]): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * i)) };
}

/** x → gain · x + 1, and the same as classes. */
function model(batch: number | string, gain: number): Model {
  const net = new Net();
  const scaled = net.node('Mul', [net.input('x', [batch, 3]), net.weight('gain', [3], [gain, 1, 1])]);
  net.node('Add', [scaled, net.weight('one', [3], [1, 1, 1])], {}, { outputs: ['y'] });
  return net.output('y', [batch, 3]).model();
}

/** The same, for rows of any length. */
function open(batch: string, gain: number): Model {
  const { proto, ...rest } = model(batch, gain);
  const input = [makeValueInfo('x', DataType.FLOAT, [undefined, undefined])];
  return { ...rest, proto: { ...proto, graph: { ...proto.graph, input } } };
}

const data = datasetOf({ x: floats([9, 3]) });

async function drift(batch: number | string, samples: readonly number[], memory?: number, gain = 3) {
  return (await compareHeldOut(model(batch, 1), model(batch, gain), data, samples, { memory })).drift;
}

describe('compareHeldOut', () => {
  it('is none between equal models', async () => {
    const [found, ...others] = await drift('N', [0, 1], undefined, 1);
    expect(others).to.have.length(0);
    expect(found).to.include({ output: 'y', max: 0, relative: 0, cosine: 1, argmax: 1 });
  });

  it('is over each of the samples once, in whatever runs they are', async () => {
    const samples = [1, 3, 4, 7, 8];
    const meter = new DriftMeter('y');
    for (const sample of samples) {
      const one = await data.load(sample);
      const [before, after] = [await runModel(model('N', 1), one), await runModel(model('N', 3), one)];
      meter.add(valueNamed(before, 'y'), valueNamed(after, 'y'));
    }
    const expected = meter.result();
    for (const [batch, memory] of [
      ['N', 1e9],
      ['N', 1],
      [1, 1e9],
      [4, 1e9],
      [5, 1],
    ] as const) {
      const [found] = await drift(batch, samples, memory);
      for (const figure of ['max', 'mean', 'relative', 'cosine', 'argmax'] as const) {
        // Sums of 15 numbers in another order.
        expect(found?.[figure], `${figure}, batch ${batch}`).to.be.closeTo(expected?.[figure] as number, 1e-12);
      }
    }
  });

  it('runs samples of different sizes', async () => {
    const net = new Net();
    net.output(net.relu(net.input('x', ['N', 3, 'W'])));
    const relu = net.model();
    const sizes: Dataset = {
      count: 3,
      keyOf: (sample) => String(sample % 2),
      load: async (sample) => ({ x: floats([1, 3, 4 + (sample % 2)]) }),
    };
    const {
      drift: [found],
    } = await compareHeldOut(relu, relu, sizes, [0, 1, 2], {});
    expect(found).to.include({ max: 0 });
  });
});

describe('HeldOut', () => {
  it('tells how much is kept, over each of the samples once', async () => {
    for (const batch of ['N', 4]) {
      const heldOut = await HeldOut.of(model(batch, 1), data, [1, 3, 4, 7, 8], {});
      const same = await heldOut.compare(model(batch, 1), model(batch, 1));
      expect(same.kept).to.deep.include({ kept: 1, inputs: 5 });
      const other = await heldOut.compare(model(batch, 1), model(batch, -9));
      expect(other.kept.kept, `batch ${batch}`).to.equal(1);
      const named = await HeldOut.of(model(batch, 1), data, [1, 3, 4, 7, 8], {
        tasks: { task: ['classify'] },
      });
      const classes = (await named.compare(model(batch, 1), model(batch, -9))).kept;
      expect(classes.tasks[0]).to.include({ task: 'classify' });
      expect(classes.kept).to.be.below(1);
    }
  });

  const drifts = async (room?: number) => {
    const home = countedHome();
    const source = { ...model('N', 1), home };
    const limits = { memory: 1 };
    const heldOut = await HeldOut.of(model('N', 1), data, [0, 3, 5], limits, room);
    const found = [3, 1, 2].map((gain) => () => heldOut.compare(source, model('N', gain)));
    const results: (number | undefined)[] = [];
    for (const one of found) results.push((await one()).drift[0]?.relative);
    return { asked: home.loaded(), results };
  };

  it('opens a model once that several parts and calls share', async () => {
    const home = countedHome();
    const [source, shared, other] = [model('N', 1), { ...model('N', 3), home }, { ...model('N', 2), home }];
    const heldOut = await HeldOut.inParts(source, data, [[0, 1], [2], [3, 4]], {}, 1e6);
    const of = (...models: readonly Model[]) => models.map((it) => ({ model: it, feeds: {} }));
    const first = await heldOut.compareParts(source, of(shared, shared, shared), true);
    const second = await heldOut.compareParts(source, of(shared, shared, shared), true);
    expect(home.loaded()).to.equal(1);
    expect(second).to.deep.equal(first);
    expect(first.each).to.have.length(5);
    await heldOut.compareParts(source, of(shared, other, shared));
    await heldOut.close();
    expect(home.loaded()).to.equal(3);
  });

  it('optimises no graph for a few samples if it is to be brief, and answers the same', async () => {
    const heldOut = await HeldOut.of(model('N', 1), data, [0, 3, 5], { brief: true });
    const whole = await HeldOut.of(model('N', 1), data, [0, 3, 5], {});
    const [one, other] = [
      await heldOut.compare(model('N', 1), model('N', 3)),
      await whole.compare(model('N', 1), model('N', 3)),
    ];
    expect(one.kept.kept).to.be.closeTo(other.kept.kept as number, 1e-6);
  });

  it('states the sizes of inputs if it is to be brief and all are of one size', async () => {
    const stated = async (brief: boolean, other = 3) => {
      const home = countedHome();
      const rows = datasetOf({ x: floats([9, 3]) });
      const of: Dataset = { ...rows, keyOf: (sample) => (sample === 8 ? `${other}` : '3') };
      const heldOut = await HeldOut.of(open('N', 1), of, [0, 3, 8], { brief });
      await heldOut.compare(open('N', 1), { ...open('N', 3), home });
      return home.models.map(({ proto }) => declaredType(proto.graph.input[0]?.type).shape);
    };
    expect(await stated(true)).to.deep.equal([[undefined, 3]]);
    expect(await stated(true, 4)).to.deep.equal([[undefined, undefined]]);
    expect(await stated(false)).to.deep.equal([[undefined, undefined]]);
  });

  it('runs the source once for all models where its answers may be kept, and else for each', async () => {
    const [kept, half, none] = [await drifts(1e6), await drifts(2 * 8 * 3), await drifts()];
    expect([kept.asked, half.asked, none.asked]).to.deep.equal([1, 3, 3]);
    expect(kept.results).to.deep.equal(none.results);
    expect(half.results).to.deep.equal(none.results);
    expect(none.results[0]).to.be.above(0);
    expect(none.results[1]).to.equal(0);
  });
});

describe('siteInputs', () => {
  const values = async (batch: number | string, samples: readonly number[], from: Dataset = data) =>
    (await siteInputs(model(batch, 1), from, samples)).x?.data;
  const rows = (...samples: readonly number[]) =>
    Float32Array.from(
      samples.flatMap((sample) => Array.from(floats([9, 3]).data as Float32Array).slice(3 * sample, 3 * sample + 3)),
    );

  it('takes the first two samples, or the one there is', async () => {
    expect(await values('N', [4, 6, 8])).to.deep.equal(rows(4, 6));
    expect(await values('N', [4])).to.deep.equal(rows(4));
  });

  it('takes as many as the model does, the same again where there are fewer', async () => {
    expect(await values(1, [4, 6])).to.deep.equal(rows(4));
    expect(await values(4, [4, 6, 8])).to.deep.equal(rows(4, 6, 8, 4));
  });

  it('takes those that may share a run with the first', async () => {
    const keyed: Dataset = { ...data, keyOf: (sample) => String(sample % 3) };
    expect(await values('N', [4, 5, 6, 7], keyed)).to.deep.equal(rows(4, 7));
  });
});
