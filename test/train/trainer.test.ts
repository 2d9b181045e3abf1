import { expect } from 'chai';
import type { Example } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { numbersOf, type Value, type Values } from '../../src/runtime/session.ts';
import { setUp } from '../../src/train/setup.ts';
import { Trainer } from '../../src/train/trainer.ts';
import type { Objective } from '../../src/train/types.ts';
import { runModel } from '../support/session.ts';
import { classifier, labelledPictures, line, points } from '../support/training.ts';

async function examplesOf(data: ReturnType<typeof points>): Promise<Example[]> {
  return Promise.all(Array.from({ length: data.count }, (_, sample) => data.load(sample)));
}

async function opened(options = {}) {
  const data = points(6);
  const { task, example } = await setUp(line(), data, { task: 'regress' });
  return {
    data,
    trainer: await Trainer.open(line(), task.objective, example, options),
    examples: await examplesOf(data),
  };
}

/** Mean squared error over the variance of the targets, and its gradient, by hand in float64. */
function byHand(examples: readonly Example[], all: readonly Example[]) {
  const target = ({ target: it }: Example) => Number(it.kind === 'values' ? it.values.y?.data[0] : Number.NaN);
  const mean = all.reduce((sum, it) => sum + target(it), 0) / all.length;
  const variance = all.reduce((sum, it) => sum + (target(it) - mean) ** 2, 0) / all.length;
  const gradient = { w0: 0, w1: 0, b: 0 };
  let loss = 0;
  for (const it of examples) {
    const [a, b] = [Number(it.inputs.x?.data[0]), Number(it.inputs.x?.data[1])];
    const error = 0.5 * a - b + 0.25 - target(it);
    const scale = 1 / (variance * examples.length);
    loss += scale * error ** 2;
    gradient.w0 += 2 * scale * error * a;
    gradient.w1 += 2 * scale * error * b;
    gradient.b += 2 * scale * error;
  }
  return { loss, gradient };
}

