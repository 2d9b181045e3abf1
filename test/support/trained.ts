/** Training runs to report on: pictures by class, boxes, masks and numbers, each a second or so. */
import { Net } from '../../fixtures/build.ts';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { Example, LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { type FinetuneFacts, finetune } from '../../src/jobs/finetune.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { yolov8 } from './detectors.ts';
import { HOSTILE } from './reports.ts';
import { classifier, labelledPictures, line, points } from './training.ts';

/** Pictures of noise with bright squares or dark ones, two classes. */
function squares(count: number, seed: number, classes: readonly string[]): LabelledData {
  const load = async (sample: number): Promise<Example> => {
    const random = new Random(1000 * seed + sample);
    const data = Float32Array.from({ length: 3 * 64 * 64 }, () => 0.1 * random.normal());
    const boxes = [0, 32].map((from) => {
      const label = random.integer(2);
      const [left, top, side] = [from + random.integer(8), random.integer(40), 14 + random.integer(9)];
      for (let c = 0; c < 3; c++) {
        for (let y = top; y < top + side; y++) {
          data.fill(label === 0 ? 2 : -2, (c * 64 + y) * 64 + left, (c * 64 + y) * 64 + left + side);
        }
      }
      return { label, left, top, right: left + side, bottom: top + side };
    });
    return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } }, target: { kind: 'boxes', boxes } };
  };
  const names = Array.from({ length: count }, (_, sample) => `pictures/${sample}.png`);
  return { count, names, strata: names.map(() => 0), classes, skipped: [], image: undefined, keyOf: () => '', load };
}

/** x [N, 3, 16, 16] → a class for each pixel. */
function segmenter() {
  const net = new Net();
  const map = net.relu(net.bn(net.conv(net.input('x', ['N', 3, 16, 16]), 3, 8, { kernel: 3 }), 8));
  net.node('Identity', [net.conv(map, 8, 3)], {}, { outputs: ['y'] });
  return net.output('y', ['N', 3, 16, 16]).model();
}

/** Halves of pictures that are bright or dark. */
function halves(count: number, seed: number): LabelledData {
  const random = new Random(seed);
  const data = new Float32Array(count * 3 * 256);
  const labels = new Int16Array(count * 256);
  for (let i = 0; i < count * 256; i++) {
    const label = (Math.floor(i / 8) + Math.floor(i / 256)) % 3;
    labels[i] = i % 50 === 0 ? -1 : label;
    for (let c = 0; c < 3; c++) {
      data[(Math.floor(i / 256) * 3 + c) * 256 + (i % 256)] = label - 1 + 0.3 * random.normal();
    }
  }
  const map = { type: DataType.INT16, dims: [count, 16, 16], data: labels };
  const x = { type: DataType.FLOAT, dims: [count, 3, 16, 16], data };
  return labelledOf({ x }, { kind: 'map', labels: map, classes: ['ground', 'grass', 'sky'] });
}

const HOW = { rate: 0.02, epochs: 3, seed: 1 } as const;

/** By task, the facts of a run. */
export const RUNS: Readonly<Record<string, () => Promise<FinetuneFacts>>> = {
  classify: async () => {
    const held = labelledPictures(45, 2);
    return (await finetune(classifier(), labelledPictures(30, 1), { ...HOW, task: 'classify', held, rate: 'auto' }))
      .facts;
  },
  detect: async () => {
    const detection = { boxUnit: 'pixels', boxFormat: 'cxcywh' } as const;
    const [data, held] = [squares(12, 1, ['bright', HOSTILE]), squares(24, 2, ['bright', HOSTILE])];
    return (await finetune(yolov8(2), data, { ...HOW, task: 'detect', held, detection })).facts;
  },
  segment: async () =>
    (await finetune(segmenter(), halves(12, 1), { ...HOW, task: 'segment', held: halves(21, 2) })).facts,
  regress: async () =>
    (await finetune(line(), points(40), { ...HOW, task: 'regress', rate: 0.1, held: points(20, 2) })).facts,
};

/** An outcome as the command line has it. */
export function trainedOutcome(finetune: FinetuneFacts, file = 'model.onnx'): Outcome {
  return { file, command: 'finetune', finetune, output: 'model.ft.onnx', outputBytes: 1000, timings: { train: 1000 } };
}
