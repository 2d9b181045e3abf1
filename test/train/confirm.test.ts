import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import type { Value, Values } from '../../src/runtime/session.ts';
import { withSession } from '../../src/runtime/session.ts';
import { confirm } from '../../src/train/confirm.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import type { PreparedTask } from '../../src/train/types.ts';
import { floats } from '../support/answers.ts';
import { rejection } from '../support/errors.ts';

/** Scores of three classes at each of four places, the class of each place, and scores that a mask makes infinite. */
function model(): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 2, 4]);
  const weight = net.weight('head/w', [3, 2]);
  const scores = net.node('MatMul', [weight, x], {}, { outputs: ['scores'] });
  net.node('ArgMax', [scores], { axis: 1 }, { outputs: ['labels'] });
  const mask = net.weight('mask', [4], [0, 0, 0, Number.NEGATIVE_INFINITY]);
  net.node('Add', [scores, mask], {}, { outputs: ['masked'] });
  return net
    .output('scores', [1, 3, 4])
    .output('labels', [1, 1, 4], DataType.INT64)
    .output('masked', [1, 3, 4])
    .model();
}

const inputs: Values = { x: floats([1, 2, 4], [1, -2, 0.5, 3, -1, 2, 0.25, 1]) };
const data = { count: 1, load: async () => ({ inputs, target: { kind: 'none' } }) } as unknown as LabelledData;

/** What a trainer answers, who trained these tensors. */
function trainerOf(outputs: Values, trained: readonly string[]): Trainer {
  const parts = trained.map((name) => ({ name, offset: 0, dims: [] }));
  return { layout: { name: 'theta', parts }, answer: async () => ({ outputs, loss: 0 }) } as unknown as Trainer;
}

/** The model with every number of a tensor so much larger. */
function moved(of: Model, name: string, by: number): Model {
  const { graph } = of.proto;
  return withGraph(of, {
    ...graph,
    initializer: graph.initializer.map((it) =>
      it.name === name
        ? makeTensor(
            name,
            DataType.FLOAT,
            it.dims.map(Number),
            valuesOf(it, of.home.open).map((value) => value + by),
          )
        : it,
    ),
  });
}

const answersOf = (of: Model) => withSession(readModel(writeModel(of)), (session) => session.run(inputs));

/** The outputs with one of them changed. */
function changed(outputs: Values, name: string, change: (numbers: number[]) => void): Values {
  const value = outputs[name] as Value;
  const numbers = Array.from(value.data as ArrayLike<number | bigint>, Number);
  change(numbers);
  const isWhole = value.type === DataType.INT64;
  return {
    ...outputs,
    [name]: { ...value, data: isWhole ? BigInt64Array.from(numbers, BigInt) : Float32Array.from(numbers) },
  };
}

const check = (source: Model, written: Model, trainer: Trainer) =>
  confirm(source, written, trainer, {} as PreparedTask, data, undefined, new Set());

