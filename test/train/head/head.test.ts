import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { withOutputs } from '../../../src/graph/extract.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { classNames, withClassNames } from '../../../src/measure/class-names.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { numbersOf, type Value, withSession } from '../../../src/runtime/session.ts';
import { type HeadOptions, withClasses } from '../../../src/train/head/index.ts';
import { CHOSEN, endToEnd, ssd, suppressed, yolov5, yolov8, yolox } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';

function example(seed = 1): Example {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } }, target: { kind: 'none' } };
}

function run(model: Model): Promise<Readonly<Record<string, Value>>> {
  return withSession(readModel(writeModel(model)), (session) => session.run(example().inputs));
}

/** Columns of an output, each as a list. */
function columnsOf(value: Value | undefined, axis: number): number[][] {
  const { dims, data } = value as Value;
  const numbers = Array.from(numbersOf({ type: 1, dims, data }) ?? []);
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  return Array.from({ length: dims[axis] as number }, (_, column) =>
    numbers.filter((_number, index) => Math.floor(index / inner) % (dims[axis] as number) === column),
  );
}

const OLD = ['cat', 'dog', 'cow'];
const NEW = ['dog', 'ship', 'cat', 'lamp', 'star'];

/** Numbers in front of the classes, by model. */
const HEADS: Readonly<
  Record<string, { model: Model; output: string; axis: number; front: number; options?: Partial<HeadOptions> }>
> = {
  YOLOX: { model: yolox(3), output: 'output', axis: 2, front: 5 },
  YOLOv8: { model: yolov8(3), output: 'output', axis: 1, front: 4 },
  'YOLOv8 with shapes that are computed in part': { model: yolov8(3, 0, true), output: 'output', axis: 1, front: 4 },
  'YOLOv8 with masks behind the classes': { model: yolov8(3, 2), output: 'output', axis: 1, front: 4 },
  YOLOv5: { model: yolov5(3), output: 'output', axis: 2, front: 5 },
};

