import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../../src/onnx/model.ts';
import { valuesOf } from '../../../src/onnx/tensor.ts';
import { numbersIn, withSession } from '../../../src/runtime/session.ts';
import { withClasses } from '../../../src/train/head/index.ts';
import { nanoDet, picoDet } from '../../support/distance-detectors.ts';
import { ranked } from '../../support/ranked-detectors.ts';

const SIDE = 64;
const STRIDES = [8, 16];

/** How a level's maps become rows: `torchvision`: [N, A, K, H, W] in between; `plain`: [N, H, W, A · K], as mmdetection and SSD do. */
type Spelling = 'torchvision' | 'plain';

/** A detector of two levels with anchors, as RetinaNet is; its boxes are decoded. */
function anchored(classes: number, anchors: number, spelling: Spelling): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 3, SIDE, SIDE]);
  const ints = (name: string, values: readonly number[]) => net.weight(name, [values.length], values, DataType.INT64);
  const rowsOf = (level: string, stride: number, columns: number, name: string) => {
    const side = SIDE / stride;
    const maps = net.conv(level, 8, anchors * columns);
    const split = () => net.node('Reshape', [maps, ints(`split/${name}`, [1, -1, columns, side, side])]);
    const moved =
      spelling === 'plain'
        ? net.node('Transpose', [maps], { perm: [0, 2, 3, 1] })
        : net.node('Transpose', [split()], { perm: [0, 3, 4, 1, 2] });
    return net.node('Reshape', [moved, ints(`rows/${name}`, [1, -1, columns])]);
  };
  const levels = STRIDES.map((stride) => {
    const weight = net.weight(`trunk${stride}`, [8, 3, 1, 1]);
    return net.node('Conv', [x, weight], { kernel_shape: [1, 1], strides: [stride, stride] });
  });
  const all = (columns: number, name: string) => {
    const parts = levels.map((it, at) => rowsOf(it, STRIDES[at] as number, columns, `${name}${at}`));
    return net.node('Concat', parts, { axis: 1 });
  };
  const cells = STRIDES.flatMap((stride) =>
    Array.from({ length: anchors * (SIDE / stride) ** 2 }, (_, row) => {
      const cell = Math.floor(row / anchors);
      const [column, line] = [cell % (SIDE / stride), Math.floor(cell / (SIDE / stride))];
      return [column * stride, line * stride, (column + 1) * stride, (line + 1) * stride];
    }),
  );
  const boxes = net.weight('cells', [1, cells.length, 4], cells.flat());
  net.node('Add', [all(4, 'boxes'), boxes], {}, { outputs: ['boxes'] });
  net.node('Sigmoid', [all(classes, 'scores')], {}, { outputs: ['scores'] });
  return net.output('scores', [1, cells.length, classes]).output('boxes', [1, cells.length, 4]).model();
}

function example(): Example {
  const random = new Random(1);
  const data = Float32Array.from({ length: 3 * SIDE * SIDE }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, SIDE, SIDE], data } }, target: { kind: 'none' } };
}

async function answersOf(model: Model): Promise<Record<string, { dims: readonly number[]; numbers: number[] }>> {
  const values = await withSession(readModel(writeModel(model)), (session) => session.run(example().inputs));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { dims: value.dims, numbers: Array.from(numbersIn(value)) }]),
  );
}

const withOthers = (model: Model, oldClasses: readonly string[]) =>
  withClasses(model, ['new', 'kept', 'other'], { kind: 'detect', example: example(), oldClasses });

