import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../../src/onnx/model.ts';
import { encodeHalf } from '../../../src/runtime/half.ts';
import { numbersOf, type Value, withSession } from '../../../src/runtime/session.ts';
import { type HeadOptions, withClasses } from '../../../src/train/head/index.ts';

const OLD = ['cat', 'dog', 'cow'];
const NEW = ['dog', 'ship', 'cat', 'lamp', 'star'];

function example(type = DataType.FLOAT as DataType, side = 64): Example {
  const random = new Random(1);
  const numbers = Array.from({ length: 3 * side * side }, () => random.normal());
  const data = type === DataType.FLOAT16 ? encodeHalf(numbers) : Float32Array.from(numbers);
  return { inputs: { x: { type, dims: [1, 3, side, side], data } }, target: { kind: 'none' } };
}

async function answersOf(
  model: Model,
  sample: Example,
): Promise<Record<string, { dims: readonly number[]; numbers: number[] }>> {
  const values = await withSession(readModel(writeModel(model)), (session) => session.run(sample.inputs));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { dims: value.dims, numbers: Array.from(numbersOf(value as Value) ?? []) },
    ]),
  );
}

/** A detector of two levels, whose scores come from one layer that both share, as in RetinaNet. Rows of boxes and of scores. */
function sharing(classes: number, { type = DataType.FLOAT as DataType, ir = 7, bias = true } = {}): Model {
  const net = new Net({ opset: 13, type, ir });
  const x = net.input('x', [1, 3, 64, 64]);
  const names = { w: net.weight('head/cls.weight', [classes, 8, 1, 1]), b: net.weight('head/cls.bias', [classes]) };
  const rows = (parts: readonly string[], columns: number, at: string) => {
    const shape = net.weight(`shape/${at}`, [3], [1, columns, -1], DataType.INT64);
    const flat = net.node(
      'Concat',
      parts.map((it) => net.node('Reshape', [it, shape])),
      { axis: 2 },
    );
    return net.node('Transpose', [flat], { perm: [0, 2, 1] });
  };
  const levels = [8, 16].map((stride) => {
    const own = net.weight(`trunk/${stride}`, [8, 3, 1, 1]);
    return net.node('Conv', [x, own], { kernel_shape: [1, 1], strides: [stride, stride] });
  });
  const logits = levels.map((it) =>
    net.node('Conv', bias ? [it, names.w, names.b] : [it, names.w], { kernel_shape: [1, 1] }),
  );
  const cells = [8, 16].flatMap((stride) =>
    Array.from({ length: (64 / stride) ** 2 }, (_, at) => {
      const side = 64 / stride;
      return [
        (at % side) * stride,
        Math.floor(at / side) * stride,
        ((at % side) + 1) * stride,
        (Math.floor(at / side) + 1) * stride,
      ];
    }).flat(),
  );
  const moved = rows(
    levels.map((it) => net.conv(it, 8, 4)),
    4,
    'boxes',
  );
  net.node('Add', [moved, net.weight('cells', [1, 80, 4], cells)], {}, { outputs: ['boxes'] });
  net.node('Sigmoid', [rows(logits, classes, 'scores')], {}, { outputs: ['scores'] });
  return net.output('scores', [1, 80, classes]).output('boxes', [1, 80, 4]).model();
}

const detects = (sample: Example, more: Partial<HeadOptions> = {}): HeadOptions => ({
  kind: 'detect',
  example: sample,
  oldClasses: OLD,
  ...more,
});

describe('rebuild', () => {
  it('leaves one tensor to layers that share it, so that what is trained is as many numbers as before', async () => {
    const model = sharing(3);
    const { model: made } = await withClasses(model, NEW, detects(example()));
    expect(made.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(
      model.proto.graph.initializer.map(({ name }) => name),
    );
    const before = await answersOf(model, example());
    const after = await answersOf(made, example());
    expect(after.scores?.dims).to.deep.equal([1, 80, 5]);
    for (let row = 0; row < 80; row++) {
      expect(after.scores?.numbers[5 * row], 'dog').to.equal(before.scores?.numbers[3 * row + 1]);
      expect(after.scores?.numbers[5 * row + 2], 'cat').to.equal(before.scores?.numbers[3 * row]);
    }
  });

  it('gives layers without a bias one of the type of their weights', async () => {
    for (const type of [DataType.FLOAT, DataType.FLOAT16]) {
      const sample = example(type);
      const { model: made } = await withClasses(sharing(3, { type, bias: false }), NEW, detects(sample));
      const { scores } = await answersOf(made, sample);
      // Weights of new classes are a hundredth of a normal number: their scores stay near 0.01.
      for (let row = 0; row < 80; row++) {
        for (const column of [1, 3, 4]) expect(scores?.numbers[5 * row + column]).to.be.within(0.008, 0.0125);
      }
    }
  });

  it('grows weights that an old file lists among its inputs too, and lists new ones there', async () => {
    const bare = await withClasses(sharing(3, { ir: 3, bias: false }), NEW, detects(example()));
    const inputs = new Set(bare.model.proto.graph.input.map(({ name }) => name));
    expect(bare.model.proto.graph.initializer.filter(({ name }) => !inputs.has(name))).to.deep.equal([]);
    expect((await answersOf(bare.model, example())).scores?.dims).to.deep.equal([1, 80, 5]);
    const model = sharing(3, { ir: 3 });
    const { model: made } = await withClasses(model, NEW, detects(example()));
    const dims = made.proto.graph.input.find(({ name }) => name === 'head/cls.bias')?.type?.tensorType?.shape?.dim;
    expect(dims?.map(({ dimValue }) => Number(dimValue))).to.deep.equal([5]);
    expect((await answersOf(made, example())).scores?.dims).to.deep.equal([1, 80, 5]);
  });

  it('leaves a bias of one number for all classes as it is', async () => {
    const net = new Net({ opset: 13 });
    const x = net.conv(net.input('x', [1, 3, 8, 8]), 3, 8);
    const pooled = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
    net.node('Gemm', [pooled, net.weight('w', [3, 8]), net.weight('b', [1])], { transB: 1 }, { outputs: ['y'] });
    const model = net.output('y', [1, 3]).model();
    const sample = example(DataType.FLOAT, 8);
    const { model: made } = await withClasses(model, NEW, { kind: 'classify', example: sample, oldClasses: OLD });
    const [before, after] = [await answersOf(model, sample), await answersOf(made, sample)];
    const [old, now] = [before.y?.numbers ?? [], after.y?.numbers ?? []];
    expect(now.every(Number.isFinite)).to.equal(true);
    expect(now[0]).to.be.closeTo(old[1] as number, 1e-6);
    expect(now[2]).to.be.closeTo(old[0] as number, 1e-6);
  });
});