describe('withClasses', () => {
  for (const [name, { model, output, axis, front }] of Object.entries(HEADS)) {
    it(`keeps classes by name, adds others at a low score, and leaves all else: ${name}`, async () => {
      const options: HeadOptions = { kind: 'detect', example: example(), oldClasses: OLD };
      const named = withClassNames(model, OLD);
      const { model: made, kept, layers } = await withClasses(named, NEW, options);
      const [before, after] = [columnsOf((await run(named))[output], axis), columnsOf((await run(made))[output], axis)];
      expect(after.length).to.equal(before.length + 2);
      expect(after.slice(0, front), 'box and objectness').to.deep.equal(before.slice(0, front));
      expect(after.slice(front + NEW.length), 'behind the classes').to.deep.equal(before.slice(front + OLD.length));
      for (const [label, old] of NEW.map((it) => OLD.indexOf(it)).entries()) {
        const own = after[front + label] as number[];
        if (old >= 0) expect(own, NEW[label]).to.deep.equal(before[front + old]);
        else expect(Math.max(...own), NEW[label]).to.be.below(0.05);
      }
      expect(kept).to.deep.equal(['dog', 'cat']);
      expect(layers).to.have.length(3);
      expect(classNames(readModel(writeModel(made)))).to.deep.equal(NEW);
      const initializers = ({ proto }: Model) => proto.graph.initializer.map((it) => it.name);
      expect(initializers(made).filter((it) => !initializers(named).includes(it)).length, 'new names').to.be.below(6);
      expect(made.proto.graph.node.map((it) => it.opType)).to.deep.equal(named.proto.graph.node.map((it) => it.opType));
    });
  }

  it('keeps the background of a Softmax', async () => {
    const model = ssd(4, true);
    const detection = { boxFormat: 'cxcywh', boxUnit: 'unit' } as const;
    const { model: made } = await withClasses(model, NEW, {
      kind: 'detect',
      example: example(),
      oldClasses: OLD,
      detection,
    });
    const scores = (await run(made)).scores as Value;
    expect(scores.dims).to.deep.equal([1, 84, NEW.length + 1]);
  });

  it('reaches the scores that NonMaxSuppression reads', async () => {
    const model = suppressed(3);
    const { model: made } = await withClasses(model, NEW, { kind: 'detect', example: example(), oldClasses: OLD });
    const { selected } = await run(made);
    expect((selected as Value).dims[1]).to.equal(3);
  });

  it('goes through a choice of rows without NonMaxSuppression: a position there is divided by the new number of classes', async () => {
    const model = withClassNames(endToEnd(3), OLD);
    const { model: made, kept } = await withClasses(model, NEW, { kind: 'detect', example: example() });
    expect(kept).to.deep.equal(['dog', 'cat']);
    for (const [it, count] of [
      [model, OLD.length],
      [made, NEW.length],
    ] as const) {
      const { output, table } = await run(withOutputs(it, ['output', 'table']));
      const width = 4 + count;
      const numbers = Array.from(numbersOf(table as Value) ?? []);
      const rows = Array.from({ length: numbers.length / width }, (_, at) =>
        numbers.slice(at * width, (at + 1) * width),
      );
      const pairs = rows
        .toSorted((a, b) => Math.max(...b.slice(4)) - Math.max(...a.slice(4)))
        .slice(0, CHOSEN)
        .flatMap((row) => row.slice(4).map((score, label) => [...row.slice(0, 4), score, label]))
        .toSorted((a, b) => (b[4] as number) - (a[4] as number));
      expect(Array.from(numbersOf(output as Value) ?? [])).to.deep.equal(pairs.slice(0, CHOSEN).flat());
    }
  });

  it('refuses a choice of rows whose positions nothing divides by the number of classes', async () => {
    const model = withClassNames(endToEnd(3), OLD);
    const { graph } = model.proto;
    // As if positions went on undivided.
    const node = graph.node.map((it) => (it.opType === 'Mod' ? create('NodeProto', { ...it, opType: 'Sub' }) : it));
    const error = await rejection(
      withClasses(withGraph(model, { ...graph, node }), NEW, { kind: 'detect', example: example() }),
    );
    expect(error.code).to.equal('unsupported-model');
    expect(error.message).to.match(/a position in it stands for a row and a class/);
  });

  it('does the same twice, and something else with another seed', async () => {
    const made = async (seed: number) => {
      const { model } = await withClasses(yolov8(3), NEW, {
        kind: 'detect',
        example: example(),
        oldClasses: OLD,
        seed,
      });
      return Buffer.from(writeModel(model)).toString('hex');
    };
    expect(await made(1)).to.equal(await made(1));
    expect(await made(1)).to.not.equal(await made(2));
  });

  it('rebuilds classifiers that end in Gemm, MatMul and Add, or Conv', async () => {
    for (const kind of ['Gemm', 'MatMul', 'Conv'] as const) {
      const model = classifier(kind);
      const { model: made } = await withClasses(model, NEW, { kind: 'classify', example: example(), oldClasses: OLD });
      const [before, after] = [columnsOf((await run(model)).y, 1), columnsOf((await run(made)).y, 1)];
      expect(after, kind).to.have.length(5);
      for (const [label, old] of [1, undefined, 0].entries()) {
        if (old !== undefined) expect(after[label]?.[0], kind).to.be.closeTo(before[old]?.[0] as number, 1e-5);
      }
    }
  });

  it('rebuilds segmenters', async () => {
    const net = new Net({ opset: 13 });
    net.conv(net.conv(net.input('x', [1, 3, 64, 64]), 3, 8), 8, 3, { options: { outputs: ['y'] } });
    const model = net.output('y', [1, 3, 64, 64]).model();
    const { model: made } = await withClasses(model, NEW, { kind: 'segment', example: example(), oldClasses: OLD });
    const [before, after] = [columnsOf((await run(model)).y, 1), columnsOf((await run(made)).y, 1)];
    expect([after[0], after[2]]).to.deep.equal([before[1], before[0]]);
    expect(after).to.have.length(5);
  });

  it('names the layers that it looked at where the head is not recognised', async () => {
    const net = new Net({ opset: 13 });
    const x = net.conv(net.input('x', [1, 3, 64, 64]), 3, 8, { options: { outputs: ['last'] } });
    const pooled = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
    const weight = net.node('Exp', [net.weight('w', [8, 3])]);
    net.node('MatMul', [pooled, weight], {}, { outputs: ['y'] });
    const model = net.output('y', [1, 3]).model();
    const error = await rejection(withClasses(model, NEW, { kind: 'classify', example: example() }));
    expect(error.code).to.equal('unsupported-model');
    expect(error.describe()).to.match(/looked for 3 classes in MatMul .*--head/);
    const named = await rejection(withClasses(yolov8(3), NEW, { kind: 'detect', example: example(), head: /nowhere/ }));
    expect(named.describe()).to.include('nowhere');
  });

  it('refuses a node that is made for single classes, by name', async () => {
    const net = new Net({ opset: 13 });
    const logits = net.conv(net.input('x', [1, 3, 64, 64]), 3, 3, { options: { outputs: ['y'] } });
    net.node(
      'Gather',
      [logits, net.weight('second', [1], [1], DataType.INT64)],
      { axis: 1 },
      { outputs: ['one'], name: 'picks' },
    );
    const model = net.output('y', [1, 3, 64, 64]).output('one', [1, 1, 64, 64]).model();
    const error = await rejection(withClasses(model, NEW, { kind: 'segment', example: example() }));
    expect(error.describe()).to.include('picks').and.to.include('single classes');
  });
});

function classifier(kind: 'Gemm' | 'MatMul' | 'Conv'): Model {
  const net = new Net({ opset: 13 });
  const x = net.conv(net.input('x', [1, 3, 64, 64]), 3, 8);
  if (kind === 'Conv') {
    const last = net.conv(net.node('GlobalAveragePool', [x]), 8, 3);
    net.node('Flatten', [last], { axis: 1 }, { outputs: ['y'] });
  } else {
    const pooled = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
    const [w, b] = [net.weight('w', kind === 'Gemm' ? [3, 8] : [8, 3]), net.weight('b', [3])];
    if (kind === 'Gemm') net.node('Gemm', [pooled, w, b], { transB: 1 }, { outputs: ['y'] });
    else net.node('Add', [net.node('MatMul', [pooled, w]), b], {}, { outputs: ['y'] });
  }
  return net.output('y', [1, 3]).model();
}
