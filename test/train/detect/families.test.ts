import { expect } from 'chai';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { readDetector } from '../../../src/train/detect/find.ts';
import { checkGradient } from '../../../src/train/detect/self-check.ts';
import type { DetectorOptions } from '../../../src/train/detect/types.ts';
import { setUp } from '../../../src/train/setup.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import {
  detr,
  endToEnd,
  retinaFace,
  retinaNet,
  ssd,
  suppressed,
  unnamed,
  yolov3,
  yolov5,
  yolov8,
  yolox,
} from '../../support/detectors.ts';
import { fcos, gfl, nanoDet, picoDet, scrfd } from '../../support/distance-detectors.ts';
import { rejection } from '../../support/errors.ts';
import { ranked } from '../../support/ranked-detectors.ts';

const ANCHORS = {
  strides: [8, 16, 32],
  sizes: [8, 16, 32].map((side) => [[side, side] as const, [1.5 * side, side] as const]),
};

/** A picture of noise with two objects. */
function example(seed = 1): Example {
  const random = new Random(seed);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  return {
    inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } },
    target: {
      kind: 'boxes',
      boxes: [
        { label: 0, left: 4, top: 6, right: 30, bottom: 34 },
        { label: 1, left: 40, top: 20, right: 60, bottom: 60 },
      ],
    },
  };
}

interface Family {
  readonly model: Model;
  readonly options?: DetectorOptions;
  readonly classes: number;
  readonly why: RegExp;
  /** After which the loss is below that before; 15. A box that fits better counts more, so the loss may rise at first. */
  readonly steps?: number;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  YOLOX: { model: yolox(2), classes: 2, why: /yolox in cells, scores before their Sigmoid with objectness/ },
  YOLOv8: { model: yolov8(2), classes: 2, why: /cxcywh in pixels, scores before their Sigmoid/ },
  YOLOv3: { model: yolov3(2), classes: 2, why: /cxcywh in pixels, .*with objectness/ },
  'YOLOv3, its grid laid out by NonZero': {
    model: yolov3(2, { isComputed: true }),
    classes: 2,
    why: /cxcywh in pixels, .*with objectness/,
  },
  YOLOv5: { model: yolov5(2), classes: 2, why: /cxcywh in pixels, .*with objectness/ },
  SSD: { model: ssd(3, true), classes: 2, why: /cxcywh in unit, scores before their Softmax/ },
  'SSD without decoding': {
    model: ssd(3, false),
    options: { anchors: ANCHORS_OF_ROWS() },
    classes: 2,
    why: /offsets to anchors/,
  },
  RetinaFace: { model: retinaFace(), options: { anchors: ANCHORS }, classes: 1, why: /offsets to anchors/ },
  'two tables, scores first': { model: unnamed(4), classes: 4, why: /boxes in o2 and scores in o1, row by row/ },
  'two tables, column by column': {
    model: unnamed(1, { isTransposed: true }),
    classes: 1,
    why: /boxes in o2 and scores in o1, column by column/,
  },
  'two tables without a Sigmoid': { model: unnamed(2, { isLogit: true }), classes: 2, why: /before their Sigmoid/ },
  'boxes by their top left corner': { model: unnamed(2, { format: 'xywh' }), classes: 2, why: /xywh in pixels/ },
  'YOLOv8 with four classes and an open batch': { model: yolov8(4, 0, true), classes: 4, why: /columns 4 to 7/ },
  DETR: {
    model: detr(2),
    options: { boxFormat: 'cxcywh', boxUnit: 'unit', scoreKind: 'logit' },
    classes: 2,
    why: /one row for each object/,
  },
  RetinaNet: { model: retinaNet(2), classes: 2, why: /xyxy in pixels, scores before their Sigmoid/ },
  'behind NonMaxSuppression': {
    model: suppressed(2),
    classes: 2,
    why: /xyxy in pixels, .*trained up to the choice of rows/,
  },
  'YOLOv10 and YOLO26, end to end': {
    model: endToEnd(3),
    classes: 3,
    why: /columns 4 to 6 of table, .*xyxy in pixels, .*trained up to the choice of rows/,
  },
  NanoDet: { model: nanoDet(3), classes: 3, steps: 80, why: /8 for each of four distances; read as ltrb in cells/ },
  'distances before chances, in one table': {
    model: nanoDet(2, true),
    classes: 2,
    steps: 80,
    why: /columns 32 to 33 of output, and the others are 8/,
  },
  PicoDet: {
    model: picoDet(3),
    classes: 3,
    steps: 80,
    why: /8 columns for each of four distances in boxes8.* ltrb in cells/,
  },
  'GFL, as maps, the coarsest first': {
    model: gfl(2),
    classes: 2,
    steps: 80,
    why: /four distances in boxes32, and scores in scores32; .*before their Sigmoid/,
  },
  'FCOS without decoding': { model: fcos(2), classes: 2, why: /ltrb in cells from the middle of a cell, / },
  'FCOS without decoding, in pixels': { model: fcos(2, { isPixels: true }), classes: 2, why: /ltrb in pixels/ },
  'SCRFD, two anchors a cell': { model: scrfd(), classes: 1, why: /ltrb in cells from the corner of a cell, / },
  'RetinaNet and FCOS, ranked before they are decoded': {
    model: ranked(4),
    classes: 4,
    why: /boxes of all rows .*xyxy in pixels/,
  },
};

