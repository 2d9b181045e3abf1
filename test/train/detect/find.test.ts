import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { makeTensor } from '../../../src/onnx/tensor.ts';
import { numbersIn, withSession } from '../../../src/runtime/session.ts';
import { readDetector } from '../../../src/train/detect/find.ts';
import { answeredOf } from '../../../src/train/detect/reading.ts';
import { detr, ssd, yolov8 } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';

function example(): Example {
  const random = new Random(5);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } }, target: { kind: 'boxes', boxes: [] } };
}

/** The model with what this operator reads times a factor. */
function scaled(model: Model, opType: string, factor: number): Model {
  const { graph } = model.proto;
  const node = graph.node.flatMap((it) => {
    if (it.opType !== opType) return [it];
    const mul = create('NodeProto', { opType: 'Mul', input: [it.input[0] ?? '', 'factor'], output: ['scaled'] });
    return [mul, create('NodeProto', { ...it, input: ['scaled'] })];
  });
  const initializer = [...graph.initializer, makeTensor('factor', DataType.FLOAT, [], [factor])];
  return withGraph(model, { ...graph, node, initializer });
}

describe('train/detect/find', () => {
  it('trains scores before their Softmax, also those that no exponential can hold', async () => {
    for (const factor of [1, 1e4, -1e4]) {
      const file = scaled(ssd(4, true), 'Softmax', factor);
      const { model, reading, why, classes } = await readDetector(file, example());
      expect(reading.scores, `${factor}`).to.deep.include({ form: 'softmax', background: 0 });
      expect(why).to.include('scores before their Softmax');
      expect(classes).to.equal(3);
      // What is trained gives the file's own numbers before the Softmax: their exponentials, in sum 1, are its scores.
      const { inputs } = example();
      const [logits, scores] = [
        answeredOf(await withSession(model, (session) => session.run(inputs)), reading.boxes).scores,
        numbersIn((await withSession(file, (session) => session.run(inputs))).scores),
      ];
      expect(Math.max(...logits.map(Math.abs))).to.be.above(factor === 1 ? 0 : 1000);
      for (let row = 0; row < 84; row++) {
        const own = Array.from(logits.subarray(4 * row, 4 * row + 4));
        const most = Math.max(...own);
        const total = own.reduce((sum, it) => sum + Math.exp(it - most), 0);
        for (const [column, it] of own.entries())
          expect(Math.exp(it - most) / total).to.be.closeTo(scores[4 * row + column] as number, 1e-4);
      }
    }
  });

  it('trains scores before their Sigmoid, however large', async () => {
    for (const factor of [1, 1e4]) {
      const { reading } = await readDetector(scaled(yolov8(2), 'Sigmoid', factor), example());
      expect(reading.scores.form, `${factor}`).to.equal('sigmoid');
    }
  });

  it('takes each row of a set of queries for one object, and says how boxes and scores are read', async () => {
    const told = { boxFormat: 'cxcywh', boxUnit: 'unit', scoreKind: 'logit' } as const;
    const found = await readDetector(detr(2), example(), told);
    expect(found).to.deep.include({ suppressed: false, classes: 2 });
    expect(found.reading).to.deep.include({ isSet: true, size: { width: 64, height: 64 } });
    expect(found.reading.boxes.scale).to.deep.equal([64, 64]);
    expect(found.why).to.match(/one row for each object$/);
    expect((await readDetector(yolov8(2), example())).suppressed).to.equal(true);
  });

  it('names the outputs where none are boxes with scores', async () => {
    const { graph } = yolov8(2).proto;
    const only = withGraph(yolov8(2), { ...graph, output: graph.output.map((it) => ({ ...it, name: 'lonely' })) });
    const renamed = withGraph(only, {
      ...only.proto.graph,
      node: [...graph.node, create('NodeProto', { opType: 'ReduceMean', input: ['x'], output: ['lonely'] })],
    });
    const error = await rejection(readDetector(renamed, example()));
    expect(error).to.include({ code: 'invalid-arguments', node: undefined });
    expect(error.message).to.include('lonely [1, 1, 1, 1]');
    expect(error.remedy).to.include('--boxes');
  });

  it('says of a classifier that it finds no boxes', async () => {
    const net = new Net({ opset: 13 });
    const x = net.conv(net.input('x', [1, 3, 64, 64]), 3, 8);
    const mean = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
    net.node('MatMul', [mean, net.weight('w', [8, 2])], {}, { outputs: ['chances'] });
    const error = await rejection(readDetector(net.output('chances', [1, 2]).model(), example()));
    expect(error.message).to.equal('no boxes with scores were found; the outputs are chances [1, 2]');
    expect(error.remedy).to.equal(
      'Choose a model that finds boxes; this one answers a row of numbers for each picture',
    );
  });
});
