import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { calibrate, comparedOn } from '../../src/calibrate/index.ts';
import { findSites } from '../../src/find/index.ts';
import { loadSamples } from '../../src/inputs/batch.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { chooseSolution } from '../../src/jobs/choose.ts';
import { KnownAnswers } from '../../src/measure/known-answers.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import type { Values } from '../../src/runtime/session.ts';
import { countedHome } from '../support/home.ts';
import { runModel } from '../support/session.ts';

const COUNT = 24;

/** A classifier of pictures with two norms, and a head behind the last. */
function classifier(batch: number | string = 'n'): Model {
  const net = new Net({ seed: 3 });
  const x = net.relu(net.bn(net.conv(net.input('x', [batch, 3, 6, 6]), 3, 4, { kernel: 3 }), 4));
  const y = net.relu(net.bn(net.conv(x, 4, 4), 4));
  const pooled = net.node('ReduceMean', [y], { axes: [2, 3], keepdims: 0 });
  net.node('Softmax', [net.node('MatMul', [pooled, net.weight('w', [4, 3])])], { axis: 1 }, { outputs: ['classes'] });
  return net.output('classes', [batch, 3]).model();
}

const data = (() => {
  const random = new Random(5);
  const numbers = Float32Array.from({ length: COUNT * 3 * 36 }, () => random.normal());
  return datasetOf({ x: { type: DataType.FLOAT, dims: [COUNT, 3, 6, 6], data: numbers } });
})();

const numbersIn = (values: Values | undefined) => Array.from((values?.classes?.data as Float32Array | undefined) ?? []);

async function answered(model: Model, samples: readonly number[]): Promise<Values> {
  return runModel(model, await loadSamples(model, data, samples));
}

describe('KnownAnswers', () => {
  it('has those of samples that are wanted, in whatever runs they were', async () => {
    const model = classifier();
    const known = new KnownAnswers(model, [1, 2, 5], 1e6);
    known.add(await answered(model, [0, 1, 2]), { samples: [0, 1, 2], count: 3 });
    expect(known.missing([0, 1, 2, 5])).to.deep.equal([5]);
    expect(known.of({ samples: [1, 5], count: 2 })).to.equal(undefined);
    known.add(await answered(model, [5, 3]), { samples: [5, 3], count: 2 });
    const found = known.of({ samples: [5, 1, 5], count: 2 });
    expect(found?.classes?.dims).to.deep.equal([2, 3]);
    expect(numbersIn(found)).to.deep.equal(numbersIn(await answered(model, [5, 1])));
  });

  it('has none of a sample that only fills a run, of one alone, and of more than there is room for', async () => {
    const model = classifier();
    const answers = await answered(model, [0, 1]);
    const known = new KnownAnswers(model, [0, 1], 8 * 3);
    known.add(answers, { samples: [0, 1], count: 1 });
    expect(known.missing([0, 1])).to.deep.equal([1]);
    known.add(answers, { samples: [0, 1], count: 2 });
    expect(known.missing([0, 1])).to.deep.equal([1]);
    const alone = new KnownAnswers(model, [0], 1e6);
    alone.add(await answered(model, [0]), { samples: [0], count: 1 });
    expect(alone.missing([0])).to.deep.equal([0]);
    // Where the model takes no more, it is a row of its own.
    const single = classifier(1);
    const ofSingle = new KnownAnswers(single, [0], 1e6);
    ofSingle.add(await answered(single, [0]), { samples: [0], count: 1 });
    expect(ofSingle.missing([0])).to.deep.equal([]);
  });

  it('has none where rows are not those of the samples', async () => {
    const net = new Net();
    const x = net.input('x', ['n', 3, 6, 6]);
    const whole = net.output(net.node('Reshape', [x, net.weight('rows', [2], [-1, 2], DataType.INT64)])).model();
    const rows = new KnownAnswers(whole, [0, 1], 1e6);
    rows.add(await answered(whole, [0, 1]), { samples: [0, 1], count: 2 });
    expect(rows.missing([0, 1])).to.deep.equal([0, 1]);

    const other = new Net();
    other.node('NonZero', [other.input('x', ['n', 3, 6, 6])], {}, { outputs: ['found'] });
    const byData = new KnownAnswers(other.output('found', undefined, DataType.INT64).model(), [0, 1], 1e6);
    expect(byData.outputs).to.deep.equal([]);
    expect(byData.missing([0, 1])).to.deep.equal([]);
  });
});

describe('a calibration whose candidates are compared', () => {
  const options = { data, seed: 0, chooseGroups: true, memory: 1e9 };

  it('knows what the source answered to all samples that they are compared on, as a run of the source alone tells it', async () => {
    const search = findSites(classifier());
    const calibration = await calibrate(search, plan(search.sites, 13, {}), { ...options, compares: true });
    const samples = comparedOn(calibration);
    expect(samples).to.have.length(16);
    expect(calibration.answers?.missing(samples)).to.deep.equal([]);
    const expected = numbersIn(await answered(search.model, samples));
    for (const [index, number] of numbersIn(calibration.answers?.of({ samples, count: 16 })).entries()) {
      expect(number).to.be.closeTo(expected[index] as number, 1e-6);
    }
  });

  it('opens the source no more for the comparison, and chooses as if it had', async () => {
    const home = countedHome();
    const search = findSites({ ...classifier(), home });
    const planned = plan(search.sites, 13, {});
    const opened: number[] = [];
    const choices = [];
    for (const compares of [true, false]) {
      const calibration = await calibrate(search, planned, { ...options, compares });
      const before = home.loaded();
      choices.push((await chooseSolution(search, calibration, { data })).choice);
      opened.push(home.models.slice(before).filter((it) => it === search.model).length);
    }
    expect(opened).to.deep.equal([0, 1]);
    expect(choices[0]).to.deep.equal(choices[1]);
  });
});
