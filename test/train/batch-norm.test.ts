import { expect } from 'chai';
import { takeSamples } from '../../src/inputs/generated.ts';
import type { Example } from '../../src/inputs/labelled/types.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { type Model, withGraph, writeModel } from '../../src/onnx/model.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { setUp } from '../../src/train/setup.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { rejection } from '../support/errors.ts';
import { runModel } from '../support/session.ts';
import { classifier, labelledPictures, line, pictures, points } from '../support/training.ts';

const [COUNT, CHANNELS] = [4, 4] as const;

/** The same with its tensors in Constant nodes, as PaddlePaddle's exporter writes them. */
function inNodes(model: Model): Model {
  const { initializer, node, ...graph } = model.proto.graph;
  const constants = initializer.map((value) => makeNode('Constant', [], [value.name], '', { value }));
  return withGraph(model, { ...graph, initializer: [], node: [...constants, ...node] });
}

async function opened(batchNorm: 'train' | 'renorm' = 'train', model = classifier()) {
  const data = labelledPictures(COUNT, 1);
  const { task, example } = await setUp(model, data, { task: 'classify' });
  const trainer = await Trainer.open(model, task.objective, example, { batchNorm, optimizer: 'sgd' });
  const batch: Example[] = await Promise.all(Array.from({ length: COUNT }, (_, sample) => data.load(sample)));
  const norm = model.proto.graph.node.find(({ opType }) => opType === 'BatchNormalization');
  const [input = '', , , mean = '', variance = ''] = norm?.input ?? [];
  const of = (name: string, theta = trainer.parametersNow()) => {
    const part = trainer.layout.parts.find((it) => it.name === name);
    return Array.from(theta.subarray(part?.offset, (part?.offset ?? 0) + CHANNELS));
  };
  return { model, trainer, batch, input, mean, variance, of };
}

describe('train/trainer with BatchNormalization in training mode', () => {
  it('moves running statistics towards those of the batch, and nothing else if the rate is 0', async () => {
    const { model, trainer, batch, input, mean, variance, of } = await opened();
    const [before, was] = [trainer.parametersNow(), { mean: of(mean), variance: of(variance) }];
    // What reaches the norm, of the same batch, in ONNX Runtime.
    const { inputs } = pictures(COUNT, 1);
    const open = {
      ...model,
      proto: {
        ...model.proto,
        graph: { ...model.proto.graph, output: [{ ...model.proto.graph.output[0], name: input, type: undefined }] },
      },
    };
    const reached = numbersOf((await runModel(open as typeof model, { x: inputs }))[input] as Value) ?? [];
    const area = reached.length / COUNT / CHANNELS;
    await trainer.step([batch], 0);
    for (let channel = 0; channel < CHANNELS; channel++) {
      const own = Array.from(reached, Number).filter((_, index) => Math.floor(index / area) % CHANNELS === channel);
      const average = own.reduce((sum, it) => sum + it, 0) / own.length;
      const spread = own.reduce((sum, it) => sum + (it - average) ** 2, 0) / own.length;
      // float32 sums of 256 numbers near 1.
      expect(of(mean)[channel]).to.be.closeTo(0.9 * (was.mean[channel] as number) + 0.1 * average, 1e-5);
      expect(of(variance)[channel]).to.be.closeTo(0.9 * (was.variance[channel] as number) + 0.1 * spread, 1e-5);
    }
    const trained = before.length - 2 * CHANNELS;
    expect(trainer.parametersNow().subarray(0, trained)).to.deep.equal(before.subarray(0, trained));
    await trainer.close();
  });

  it('the gradient is the slope of the loss over the statistics of the batch', async () => {
    const { trainer, batch } = await opened();
    const start = trainer.parametersNow();
    const { gradient } = await trainer.gradient(batch);
    const norm = Math.sqrt(gradient.reduce((sum, it) => sum + it * it, 0));
    const lossAt = async (length: number) => {
      trainer.restore({ theta: start.map((it, i) => it + (length * (gradient[i] as number)) / norm) });
      return (await trainer.gradient(batch)).loss;
    };
    const slope = ((await lossAt(1e-2)) - (await lossAt(-1e-2))) / 2e-2;
    // Central differences in float32 over some kinks of Relu.
    expect(slope / norm).to.be.closeTo(1, 0.02);
    await trainer.close();
  });

  for (const [mode, stored, source] of [
    ['train', 'initializers', classifier()],
    ['renorm', 'initializers', classifier()],
    ['train', 'Constant nodes', inNodes(classifier())],
    ['renorm', 'Constant nodes', inNodes(classifier())],
  ] as const)
    it(`answers as the file answers that it writes: by the running statistics of the moment (${mode}, ${stored})`, async () => {
      const { trainer, batch } = await opened(mode, source);
      for (let i = 0; i < 3; i++) await trainer.step([batch], 0.05);
      const one = [batch[0] as Example];
      const { outputs } = await trainer.answer(one);
      const written = await runModel(trainer.model(), {
        x: takeSamples({ x: pictures(COUNT, 1).inputs }, COUNT, 0, 1).x as Value,
      });
      for (const [index, value] of Array.from(numbersOf(written.p as Value) ?? []).entries()) {
        expect(Number(numbersOf(outputs.p as Value)?.[index])).to.be.closeTo(Number(value), 1e-5);
      }
      expect(writeModel(trainer.model())).to.not.deep.equal(writeModel(source));
      await trainer.close();
    });

  it('is the same whether initializers or Constant nodes hold the statistics', async () => {
    const [plain, held] = [await opened(), await opened('train', inNodes(classifier()))];
    for (let i = 0; i < 3; i++) for (const { trainer, batch } of [plain, held]) await trainer.step([batch], 0.05);
    for (const name of [plain.mean, plain.variance]) expect(held.of(name)).to.deep.equal(plain.of(name));
    await plain.trainer.close();
    await held.trainer.close();
  });

  it('refuses a model without such norms', async () => {
    const { task, example } = await setUp(line(), points(3), { task: 'regress' });
    const wrong = Trainer.open(line(), task.objective, example, { batchNorm: 'train' });
    expect(await rejection(wrong)).to.include({ code: 'unsupported-model' });
  });
});
