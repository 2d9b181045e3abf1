import { expect } from 'chai';
import picocolors from 'picocolors';
import { Net } from '../../fixtures/build.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { type FinetuneOptions, finetune } from '../../src/jobs/finetune.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { finetuneLines } from '../../src/report/finetune.ts';
import { trainingLines } from '../../src/report/training-verdict.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import type { Value } from '../../src/runtime/session.ts';
import type { FitEvent, FitState } from '../../src/train/fit-types.ts';
import { decodeState, encodeState } from '../../src/train/state.ts';
import { rejection } from '../support/errors.ts';
import { classifier, labelledPictures, line, points } from '../support/training.ts';

const train = labelledPictures(30, 1);
const held = labelledPictures(30, 2);
const options: FinetuneOptions = { task: 'classify', held, epochs: 4, rate: 0.03, seed: 1 };

async function bytesOf(result: Promise<{ model: Model | undefined }>): Promise<Uint8Array> {
  const { model } = await result;
  return writeModel(model as Model);
}

/** Samples whose third class is the first. */
function asTwo(data: LabelledData): LabelledData['load'] {
  return async (sample) => {
    const { inputs, target } = await data.load(sample);
    return { inputs, target: target.kind === 'class' ? { kind: 'class', label: target.label % 2 } : target };
  };
}

/** As `classifier`, in float16 from its input on. */
function halfClassifier(): Model {
  const net = new Net({ type: DataType.FLOAT16, opset: 15, seed: 3 });
  const map = net.relu(net.conv(net.input('x', ['N', 3, 8, 8]), 3, 4, { kernel: 3 }));
  const row = net.node('Flatten', [net.node('GlobalAveragePool', [map])]);
  const head = net.node('Gemm', [row, net.weight('head.w', [4, 3]), net.weight('head.b', [3])], {}, { name: 'head' });
  net.node('Softmax', [head], { axis: 1 }, { outputs: ['p'] });
  return net.output('p', ['N', 3]).model();
}