describe('train/head/layers', () => {
  for (const spelling of ['torchvision', 'plain'] as const) {
    for (const anchors of [1, 3]) {
      it(`finds the layers of one class with ${anchors} a cell, whose channels look like no classes (${spelling})`, async () => {
        const model = anchored(1, anchors, spelling);
        const { model: made, layers } = await withOthers(model, ['kept']);
        expect(layers).to.have.length(2);
        const [before, after] = [await answersOf(model), await answersOf(made)];
        expect(after.boxes?.numbers).to.deep.equal(before.boxes?.numbers);
        const rows = before.scores?.dims[1] as number;
        expect(after.scores?.dims).to.deep.equal([1, rows, 3]);
        for (let row = 0; row < rows; row++) {
          const [fresh, kept, other] = (after.scores?.numbers ?? []).slice(3 * row, 3 * row + 3);
          // Other kernels for other counts of channels may add in another order.
          expect(kept, `row ${row}`).to.be.closeTo(before.scores?.numbers[row] as number, 1e-6);
          // A new class begins at 0.01, with weights of a hundredth.
          expect(fresh).to.be.within(0.008, 0.0125);
          expect(other).to.be.within(0.008, 0.0125);
        }
      });
    }
  }

  it('finds as many layers of several classes, whatever the number of anchors', async () => {
    for (const anchors of [1, 3]) {
      const { layers } = await withOthers(anchored(2, anchors, 'torchvision'), ['gone', 'kept']);
      expect(layers).to.have.length(2);
    }
  });

  it('finds the layers of one class in front of a choice of rows, and writes the number that rows and classes are told by', async () => {
    const { model, layers } = await withOthers(ranked(1), ['kept']);
    expect(layers).to.have.length(3);
    const { labels } = await answersOf(model);
    expect(labels?.numbers.every((it) => it >= 0 && it < 3)).to.equal(true);
    const counts = model.proto.graph.initializer.filter(({ name }) => /^classes\d+$/.test(name));
    expect(counts.map((it) => Array.from(valuesOf(it, model.home.open)))).to.deep.equal([[3], [3], [3]]);
  });
});

describe('withClasses, where scores above a threshold alone are ranked', () => {
  it('tells rows and classes of what NonZero found by the new number of classes', async () => {
    for (const [count, old] of [
      [1, ['kept']],
      [2, ['gone', 'kept']],
    ] as const) {
      const model = ranked(count, { isTested: true });
      const { model: made, layers } = await withOthers(model, old);
      expect(layers).to.have.length(3);
      const counts = made.proto.graph.initializer.filter(({ name }) => /^classes\d+$/.test(name));
      expect(counts.map((it) => Array.from(valuesOf(it, made.home.open)))).to.deep.equal([[3], [3], [3]]);
      const { labels, boxes } = await answersOf(made);
      expect(labels?.numbers.every((it) => it >= 0 && it < 3)).to.equal(true);
      expect(boxes?.numbers.every(Number.isFinite)).to.equal(true);
    }
  });
});

describe('withClasses, where one layer makes scores and distances', () => {
  for (const [name, model, classes] of [
    ['NanoDet', nanoDet(3), 3],
    ['distances before chances', nanoDet(2, true), 2],
    ['PicoDet', picoDet(3), 3],
  ] as const) {
    it(`rebuilds the classes alone: ${name}`, async () => {
      const old = ['a', 'b', 'c'].slice(0, classes);
      const wanted = ['a', 'x', 'y', 'z'];
      const made = await withClasses(model, wanted, { kind: 'detect', example: example(), oldClasses: old });
      expect(made.kept).to.deep.equal(['a']);
      const [before, after] = [await answersOf(model), await answersOf(readModel(writeModel(made.model)))];
      for (const [output, { dims, numbers }] of Object.entries(before)) {
        const now = after[output];
        const [width, own] = [dims.at(-1) ?? 0, now?.dims.at(-1) ?? 0];
        const isScores = !output.startsWith('boxes');
        expect(own, output).to.equal(isScores ? width + wanted.length - classes : width);
        // Distances and the chance of the first class are what they were, in every row.
        const isLast = name === 'distances before chances';
        for (let row = 0; row < (dims[1] ?? 0); row++) {
          const a = numbers.slice(row * width, (row + 1) * width);
          const b = now?.numbers.slice(row * own, (row + 1) * own) ?? [];
          if (!isScores) expect(b).to.deep.equal(a);
          else if (isLast) expect(b.slice(0, 33)).to.deep.equal(a.slice(0, 33));
          else expect([b[0], ...b.slice(wanted.length)]).to.deep.equal([a[0], ...a.slice(classes)]);
        }
      }
    });
  }
});
