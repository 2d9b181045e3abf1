import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example, LabelledData } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import type { Values } from '../../../src/runtime/session.ts';
import { readDetector } from '../../../src/train/detect/find.ts';
import type { DetectorReading } from '../../../src/train/detect/loss.ts';
import { checkGradient } from '../../../src/train/detect/self-check.ts';
import { readingAt } from '../../../src/train/detect/sizes.ts';
import type { DetectorOptions } from '../../../src/train/detect/types.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { floats } from '../../support/answers.ts';
import { thrown } from '../../support/errors.ts';

/** Heads of a detector that takes pictures of any size: rows of numbers of each cell, at three strides. */
function open(
  parts: (net: Net, level: string, at: string) => readonly string[],
  names: readonly string[],
  widths: readonly number[],
): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', ['n', 3, 'h', 'w']);
  const levels = [8, 16, 32].map((stride) => {
    const weight = net.weight(`trunk/${stride}`, [8, 3, 1, 1]);
    const maps = net.node('Conv', [x, weight], { kernel_shape: [1, 1], strides: [stride, stride] });
    return parts(net, maps, String(stride));
  });
  for (const [index, name] of names.entries()) {
    const width = widths[index] as number;
    const shape = net.weight(`shape/${name}`, [3], [0, width, -1], DataType.INT64);
    const flat = levels.map((it) => net.node('Reshape', [it[index] as string, shape]));
    net.node('Transpose', [net.node('Concat', flat, { axis: 2 })], { perm: [0, 2, 1] }, { outputs: [name] });
    net.output(name, ['n', 'r', width]);
  }
  return net.model();
}

const CLASSES = 2;
const BINS = 8;

/** YOLOX without its decoding. */
const yolox = () =>
  open(
    (net, maps) => {
      const chances = [1, CLASSES].map((count) => net.node('Sigmoid', [net.conv(maps, 8, count)]));
      return [net.node('Concat', [net.conv(maps, 8, 4), ...chances], { axis: 1 })];
    },
    ['output'],
    [5 + CLASSES],
  );

/** Offsets to one anchor a cell, and a Sigmoid for each class. */
const retina = () =>
  open(
    (net, maps) => [net.conv(maps, 8, 4), net.node('Sigmoid', [net.conv(maps, 8, CLASSES)])],
    ['boxes', 'scores'],
    [4, CLASSES],
  );

/** Distributions over distances beside a Sigmoid for each class, in one table. */
const nanoDet = () =>
  open(
    (net, maps) => [
      net.node('Concat', [net.node('Sigmoid', [net.conv(maps, 8, CLASSES)]), net.conv(maps, 8, 4 * BINS)], { axis: 1 }),
    ],
    ['output'],
    [CLASSES + 4 * BINS],
  );

const ANCHORS = { strides: [8, 16, 32], sizes: [8, 16, 32].map((side) => [[side, 1.5 * side] as const]) };

const FAMILIES: Readonly<Record<string, { model: Model; options: DetectorOptions; width: number }>> = {
  'cells of a grid': { model: yolox(), options: {}, width: 5 + CLASSES },
  'distances from cells': { model: nanoDet(), options: {}, width: CLASSES + 4 * BINS },
  'offsets to anchors': { model: retina(), options: { anchors: ANCHORS }, width: 4 },
};

function example(height: number, width: number): Example {
  const random = new Random(height);
  const data = Float32Array.from({ length: 3 * height * width }, () => random.normal());
  const boxes = [
    { label: 0, left: 0, top: 4, right: 20, bottom: 30 },
    { label: 1, left: width - 18, top: height - 24, right: width, bottom: height },
  ];
  return {
    inputs: { x: { type: DataType.FLOAT, dims: [1, 3, height, width], data } },
    target: { kind: 'boxes', boxes },
  };
}

function dataOf(samples: readonly Example[]): LabelledData {
  return {
    count: samples.length,
    names: samples.map((_, at) => String(at)),
    strata: samples.map(() => 0),
    classes: ['a', 'b'],
    skipped: [],
    image: undefined,
    keyOf: (at) => String(at),
    load: async (at) => samples[at] as Example,
  };
}

/** Tables of so many rows in place of those that hold boxes. */
function tablesOf({ boxes }: DetectorReading, rows: number, width: number): Values {
  return Object.fromEntries(
    boxes.boxes.map(({ output }) => [output, floats([1, rows, width], new Float32Array(rows * width))]),
  );
}

describe('a detector of pictures of several sizes', () => {
  const [large, small] = [example(64, 64), example(32, 64)] as const;

  for (const [name, { model, options, width }] of Object.entries(FAMILIES)) {
    it(`teaches and scores each size as if it were the only one: ${name}`, async () => {
      const found = [];
      for (const samples of [[large, small], [small]]) {
        const { task } = await setUp(model, dataOf(samples), { task: 'detect', detection: options });
        const trainer = await Trainer.open(task.ending?.(model) ?? model, task.objective, samples[0] as Example);
        try {
          const { loss, outputs } = await trainer.answer([small]);
          const { gradient } = await trainer.gradient([small]);
          const scorer = task.scorer();
          await scorer.add(outputs, [small]);
          const check = await checkGradient(trainer, task, small);
          expect(check?.error).to.be.below(1e-2);
          found.push({
            loss,
            gradient: Array.from(gradient),
            ...scorer.result(),
            answer: task.answerOf?.(outputs, small.inputs),
          });
        } finally {
          await trainer.close();
        }
      }
      expect(found[0]?.loss).to.be.above(0);
      expect(found[0]).to.deep.equal(found[1]);
    });

    it(`reads a size as it would have been found on it: ${name}`, async () => {
      const [first, own] = [await readDetector(model, large, options), await readDetector(model, small, options)];
      const rows = 4 * 8 + 2 * 4 + 2;
      const outputs = tablesOf(first.reading, rows, width);
      expect(readingAt(first.reading, outputs, small.inputs)).to.deep.equal(own.reading);
      expect(readingAt(first.reading, outputs, large.inputs)).to.equal(first.reading);
      expect(readingAt(first.reading, outputs, {})).to.equal(first.reading);
    });
  }

  it('multiplies shares by the sides of each picture', async () => {
    const { reading } = await readDetector(yolox(), large);
    const shares = {
      ...reading,
      boxes: { ...reading.boxes, grid: undefined, anchors: undefined, points: undefined, scale: [64, 64] as const },
    };
    const outputs = tablesOf(reading, 300, 7);
    const { boxes, size } = readingAt(shares, outputs, small.inputs);
    expect(boxes.scale).to.deep.equal([64, 32]);
    expect(size).to.deep.equal({ width: 64, height: 32 });
  });

  it('refuses rows that are cells of no usual grids, and says what to give', async () => {
    const { reading } = await readDetector(yolox(), large);
    const outputs = tablesOf(reading, 45, 7);
    const error = thrown(() => readingAt(reading, outputs, small.inputs));
    expect(error.describe())
      .to.include('45 rows of boxes are cells of no usual grids over 64 × 32')
      .and.to.include('--size');
  });
});