describe('confirm', () => {
  it('counts the tensors that changed, and says how far outputs are from the trainer’s', async () => {
    const source = model();
    const written = moved(source, 'head/w', 0.25);
    const trainer = trainerOf(await answersOf(written), ['head/w']);
    expect(await check(source, written, trainer)).to.include({ changed: 1, difference: 0, judged: undefined });
    expect(await check(source, source, trainerOf(await answersOf(source), []))).to.include({ changed: 0 });
  });

  it('lets the class of a place be another where two scores are as good as equal', async () => {
    const source = model();
    const outputs = await answersOf(source);
    const other = changed(outputs, 'labels', (numbers) => {
      numbers[1] = ((numbers[1] as number) + 1) % 3;
    });
    expect((await check(source, source, trainerOf(other, []))).difference).to.equal(0);
  });

  it('takes infinities for equal where both have them, and hides no difference behind one', async () => {
    const source = model();
    const outputs = await answersOf(source);
    expect(outputs.masked?.data[3]).to.equal(Number.NEGATIVE_INFINITY);
    const other = changed(outputs, 'masked', (numbers) => {
      numbers[0] = (numbers[0] as number) + 0.1;
    });
    const error = await rejection(check(source, source, trainerOf(other, [])));
    expect(error.code).to.equal('verification-failed');
    expect(error.message).to.include('output "masked" differs');
    const finite = changed(outputs, 'masked', (numbers) => {
      numbers[3] = -5;
    });
    expect((await rejection(check(source, source, trainerOf(finite, [])))).message).to.include('"masked" differs');
    const nan = changed(outputs, 'masked', (numbers) => {
      numbers[0] = Number.NaN;
    });
    expect((await rejection(check(source, source, trainerOf(nan, [])))).message).to.include('"masked" differs');
  });

  it('measures a difference by the largest number of the output', async () => {
    const source = model();
    const outputs = await answersOf(source);
    const largest = Math.max(...Array.from(outputs.scores?.data as Float32Array, Math.abs));
    for (const [share, passes] of [
      [1.5e-3, true],
      [2.5e-3, false],
    ] as const) {
      const other = changed(outputs, 'scores', (numbers) => {
        const at = numbers.findIndex((it) => Math.abs(it) < largest);
        numbers[at] = (numbers[at] as number) + share * largest;
      });
      const checking = check(source, source, trainerOf(other, []));
      if (passes) expect((await checking).difference).to.be.closeTo(share, 1e-5);
      else expect((await rejection(checking)).message).to.include('"scores" differs');
    }
  });

  it('lets a value fall to the next step where the file rounds', async () => {
    const net = new Net({ opset: 13 });
    const [scale, zero] = [net.weight('scale', [], [0.05]), net.weight('zero', [], [0], DataType.INT8)];
    const quantized = net.node('QuantizeLinear', [net.input('x', [1, 2, 4]), scale, zero]);
    net.node('DequantizeLinear', [quantized, scale, zero], {}, { outputs: ['y'] });
    const source = net.output('y', [1, 2, 4]).model();
    const outputs = await answersOf(source);
    const by = (steps: number) =>
      changed(outputs, 'y', (numbers) => {
        numbers[2] = (numbers[2] as number) + 0.05 * steps;
      });
    expect((await check(source, source, trainerOf(by(1), []))).difference).to.be.closeTo(0.05 / 3, 1e-3);
    expect((await rejection(check(source, source, trainerOf(by(4), [])))).message).to.include('"y" differs');
  });

  it('measures a file in 16 bits by what those bits round, and no wider', async () => {
    for (const [type, share, wider] of [
      [DataType.FLOAT16, 0.04, 0.06],
      [DataType.FLOAT, 1.5e-3, 2.5e-3],
    ] as const) {
      const net = new Net({ opset: 13 });
      net.node('Cast', [net.node('Cast', [net.input('x', [1, 2, 4])], { to: type })], { to: 1 }, { outputs: ['y'] });
      const source = net.output('y', [1, 2, 4]).model();
      const outputs = await answersOf(source);
      const by = (part: number) =>
        changed(outputs, 'y', (numbers) => {
          numbers[0] = (numbers[0] as number) + 3 * part;
        });
      expect((await check(source, source, trainerOf(by(share), []))).difference).to.be.closeTo(share, 1e-6);
      expect((await rejection(check(source, source, trainerOf(by(wider), [])))).message).to.include('"y" differs');
    }
  });

  it('names a tensor that changed without being trained, and a graph that is another', async () => {
    const source = model();
    const written = moved(source, 'head/w', 0.25);
    const trainer = trainerOf(await answersOf(written), ['mask']);
    expect((await rejection(check(source, written, trainer))).message).to.include(
      '"head/w" changed, and was not trained',
    );
    const { graph } = source.proto;
    const shorter = withGraph(source, { ...graph, node: graph.node.slice(0, -1) });
    expect((await rejection(check(source, shorter, trainer))).message).to.include('not the graph that was trained');
    const wide = withGraph(source, {
      ...graph,
      initializer: graph.initializer.map((it) =>
        it.name === 'mask' ? makeTensor('mask', DataType.FLOAT, [1, 4], valuesOf(it, source.home.open)) : it,
      ),
    });
    expect((await rejection(check(source, wide, trainer))).message).to.include('"mask" has another shape');
  });
});