describe('jobs/finetune', () => {
  it('a classifier learns, and the written file scores what is reported', async () => {
    const { model, facts } = await finetune(classifier(), train, options);
    expect(facts.before?.value).to.be.below(0.7);
    expect(facts.after?.value).to.be.above(0.9);
    expect(facts.history).to.have.length(5);
    expect(facts.history[facts.bestEpoch]?.score).to.equal(facts.after?.value);
    expect(facts.proof?.changed).to.equal(5);
    expect(facts.confusion?.flat().reduce((sum, count) => sum + count, 0)).to.equal(30);
    expect(model?.proto.opsetImport).to.deep.equal(classifier().proto.opsetImport);
  });

  it('notes classes that are likely one', async () => {
    const classes = ['dog', 'cat', 'Dog'];
    const { facts } = await finetune(classifier(), { ...train, classes }, { ...options, epochs: 1 });
    expect(facts.notes.join()).to.include('"dog" and "Dog" are learned as different classes');
  });

  it('says that classes of the data were taken for the first ones of a file that has more, and rebuilds its head if asked to', async () => {
    const two = { ...train, classes: ['cat', 'dog'], strata: train.strata.map((it) => it % 2), load: asTwo(train) };
    const kept = { ...held, classes: ['cat', 'dog'], strata: held.strata.map((it) => it % 2), load: asTwo(held) };
    const taken = await finetune(classifier(), two, { ...options, held: kept, epochs: 1 });
    expect(taken.facts.notes.join()).to.include(
      'p has 3 classes, and the data 2: cat, dog are taken for its first ones, in this order. If they are new to the file, use --old-classes none',
    );
    expect(taken.facts.confusion).to.have.length(3);
    const rebuilt = await finetune(classifier(), two, { ...options, held: kept, epochs: 1, oldClasses: [] });
    expect(rebuilt.facts.notes.join()).to.include('0 kept, 2 new (cat, dog)').and.not.include('--old-classes');
    expect(rebuilt.facts.confusion).to.have.length(2);
    // A last layer that was rebuilt is random: what was trained is written, even if chance had scored more.
    const others = { ...options, held: kept, epochs: 1, oldClasses: [] };
    const spoilt = await Promise.all([3, 30].map((rate) => finetune(classifier(), two, { ...others, rate })));
    expect(spoilt.some(({ facts: { history } }) => Number(history[1]?.loss) > Number(history[0]?.loss))).to.equal(true);
    for (const { model, facts } of spoilt) expect([model === undefined, facts.bestEpoch]).to.deep.equal([false, 1]);
    // Numbers are positions among the file's classes already, and as many classes as the file has are all of them.
    const numbered = await finetune(
      classifier(),
      { ...two, classes: ['0', '1'] },
      { ...options, held: kept, epochs: 1 },
    );
    const three = await finetune(classifier(), train, { ...options, epochs: 1 });
    for (const { facts } of [numbered, three]) expect(facts.notes.join()).to.not.include('--old-classes');
  });

  it('trains a file of float16 on samples of float32, as pictures are read, and on those of float16', async () => {
    const half = halfClassifier();
    const asHalf: LabelledData['load'] = async (sample) => {
      const { inputs, target } = await train.load(sample);
      const x = inputs.x as Value;
      return { target, inputs: { x: { ...x, type: DataType.FLOAT16, data: encodeHalf(x.data as Float32Array) } } };
    };
    const [single, double] = [
      await finetune(half, train, { ...options, epochs: 2 }),
      await finetune(half, { ...train, load: asHalf }, { ...options, epochs: 2 }),
    ];
    for (const { facts, model } of [single, double]) {
      expect(facts.after?.value).to.be.above(facts.before?.value ?? 1);
      expect(model?.proto.graph.initializer.map(({ dataType }) => dataType)).to.include(DataType.FLOAT16);
    }
  });

  it('the same seed gives the same bytes, another seed others', async () => {
    const first = await bytesOf(finetune(classifier(), train, options));
    expect(await bytesOf(finetune(classifier(), train, options))).to.deep.equal(first);
    expect(await bytesOf(finetune(classifier(), train, { ...options, seed: 2 }))).to.not.deep.equal(first);
  });

  it('a run that goes on from any of its epochs ends in the same bytes as one that was not disturbed', async () => {
    const saved: Uint8Array[] = [];
    const onEpoch = async (state: FitState) => {
      saved.push(encodeState(state, {}));
    };
    const whole = await bytesOf(finetune(classifier(), train, { ...options, rate: 'auto', onEpoch }));
    expect(saved).to.have.length(5);
    for (const bytes of saved) {
      const resume = decodeState(bytes, 'state', {});
      expect(await bytesOf(finetune(classifier(), train, { ...options, rate: 'auto', resume }))).to.deep.equal(whole);
    }
  });

  it('a signal ends the run behind its step, and the best epoch so far is kept', async () => {
    const abort = new AbortController();
    let last: FitEvent | undefined;
    const onEvent = (event: FitEvent) => {
      if (event.kind === 'step') last = event;
      if (event.kind === 'step' && event.epoch === 3 && event.step === 70) abort.abort();
    };
    const { model, facts } = await finetune(classifier(), train, { ...options, onEvent, signal: abort.signal });
    expect(facts.stopped).to.equal('interrupted');
    expect(last?.kind === 'step' && last.step).to.equal(70);
    expect(facts.history).to.have.length(3);
    expect(facts.after?.value).to.equal(facts.history[facts.bestEpoch]?.score);
    expect(model).to.not.equal(undefined);
  });

  for (const [when, isThen] of [
    ['while it is measured before', (event: FitEvent) => event.kind === 'phase' && event.phase === 'held'],
    ['while rates are tried', (event: FitEvent) => event.kind === 'rate' && event.done === 40],
  ] as const) {
    it(`a signal ends the run ${when}: no epoch, no state, no file, and no error`, async () => {
      const abort = new AbortController();
      const kinds: string[] = [];
      const onEvent = (event: FitEvent) => {
        if (abort.signal.aborted) kinds.push(event.kind);
        if (isThen(event)) abort.abort();
      };
      const onEpoch = () => expect.fail('a state was saved');
      const told = { ...options, rate: 'auto', onEvent, onEpoch, signal: abort.signal } as const;
      const { model, facts } = await finetune(classifier(), train, told);
      expect(model).to.equal(undefined);
      expect(facts).to.deep.include({
        stopped: 'interrupted',
        history: [],
        bestEpoch: 0,
        steps: 0,
        before: null,
        proof: null,
      });
      expect(kinds.filter((kind) => kind !== 'phase')).to.deep.equal([]);
      expect(trainingLines(facts)[0]?.text).to.equal(
        'Not trained: stopped before the end of the first epoch; nothing was written',
      );
      expect(finetuneLines(facts, { colors: picocolors.createColors(false), verbose: false }).join('\n')).not.to.match(
        /resume|epoch|rate/,
      );
    });
  }

  it('nothing is written if no epoch is better than the model was', async () => {
    let wrote = false;
    const write = async (it: Model) => {
      wrote = true;
      return it;
    };
    const trained = (await finetune(classifier(), train, options)).model as Model;
    const { model, facts } = await finetune(trained, train, { ...options, rate: 9, patience: 2 }, write);
    expect(model).to.equal(undefined);
    expect(wrote).to.equal(false);
    expect(facts.bestEpoch).to.equal(0);
    expect(facts.proof).to.equal(null);
    expect(facts.after).to.equal(null);
  });

  it('a sample that makes the loss infinite ends training there, and what was good before is kept', async () => {
    const broken = 7;
    const load: typeof train.load = async (sample) => {
      const example = await train.load(sample);
      const { x } = example.inputs;
      if (sample !== broken || x === undefined) return example;
      return { ...example, inputs: { x: { ...x, data: new Float32Array(192).fill(Number.NaN) } } };
    };
    const { model, facts } = await finetune(classifier(), { ...train, load }, options);
    expect(facts.stopped).to.have.property('notFinite').within(1, 30);
    expect(facts.bestEpoch).to.equal(0);
    expect(model).to.equal(undefined);
  });

  it('training ends when the score has not risen for some epochs', async () => {
    const trained = (await finetune(classifier(), train, options)).model as Model;
    const { facts } = await finetune(trained, train, { ...options, epochs: 9, rate: 9, patience: 2 });
    expect(facts.stopped).to.equal('patience');
    expect(facts.history.length).to.be.at.most(4);
  });

  it('the rate that is found has the lowest held-out loss of those tried, or nearly, and is written down', async () => {
    const { facts } = await finetune(classifier(), train, { ...options, rate: 'auto' });
    expect(facts.tried.length).to.be.within(3, 6);
    const losses = facts.tried.flatMap(({ loss }) => loss ?? []);
    const own = facts.tried.find(({ rate }) => rate === facts.rate)?.loss as number;
    expect(own).to.be.at.most(Math.min(...losses) / 0.98);
  });

  it('a line is fitted to points on it', async () => {
    const { model, facts } = await finetune(line(), points(40), {
      task: 'regress',
      held: points(20, 2),
      epochs: 30,
      rate: 0.1,
      weightDecay: 0,
    });
    expect(facts.after?.value).to.be.above(0.999);
    const [w, b] = (model as Model).proto.graph.initializer.map((tensor) => [...valuesOf(tensor)]);
    expect(w?.[0]).to.be.closeTo(2, 0.05);
    expect(w?.[1]).to.be.closeTo(3, 0.05);
    expect(b?.[0]).to.be.closeTo(-1, 0.05);
  });

  it('without labels a model learns what its teacher answers', async () => {
    const teacher = (await finetune(classifier(), train, options)).model as Model;
    const pupil = classifier({ seed: 8 });
    const plain = { ...train, classes: undefined };
    const { facts } = await finetune(pupil, plain, { ...options, task: 'distill', teacher, epochs: 6 });
    expect(facts.measure).to.equal('kept of the teacher');
    expect(facts.before?.value).to.be.below(0.7);
    expect(facts.after?.value).to.be.above(0.9);
  });

  it('a file that is not what was trained is refused, by what differs', async () => {
    const damages: Record<string, (model: Model) => Model> = {
      'another weight changed': (model) => tensorOf(model, 'bn1.running_mean', (values) => values.map((it) => it + 1)),
      'a trained weight was lost': (model) => tensorOf(model, 'head.w', (values) => values.map(() => 0)),
      'a node changed': (model) => {
        const { graph } = model.proto;
        return withGraph(model, {
          ...graph,
          node: graph.node.map((it) => ({ ...it, opType: it.opType.replace('Relu', 'Abs') })),
        });
      },
    };
    const messages = [];
    for (const damage of Object.values(damages)) {
      const write = async (it: Model) => readModel(writeModel(damage(it)));
      const error = await rejection(finetune(classifier(), train, { ...options, epochs: 1 }, write));
      expect(error.code).to.equal('verification-failed');
      messages.push(error.message);
    }
    expect(messages[0]).to.contain('"bn1.running_mean" changed, and was not trained');
    expect(messages[1]).to.contain('output "p" differs from the trained model');
    expect(messages[2]).to.contain('its graph is not the graph that was trained');
  });

  it('a model with a fixed batch of 1 takes the samples of a step one after the other, to the same end', async () => {
    const one = await finetune(classifier({ batch: 1 }), train, { ...options, batch: 5 });
    const five = await finetune(classifier(), train, { ...options, batch: 5 });
    expect([one.facts.batch, one.facts.accumulate]).to.deep.equal([1, 5]);
    expect([five.facts.batch, five.facts.accumulate]).to.deep.equal([5, 1]);
    for (const [index, facts] of one.facts.history.entries()) {
      expect(facts.loss).to.be.closeTo(five.facts.history[index]?.loss as number, 1e-3);
    }
  });

  it('rebuilds the last layer where the data has more classes', async () => {
    const data = { ...train, classes: ['a', 'b', 'c', 'd'] };
    const { facts } = await finetune(classifier(), data, { ...options, epochs: 1 });
    expect(facts.notes.join(' ')).to.match(/Classes of .* rebuilt: 0 kept, 4 new/);
  });

  for (const [problem, given, message] of [
    ['a task that the outputs do not fit', { task: 'segment' }, 'the model has no output that is a map of classes'],
    ['an output that is not there', { task: 'classify', lossOf: 'q' }, '"q" is not an output'],
    ['a teacher that is missing', { task: 'distill' }, '--task distill needs a model that answers'],
    ['a batch of 0', { task: 'classify', batch: 0 }, '--batch is 0'],
    [
      'a pattern that picks nothing',
      { task: 'classify', train: ['nothing-like-it'] },
      '"nothing-like-it" matches no parameter',
    ],
  ] as const) {
    it(`is told of ${problem}`, async () => {
      const error = await rejection(finetune(classifier(), train, given as FinetuneOptions));
      expect(error.message).to.contain(message);
      expect(error.remedy).to.not.equal(undefined);
    });
  }
});

function tensorOf(model: Model, name: string, change: (values: number[]) => number[]): Model {
  const { graph } = model.proto;
  const initializer = graph.initializer.map((tensor) =>
    tensor.name === name ? makeTensor(name, 1, tensor.dims.map(Number), change([...valuesOf(tensor)])) : tensor,
  );
  return withGraph(model, { ...graph, initializer });
}
