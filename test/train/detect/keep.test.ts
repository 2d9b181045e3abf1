import { expect } from 'chai';
import type { Example, LabelledData } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { type Box, overlapOf } from '../../../src/measure/boxes/box.ts';
import { withClassNames } from '../../../src/measure/class-names.ts';
import { makeAttribute } from '../../../src/onnx/attributes.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { withGraph } from '../../../src/onnx/model.ts';
import { create } from '../../../src/onnx/schema.ts';
import { makeTensor } from '../../../src/onnx/tensor.ts';
import { numbersOf, type Value, withSession } from '../../../src/runtime/session.ts';
import { withParameters } from '../../../src/train/deliver.ts';
import type { Wanted } from '../../../src/train/detect/assign.ts';
import { readDetector } from '../../../src/train/detect/find.ts';
import { forgotten } from '../../../src/train/detect/forgetting.ts';
import { keeperOf } from '../../../src/train/detect/keep.ts';
import { detectionLoss } from '../../../src/train/detect/loss.ts';
import { keptParts, withKept } from '../../../src/train/detect/mixed.ts';
import { checkGradient } from '../../../src/train/detect/self-check.ts';
import { withClasses } from '../../../src/train/head/index.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { endToEnd, yolov8 } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';

const OLD = ['cat', 'dog', 'cow'];
const SOURCE = withClassNames(yolov8(3), OLD);
const PIXELS = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;

function example(seed: number): Example {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  const box = { label: 0, left: 8, top: 8, right: 40, bottom: 40 };
  return {
    inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } },
    target: { kind: 'boxes', boxes: [box] },
  };
}

const data: LabelledData = {
  count: 1,
  names: ['one'],
  strata: [0],
  classes: ['ship'],
  skipped: [],
  image: undefined,
  keyOf: () => '',
  load: async () => example(1),
};

/** The source with a class that nobody has trained, beside its own. */
async function withShip() {
  const told = { kind: 'detect', example: example(1), detection: PIXELS } as const;
  return (await withClasses(SOURCE, [...OLD, 'ship'], told)).model;
}

/** The largest change of the old classes' chances on a picture, after some steps on the new class. */
async function changed(isKept: boolean): Promise<number> {
  const model = await withShip();
  const keep = isKept ? { source: SOURCE } : undefined;
  const { task } = await setUp(model, data, { task: 'detect', detection: PIXELS, keep });
  const trainer = await Trainer.open(task.ending?.(model) ?? model, task.objective, example(1));
  try {
    for (let step = 0; step < 40; step++) await trainer.step([[example(1)]], 3e-3);
    const trained = withParameters(model, trainer.layout.parts, trainer.parametersNow());
    const [before, after] = await Promise.all(
      [SOURCE, trained].map((it) => withSession(it, async (session) => (await session.run(example(2).inputs)).output)),
    );
    const of = (value: Value | undefined) => Array.from(numbersOf(value as Value) ?? []).slice(4 * 84, 7 * 84);
    return of(before).reduce((most, it, index) => Math.max(most, Math.abs(it - (of(after)[index] as number))), 0);
  } finally {
    await trainer.close();
    await task.close?.();
  }
}

describe('keeping what a detector knew', () => {
  it('changes old classes less than training on new ones alone', async () => {
    const [alone, kept] = [await changed(false), await changed(true)];
    expect(alone).to.be.above(0.05);
    expect(kept).to.be.below(alone / 2);
  }).timeout(60_000);

  it('leaves boxes and old classes that are answered as before, and says that no new class is there', async () => {
    const model = await withShip();
    const student = await readDetector(model, example(1), PIXELS);
    const keeper = await keeperOf({ source: SOURCE, classes: OLD }, example(1), student, model, ['ship'], PIXELS);
    try {
      const lessons = await keeper.teach([{ objects: [] }], [example(2)]);
      const outputs = await withSession(student.model, (session) => session.run(example(2).inputs));
      const { gradients } = detectionLoss(outputs, lessons, student.reading);
      const [[boxes], [scores]] = [student.reading.boxes.boxes, student.reading.boxes.scores];
      const largest = (output = '', from = 0, to = 0) =>
        Array.from(numbersOf(gradients[output] as Value) ?? [])
          .slice(84 * from, 84 * to)
          .reduce((most, it) => Math.max(most, Math.abs(it)), 0);
      // float32 rounds outputs, and so what they are compared with.
      expect(largest(boxes?.output, 0, 4)).to.be.below(1e-6);
      const [first, last] = [scores?.from ?? 0, (scores?.to ?? 0) - 1];
      expect(largest(scores?.output, first, last)).to.be.below(1e-6);
      expect(largest(scores?.output, last, last + 1)).to.be.above(5e-5);
      expect(lessons[0]?.taught?.length).to.be.above(0);
    } finally {
      await keeper.close();
    }
  }).timeout(60_000);

  it('has a gradient that is the slope of the loss', async () => {
    const model = await withShip();
    const { task } = await setUp(model, data, { task: 'detect', detection: PIXELS, keep: { source: SOURCE } });
    const trainer = await Trainer.open(task.ending?.(model) ?? model, task.objective, example(1));
    const picture: Example = { ...example(2), target: { kind: 'none' } };
    try {
      // Away from what the teacher says, so that there is something to go back to.
      await trainer.step([[example(1)]], 1e-2);
      const check = await checkGradient(trainer, task, picture);
      expect(check?.error).to.be.below(0.02);
    } finally {
      await trainer.close();
      await task.close?.();
    }
  }).timeout(60_000);

  it('believes a label more than what the model took the object for', async () => {
    const model = await withShip();
    const student = await readDetector(model, example(1), PIXELS);
    const keeper = await keeperOf({ source: SOURCE, classes: OLD }, example(1), student, model, ['ship'], PIXELS);
    try {
      const lessonFor = async (objects: readonly Wanted[]) => {
        const [lesson] = await keeper.teach([{ objects }], [example(1)]);
        return { taught: lesson?.taught ?? [], chances: Array.from(lesson?.chances ?? []) };
      };
      const before = await lessonFor([]);
      const [best] = [...before.taught].sort((a, b) => b.weight - a.weight);
      if (best === undefined) throw new RangeError('the teacher found nothing');
      const after = await lessonFor([{ box: best.box, label: 3 }]);
      const isThere = ({ box }: { readonly box: Box }) => overlapOf(box, best.box) >= 0.5;
      expect(after.taught).to.deep.equal(before.taught.filter((it) => !isThere(it)));
      const gone = new Set(before.taught.filter(isThere).map(({ row }) => row));
      const expected = before.chances.map((it, at) => (gone.has(Math.floor(at / 4)) && at % 4 < 3 ? 0 : it));
      expect(after.chances).to.deep.equal(expected);
    } finally {
      await keeper.close();
    }
  }).timeout(60_000);

  it('needs names to know which classes are the same', async () => {
    const { model } = await withClasses(yolov8(3), ['ship'], {
      kind: 'detect',
      example: example(1),
      detection: PIXELS,
    });
    const told = { task: 'detect', detection: PIXELS, keep: { source: yolov8(3) } };
    const unnamed = await rejection(setUp(model, data, told));
    expect(unnamed.describe()).to.include('--old-classes');
    const lost = await rejection(setUp(model, data, { ...told, keep: { source: SOURCE } }));
    expect(lost.describe()).to.include('--classes cat,dog,cow');
  });
});