describe('train/trainer', () => {
  it('computes loss and gradient as worked out by hand, for a batch as for single samples that are averaged', async () => {
    const { trainer, examples } = await opened();
    const { loss, gradient } = byHand(examples, examples);
    const whole = await trainer.gradient(examples);
    const [w, b] = ['w', 'b'].map((name) => trainer.layout.parts.find((it) => it.name === name)?.offset ?? -1);
    // Some additions in float32.
    expect(whole.loss).to.be.closeTo(loss, 1e-6);
    expect(whole.gradient[w as number]).to.be.closeTo(gradient.w0, 1e-6);
    expect(whole.gradient[(w as number) + 1]).to.be.closeTo(gradient.w1, 1e-6);
    expect(whole.gradient[b as number]).to.be.closeTo(gradient.b, 1e-6);
    await trainer.close();
  });

  it('a step over runs of one sample is the step over one batch', async () => {
    const [one, other] = [await opened(), await opened()];
    const single = await one.trainer.step([one.examples], 0.01);
    const parts = await other.trainer.step(
      other.examples.map((it) => [it]),
      0.01,
    );
    expect(parts.loss).to.be.closeTo(single.loss, 1e-6);
    expect(parts.norm).to.be.closeTo(single.norm, 1e-5);
    const [a, b] = [one.trainer.parametersNow(), other.trainer.parametersNow()];
    for (const [index, value] of a.entries()) expect(value).to.be.closeTo(b[index] as number, 1e-6);
    await one.trainer.close();
    await other.trainer.close();
  });

  it('a loss outside the graph gives the gradient of the same loss inside it', async () => {
    const model = classifier();
    const data = labelledPictures(3, 1);
    const { task, example } = await setUp(model, data, { task: 'classify' });
    const inside = await Trainer.open(model, task.objective, example);
    const host: Objective = { kind: 'host', lossOf: (outputs, batch) => crossEntropy(outputs, batch) };
    const outside = await Trainer.open(model, host, example);
    const [a, b] = [await inside.gradient([example]), await outside.gradient([example])];
    expect(b.loss).to.be.closeTo(a.loss, 1e-6);
    for (const [index, value] of a.gradient.entries()) expect(b.gradient[index]).to.be.closeTo(value, 1e-5);
    await inside.close();
    await outside.close();
  });

  it('writes its parameters back by name, and changes nothing else', async () => {
    const model = classifier();
    const data = labelledPictures(6, 1);
    const { task, example } = await setUp(model, data, { task: 'classify' });
    const trainer = await Trainer.open(model, task.objective, example);
    expect(writeModel(trainer.model())).to.deep.equal(writeModel(model));
    await trainer.step([[example]], 0.1);
    const { outputs } = await trainer.answer([example]);
    const own = await runModel(trainer.model(), example.inputs);
    const [a, b] = [outputs, own].map((it) => [...(numbersOf(it.p as Value) as Float32Array)]) as [number[], number[]];
    for (const [index, value] of a.entries()) expect(b[index]).to.be.closeTo(value, 1e-5);
    expect(trainer.model().proto.graph.node).to.deep.equal(model.proto.graph.node);
    const changed = trainer
      .model()
      .proto.graph.initializer.filter((tensor, index) => tensor !== model.proto.graph.initializer[index]);
    expect(changed.map(({ name }) => name)).to.have.members(trainer.layout.parts.map(({ name }) => name));
    expect(changed.map(({ name }) => name).filter((name) => /running/.test(name))).to.deep.equal([]);
    await trainer.close();
  });

  it('restores a state to the bit: the next step is the same', async () => {
    const { trainer, examples } = await opened();
    await trainer.step([examples.slice(0, 2)], 0.05);
    const state = trainer.state();
    await trainer.step([examples.slice(2, 4)], 0.05);
    const after = trainer.parametersNow();
    await trainer.step([examples.slice(4)], 0.05);
    trainer.restore(state);
    await trainer.step([examples.slice(2, 4)], 0.05);
    expect(trainer.parametersNow()).to.deep.equal(after);
    await trainer.close();
  });

  it('does not take a step whose gradient is not finite', async () => {
    const { trainer, examples } = await opened();
    const before = trainer.parametersNow();
    const x: Value = { type: DataType.FLOAT, dims: [1, 2], data: Float32Array.of(Number.NaN, 0) };
    const stepped = await trainer.step([[{ ...(examples[0] as Example), inputs: { x } }]], 0.1);
    expect(stepped.loss).to.be.NaN;
    expect(trainer.parametersNow()).to.deep.equal(before);
    expect(trainer.steps).to.equal(0);
    await trainer.close();
  });

  it('limits the norm of a gradient, and tells what it was', async () => {
    const { trainer, examples } = await opened({ optimizer: 'sgd', clip: 0.01, weightDecay: 0 });
    const before = trainer.parametersNow();
    const { norm } = await trainer.step([examples], 1);
    expect(norm).to.be.above(0.1);
    const moved = Math.hypot(...trainer.parametersNow().map((value, index) => value - (before[index] as number)));
    expect(moved).to.be.closeTo(0.01, 1e-6);
    await trainer.close();
  });

  it('trains what was asked for alone', async () => {
    const model = classifier();
    const data = labelledPictures(3, 1);
    const { task, example } = await setUp(model, data, { task: 'classify' });
    for (const [wrt, names] of [
      [['head'], ['head.w', 'head.b']],
      [['!head'], undefined],
      [['^head\\.b$'], ['head.b']],
    ] as const) {
      const trainer = await Trainer.open(model, task.objective, example, { wrt });
      const trained = trainer.layout.parts.map(({ name }) => name);
      if (names === undefined) expect(trained).to.have.members(['W0', 'bn1.weight', 'bn1.bias']);
      else expect(trained).to.have.members([...names]);
      await trainer.close();
    }
  });
});

/** −log p of the class, mean; the gradient is by the probabilities. */
function crossEntropy(outputs: Values, batch: readonly Example[]) {
  const value = outputs.p as Value;
  const p = numbersOf(value) as Float32Array;
  const gradient = new Float32Array(p.length);
  let loss = 0;
  for (const [index, { target }] of batch.entries()) {
    const at = index * 3 + (target.kind === 'class' ? target.label : 0);
    loss -= Math.log(p[at] as number) / batch.length;
    gradient[at] = -1 / ((p[at] as number) * batch.length);
  }
  return { loss, gradients: { p: { ...value, data: gradient } } };
}
