/**
 * RetinaFace (npm `retinaface@0.0.6`) on photographs that have changed. Nobody drew boxes on them: what the file itself finds in a photograph
 * before it changes is what it is to find afterwards.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelledBox, LabelledData } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import type { ValueInfoProto } from '../../src/onnx/schema.ts';
import { declaredType, makeValueInfo } from '../../src/onnx/value-type.ts';
import { openSession, type Session, type Value } from '../../src/runtime/session.ts';
import { retinaFace as decode, suppress } from '../kept/boxes.ts';
import { PEOPLE } from '../kept/models.ts';
import { mosaic, photos, tensorOf } from '../kept/pictures.ts';
import { Random } from '../ocr/random.ts';
import { SHIFTS, type Shift, shifted } from './shifts.ts';
import type { Subject } from './subject.ts';

/** Side of the pictures; the file says 512, and can take any. */
const SIDE = 256;
/** Least score, and most overlap, of boxes that count as found. */
const [FOUND, OVERLAP] = [0.5, 0.4] as const;

/** @param folder with mnet.25_v1.onnx and `photos/`: those that scikit-image, ultralytics and retinaface ship, and others with people */
export function retinaFace(folder: string): Subject {
  return {
    name: 'retinaface',
    title: 'RetinaFace',
    shifts: SHIFTS,
    async open(shift, count) {
      const [file, pictures] = [join(folder, 'mnet.25_v1.onnx'), join(folder, 'photos')];
      if (!existsSync(file) || !existsSync(pictures)) return undefined;
      const model = withSide(readModel(new Uint8Array(readFileSync(file))), SIDE / 512);
      const all = await photos(pictures, PEOPLE);
      const session = await openSession(writeModel(model));
      // What is trained on and what is measured on are parts of different photographs.
      const make = async (many: number, seed: number) => {
        const own = all.filter((_, index) => index % 2 === seed % 2);
        const made = Array.from({ length: many }, (_, index) => mosaic(own, index, new Random(seed, index), SIDE));
        return changed(
          await Promise.all(made.map(async (it) => tensorOf(await it, 1, 'rgb'))),
          session,
          seed,
          shift as Shift,
        );
      };
      return {
        model,
        train: await make(count, 2),
        held: await make(20, 1),
        test: await make(40, 3),
        options: { task: 'detect', detection: { anchors: ANCHORS } },
      };
    },
  };
}

/** As insightface lays them out: all grids begin at a middle of (8, 8). */
const ANCHORS = {
  strides: [8, 16, 32],
  sizes: [
    [32, 16],
    [128, 64],
    [512, 256],
  ].map((sides) => sides.map((side) => [side, side] as const)),
  offset: [1, 0.5, 0.25],
};

/** The model for pictures of another side: only the shapes that it states change. */
function withSide(model: Model, factor: number): Model {
  const { graph } = model.proto;
  const scaled = (info: ValueInfoProto) => {
    const { elemType, shape = [] } = declaredType(info.type);
    const dims = shape.map((dim, axis) => (axis < 2 || dim === undefined ? dim : dim * factor));
    return makeValueInfo(info.name, elemType, dims);
  };
  return withGraph(model, {
    ...graph,
    input: graph.input.map(scaled),
    output: graph.output.map(scaled),
    valueInfo: [],
  });
}

/** Pictures after they changed, with the boxes that were found before. */
async function changed(
  pictures: readonly Float32Array[],
  session: Session,
  seed: number,
  shift: Shift,
): Promise<LabelledData> {
  const examples: { readonly input: Value; readonly boxes: readonly LabelledBox[] }[] = [];
  for (const [index, data] of pictures.entries()) {
    const picture: Value = { type: DataType.FLOAT, dims: [1, 3, SIDE, SIDE], data };
    const found = suppress(decode(await session.run({ data: picture }), FOUND), OVERLAP);
    const boxes = found.map(({ x0, y0, x1, y1 }) => ({ label: 0, left: x0, top: y0, right: x1, bottom: y1 }));
    const input = pixels(shifted(standardised(picture), shift, 1000 * seed + index));
    examples.push({ input, boxes });
  }
  return {
    count: examples.length,
    names: examples.map((_, sample) => `faces-${seed}-${sample}`),
    strata: examples.map(() => 0),
    classes: ['face'],
    skipped: [],
    image: undefined,
    keyOf: () => '',
    async load(sample) {
      const { input, boxes = [] } = examples[sample] ?? {};
      return { inputs: input === undefined ? {} : { data: input }, target: { kind: 'boxes', boxes } };
    },
  };
}

/** Pixels from 0 to 255 as numbers around 0, as shifts take them, and back. */
function standardised({ data, ...rest }: Value): Value {
  return { ...rest, data: (data as Float32Array).map((value) => (value - 128) / 64) };
}

function pixels({ data, ...rest }: Value): Value {
  return { ...rest, data: (data as Float32Array).map((value) => Math.min(255, Math.max(0, 128 + 64 * value))) };
}