/** One anchor a cell. */
function ANCHORS_OF_ROWS() {
  return { ...ANCHORS, sizes: ANCHORS.sizes.map((list) => list.slice(0, 1)), variances: [0.1, 0.1, 0.2, 0.2] };
}

describe('readDetector', () => {
  for (const [name, { model, options = {}, classes, why, steps = 15 }] of Object.entries(FAMILIES)) {
    it(`finds boxes and scores: ${name}`, async () => {
      const detector = await readDetector(model, example(), options);
      expect(detector.classes).to.equal(classes);
      expect(detector.why).to.match(why);
    });

    it(`has a loss whose gradient is the slope of the whole graph: ${name}`, async () => {
      const own = example();
      const boxes =
        own.target.kind === 'boxes' ? own.target.boxes.map((it) => ({ ...it, label: it.label % classes })) : [];
      const sample: Example = { ...own, target: { kind: 'boxes', boxes } };
      const data = dataOf(sample, classes);
      const { task } = await setUp(model, data, { task: 'detect', detection: options });
      const trainer = await Trainer.open(task.ending?.(model) ?? model, task.objective, sample);
      try {
        const check = await checkGradient(trainer, task, sample);
        // float32 outputs leave three to four digits of a difference.
        expect(check?.error).to.be.below(1e-2);
        const before = (await trainer.answer([sample])).loss;
        for (let step = 0; step < steps; step++) await trainer.step([[sample]], 1e-2);
        expect((await trainer.answer([sample])).loss).to.be.below(before);
      } finally {
        await trainer.close();
      }
    }).timeout(60_000);
  }

  it('tells boxes from scores of four classes, which are as wide, behind NonMaxSuppression', async () => {
    const { why, classes } = await readDetector(suppressed(4), example());
    expect(classes).to.equal(4);
    expect(why).to.match(/scores in chances/);
  });

  it('asks for anchors where boxes are offsets to some', async () => {
    const error = await rejection(readDetector(retinaFace(), example()));
    expect(error.describe()).to.include('offsets to anchors').and.to.include('--anchors 8:16,32');
    const wrong = await rejection(readDetector(retinaFace(), example(), { anchors: ANCHORS_OF_ROWS() }));
    expect(wrong.describe()).to.include('84 anchors are described, and there are 168');
  });

  it('asks for roles where there are none, and lists the outputs', async () => {
    const { Net } = await import('../../../fixtures/build.ts');
    const net = new Net({ opset: 13 });
    const x = net.input('x', [1, 3, 64, 64]);
    net.conv(x, 3, 4, { options: { outputs: ['y'] } });
    const error = await rejection(readDetector(net.output('y', [1, 4, 64, 64]).model(), example()));
    expect(error.describe()).to.include('y [1, 4, 64, 64]').and.to.include('--boxes');
  });
});

function dataOf(sample: Example, classes: number) {
  return {
    count: 1,
    names: ['one'],
    strata: [0],
    classes: Array.from({ length: classes }, (_, label) => `c${label}`),
    skipped: [],
    image: undefined,
    keyOf: () => '',
    load: async () => sample,
  };
}
