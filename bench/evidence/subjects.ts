/** Models and labelled samples that rows are compared on. Samples are apart: trained on, choosing a rate and an epoch, and measuring. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEEDS, TASKS } from '../../examples/finetune/tasks.ts';
import { takeSamples } from '../../src/inputs/generated.ts';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { readNpz } from '../../src/inputs/npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel } from '../../src/onnx/model.ts';
import type { Value } from '../../src/runtime/session.ts';
import { labelled } from '../finetune/data.ts';
import { shapesOf } from '../finetune/shapes.ts';
import { renderLines } from '../ocr/lines.ts';
import { MODELS } from '../ocr/models.ts';
import { NOTES } from '../ocr/styles.ts';
import { retinaFace } from './faces.ts';
import { SHIFTS, type Shift, shifted } from './shifts.ts';
import type { Subject } from './subject.ts';

/** Samples that measure, and that choose. */
const [TESTED, CHOOSING] = [400, 100] as const;

/** Networks of bench/evidence/train.py. @param folder that it wrote to */
function trained(name: string, title: string, classes: number, folder: string): Subject {
  return {
    name,
    title,
    shifts: [...SHIFTS, 'new classes'],
    async open(shift, count) {
      const [file, npz] = ['onnx', 'npz'].map((extension) => join(folder, `${name}.${extension}`)) as [string, string];
      if (!existsSync(file) || !existsSync(npz)) return undefined;
      const arrays = readNpz(readFileSync(npz), npz);
      const inputs = arrays.get('inputs') as Value;
      const isNew = shift === 'new classes';
      const changed = shifted(inputs, isNew ? 'none' : (shift as Shift), 1);
      const numbers = Array.from((arrays.get('labels') as Value).data as ArrayLike<number | bigint>, Number);
      const all = [(arrays.get('labels') as Value).dims, isNew ? numbers.map((it) => it >> 1) : numbers] as const;
      const names = isNew ? Array.from({ length: Math.ceil(classes / 2) }, (_, i) => `pair ${i}`) : undefined;
      const part = (from: number, to: number) => partOf(changed, all, names ?? numbered(classes), from, to);
      return {
        model: readModel(new Uint8Array(readFileSync(file))),
        test: part(0, TESTED),
        held: part(TESTED, TESTED + CHOOSING),
        train: part(TESTED + CHOOSING, TESTED + CHOOSING + count),
        options: { task: (all[0] ?? []).length > 1 ? 'segment' : 'classify' },
      };
    },
  };
}

function numbered(classes: number): string[] {
  return Array.from({ length: classes }, (_, i) => String(i));
}

function partOf(
  inputs: Value,
  [dims, numbers]: readonly [readonly number[], readonly number[]],
  classes: readonly string[],
  from: number,
  to: number,
): LabelledData {
  const total = inputs.dims[0] ?? 0;
  const input = takeSamples({ inputs }, total, from, to).inputs as Value;
  const size = numbers.length / total;
  const own = numbers.slice(from * size, to * size);
  if (dims.length === 1) return labelledOf({ input }, { kind: 'class', labels: own, classes });
  const labels: Value = { type: DataType.INT16, dims: [to - from, ...dims.slice(1)], data: Int16Array.from(own) };
  return labelledOf({ input }, { kind: 'map', labels, classes });
}

/** PaddleOCR's classifier of lines: upright or turned. */
const lines: Subject = {
  name: 'ocr-classifier',
  title: 'PaddleOCR’s line classifier',
  shifts: [...SHIFTS, 'notes'],
  async open(shift, count) {
    const model = readModel(new Uint8Array(readFileSync(MODELS.classifier)));
    const input = model.proto.graph.input[0]?.name ?? '';
    const render = async (many: number, seed: number) => {
      const style = shift === 'notes' ? { style: NOTES } : {};
      const { data, dims, labels } = await renderLines({ count: many, seed, ...style });
      const inputs: Value = { type: DataType.FLOAT, dims, data };
      const changed = shift === 'notes' ? inputs : shifted(inputs, shift as Shift, seed);
      return labelledOf({ [input]: changed }, { kind: 'class', labels, classes: ['upright', 'turned'] });
    };
    const [train, held, test] = [await render(count, 601), await render(CHOOSING, 602), await render(TESTED, 603)];
    return { model, train, held, test, options: { task: 'classify' } };
  },
};

/** PaddleOCR's detector of text on dark pages; it answers a map of the pixels that are text. */
const pages: Subject = {
  name: 'ocr-detector',
  title: 'PaddleOCR’s text detector',
  shifts: ['dusk'],
  async open(_, count) {
    const task = TASKS.find(({ name }) => name === 'detector');
    if (task === undefined) return undefined;
    const model = readModel(new Uint8Array(readFileSync(MODELS.detector)));
    const input = model.proto.graph.input[0]?.name ?? '';
    const render = async (many: number, seed: number) =>
      labelled('detector', await task.render({ count: many, seed }), input);
    const [train, held] = [await render(count, SEEDS.train), await render(24, SEEDS.validation)];
    return { model, train, held, test: await render(48, SEEDS.test), options: { task: 'segment', sites: 'all' } };
  },
};

/** A detector of characters (PyPI ddddocr==1.6.1), whose norms were folded away. @param folder with common_det.onnx */
function characters(folder: string): Subject {
  return {
    name: 'common-det',
    title: 'ddddocr’s detector, folded',
    shifts: ['new classes'],
    async open(_, count) {
      const file = join(folder, 'common_det.onnx');
      if (!existsSync(file)) return undefined;
      const model = readModel(new Uint8Array(readFileSync(file)));
      const info = model.proto.graph.input[0];
      const size = Number(info?.type?.tensorType?.shape?.dim[2]?.dimValue ?? 416);
      const how = { input: info?.name ?? '', size, scale: 1, bgr: true };
      const [train, held, test] = [
        shapesOf({ ...how, count, seed: 1 }),
        shapesOf({ ...how, count: 16, seed: 2 }),
        shapesOf({ ...how, count: 40, seed: 3 }),
      ];
      return { model, train, held, test, options: { task: 'detect', sites: 'folded' } };
    },
  };
}

/** All subjects. */
export function subjectsIn(folder: string): readonly Subject[] {
  return [
    lines,
    trained('shapes', 'ResNet, 12 shapes', 12, folder),
    trained('digits', 'CNN, handwritten digits', 10, folder),
    trained('segments', 'U-Net, shapes', 5, folder),
    pages,
    characters(folder),
    retinaFace(folder),
    trained('deep', 'ResNet-50, handwritten digits', 10, folder),
  ];
}