describe('forgotten', () => {
  it('keeps all boxes of the same file, and none of a file without their classes', async () => {
    const pictures = [example(3), example(4)];
    const same = await forgotten(SOURCE, SOURCE, pictures, PIXELS);
    expect(same.boxes).to.be.above(0);
    expect(same).to.deep.equal({ boxes: same.boxes, kept: same.boxes, gone: 0, others: 0, pictures: 2 });
    const { model } = await withClasses(SOURCE, ['ship'], { kind: 'detect', example: example(1), detection: PIXELS });
    const lost = await forgotten(SOURCE, model, pictures, PIXELS);
    expect(lost).to.deep.equal({ boxes: same.boxes, kept: 0, gone: same.boxes, others: lost.others, pictures: 2 });
  });
});

describe('forgotten, of boxes that training made implausible', () => {
  it('judges them as they are: what is trained is not lost to a check of what was read', async () => {
    const source = endToEnd(3);
    const { graph } = source.proto;
    // Corners the other way round: no box has a positive side.
    const turn = create('NodeProto', {
      opType: 'Gather',
      input: ['corners', 'turn'],
      output: ['turned'],
      attribute: [makeAttribute('axis', 2)],
    });
    const node = graph.node.flatMap((it) => {
      if (it.output[0] !== 'table') return [it];
      return [
        turn,
        create('NodeProto', { ...it, input: it.input.map((name) => (name === 'corners' ? 'turned' : name)) }),
      ];
    });
    const initializer = [...graph.initializer, makeTensor('turn', DataType.INT64, [4], [2, 3, 0, 1])];
    const turned = withGraph(source, { ...graph, node, initializer });
    expect((await rejection(readDetector(turned, example(1)))).message).to.match(/have a negative width or height/);
    const { boxes, kept } = await forgotten(source, turned, [example(1)]);
    expect(boxes).to.be.above(0);
    expect(kept).to.be.at.most(boxes);
  });
});

describe('keptParts', () => {
  it('holds a fifth out, and nothing of few', () => {
    const of = (count: number): LabelledData => {
      const names = Array.from({ length: count }, (_, index) => String(index));
      return { ...data, count, names, strata: names.map(() => 0) };
    };
    const { taught, counted, isApart } = keptParts(of(30), 1);
    expect([taught.count, counted.count, isApart]).to.deep.equal([24, 6, true]);
    expect(new Set([...taught.names, ...counted.names]).size).to.equal(30);
    const few = of(19);
    expect(keptParts(few, 1)).to.deep.equal({ taught: few, counted: few, isApart: false });
  });
});

describe('withKept', () => {
  it('puts pictures without labels behind the labelled ones until they are as many', async () => {
    const three: LabelledData = { ...data, count: 3, names: ['a', 'b', 'c'], strata: [0, 0, 0] };
    const two: LabelledData = { ...data, count: 2, names: ['k', 'l'], load: async (sample) => example(10 + sample) };
    const mixed = withKept(three, two);
    expect(mixed.count).to.equal(6);
    expect(mixed.names).to.deep.equal(['a', 'b', 'c', 'k#0', 'l#0', 'k#1']);
    expect((await mixed.load(0)).target.kind).to.equal('boxes');
    const kept = await mixed.load(5);
    expect(kept.target.kind).to.equal('none');
    expect(kept.inputs).to.deep.equal(example(10).inputs);
  });
});
