import { expect } from 'chai';
import type { Example, LabelledBox } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { withClassNames } from '../../../src/measure/class-names.ts';
import { Evidence } from '../../../src/measure/evidence.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, withGraph } from '../../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../../src/onnx/tensor.ts';
import { detect } from '../../../src/train/tasks/detect.ts';
import type { PreparedTask } from '../../../src/train/types.ts';
import { endToEnd, yolov8 } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';
import { runModel } from '../../support/session.ts';
import { setupOf } from '../../support/task-setup.ts';

const PIXELS = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;
const random = new Random(3);
const x = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
const box = (label: number, left: number, top: number, right: number, bottom: number): LabelledBox => ({
  label,
  left,
  top,
  right,
  bottom,
});
const withBoxes = (...boxes: readonly LabelledBox[]): Example => ({
  inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data: x } },
  target: { kind: 'boxes', boxes: [...boxes] },
});
const ONE = box(0, 8, 8, 40, 40);

/** The task, prepared for a detector and samples of some classes. */
function prepared(
  model: Model,
  classes: readonly string[],
  samples = [withBoxes(ONE)],
  more = {},
): Promise<PreparedTask> {
  const told = { model, evidence: new Evidence(model), detection: PIXELS, classes, samples, ...more };
  return Promise.resolve(detect.prepare(setupOf([], told)));
}

async function lossOf(task: PreparedTask, model: Model, samples: readonly Example[]) {
  if (task.objective.kind !== 'host') throw new TypeError('the loss is in the graph');
  const outputs = await runModel(task.ending?.(model) ?? model, samples[0]?.inputs ?? {});
  return { ...(await task.objective.lossOf(outputs, samples)), outputs };
}

describe('train/tasks/detect', () => {
  it('learns classes by their names where the file has names, else by their numbers', async () => {
    const named = withClassNames(yolov8(3), ['cat', 'dog', 'cow']);
    const cow = await prepared(named, ['cow', 'cat'], [withBoxes({ ...ONE, label: 0 })]);
    const third = await prepared(yolov8(3), ['a', 'b', 'c'], [withBoxes({ ...ONE, label: 2 })]);
    const first = await prepared(yolov8(3), ['a', 'b', 'c'], [withBoxes({ ...ONE, label: 0 })]);
    const [a, b, c] = [
      await lossOf(cow, named, [withBoxes({ ...ONE, label: 0 })]),
      await lossOf(third, yolov8(3), [withBoxes({ ...ONE, label: 2 })]),
      await lossOf(first, yolov8(3), [withBoxes({ ...ONE, label: 0 })]),
    ];
    expect(a.loss).to.equal(b.loss);
    expect(a.loss).to.not.equal(c.loss);
    // Fewer classes than a file without names has are its first ones.
    const fewer = await prepared(yolov8(3), ['a'], [withBoxes(ONE)]);
    expect((await lossOf(fewer, yolov8(3), [withBoxes(ONE)])).loss).to.equal(c.loss);
    const more = await rejection(prepared(yolov8(2), ['a', 'b', 'c']));
    expect(more).to.include({ code: 'invalid-data', message: 'the data has 3 classes, and the model 2' });
    expect(more.remedy).to.include('--classes a,b,c');
    expect((await rejection(prepared(named, ['cat', 'horse']))).message).to.include('the data has 2 classes');
  });

  it('takes boxes without an area for none', async () => {
    const task = await prepared(yolov8(3), ['a', 'b', 'c']);
    const flat = [box(1, 10, 10, 10, 30), box(1, 10, 10, 30, 10), box(1, 30, 30, 20, 40)];
    const [without, beside] = [
      await lossOf(task, yolov8(3), [withBoxes(ONE)]),
      await lossOf(task, yolov8(3), [withBoxes(...flat, ONE)]),
    ];
    expect(beside.loss).to.equal(without.loss);
    const none = await lossOf(task, yolov8(3), [withBoxes(...flat)]);
    expect(none.loss).to.equal((await lossOf(task, yolov8(3), [withBoxes()])).loss);
    expect(Number.isFinite(none.loss)).to.equal(true);
    for (const value of Object.values(none.gradients)) {
      const numbers = Array.from(value.data as Float32Array);
      expect(numbers.every(Number.isFinite)).to.equal(true);
    }
  });

  it('trains a file that chooses its own rows up to there, with the weights of the file', async () => {
    const file = withClassNames(endToEnd(2), ['a', 'b']);
    const task = await prepared(file, ['a', 'b'], undefined, { detection: {} });
    // Another file of the same graph, whose first weights are all 7.
    const { graph } = file.proto;
    const initializer = graph.initializer.map((it) =>
      it.name === 'w8' ? makeTensor('w8', DataType.FLOAT, it.dims.map(Number), new Array(24).fill(7)) : it,
    );
    const body = task.ending?.(withGraph(file, { ...graph, initializer }));
    if (body === undefined) throw new TypeError('it is trained whole');
    expect(body.proto.graph.output.map(({ name }) => name)).to.not.include('output');
    const weights = body.proto.graph.initializer.find(({ name }) => name === 'w8');
    expect(weights && Array.from(valuesOf(weights, body.home.open))).to.deep.equal(new Array(24).fill(7));
    // It gives all 84 rows, and not the 20 that the file answers.
    const outputs = Object.values(await runModel(body, withBoxes().inputs));
    expect(outputs.every(({ dims }) => dims.includes(84))).to.equal(true);
    expect(task.notes?.[0]).to.include('trained up to the choice of rows, which stays in the file');
    expect([task.measure, task.scoresSteps]).to.deep.equal(['AP50', true]);
  });

  it('its loss of other outputs, with what rows learn left as it is, is its loss for the same outputs', async () => {
    const samples = [withBoxes(ONE, box(1, 30, 30, 60, 60))];
    const task = await prepared(yolov8(3), ['a', 'b', 'c'], samples);
    const { loss, outputs } = await lossOf(task, yolov8(3), samples);
    const fixed = await task.fixed?.(outputs, samples);
    expect(fixed?.(outputs)).to.be.closeTo(loss, 1e-9 * Math.abs(loss));
  });

  it('refuses samples without boxes', async () => {
    const wrong: Example = { ...withBoxes(), target: { kind: 'class', label: 0 } };
    expect(await rejection(prepared(yolov8(3), ['a', 'b', 'c'], [wrong]))).to.include({
      message: 'a sample has no boxes',
    });
    const task = await prepared(yolov8(3), ['a', 'b', 'c']);
    expect(task.notes).to.have.length(1);
    await task.close?.();
  });
});
