import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { type Model, readModel, writeModel } from '../../../src/onnx/model.ts';
import { numbersOf, type Value, withSession } from '../../../src/runtime/session.ts';
import { headOf, needsClasses, withClasses } from '../../../src/train/head/index.ts';
import { yolov8 } from '../../support/detectors.ts';

/** [1, 3, 8, 8] → so many numbers. */
function classifier(width: number): Model {
  const net = new Net({ opset: 13 });
  const x = net.conv(net.input('x', [1, 3, 8, 8]), 3, 8);
  const pooled = net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  net.node(
    'Gemm',
    [pooled, net.weight('fc/w', [width, 8]), net.weight('fc/b', [width])],
    { transB: 1 },
    { outputs: ['y'] },
  );
  return net.output('y', [1, width]).model();
}

function example(): Example {
  const random = new Random(3);
  const data = Float32Array.from({ length: 192 }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 8, 8], data } }, target: { kind: 'class', label: 0 } };
}

async function answer(model: Model): Promise<number[]> {
  const { y } = await withSession(readModel(writeModel(model)), (session) => session.run(example().inputs));
  return Array.from(numbersOf(y as Value) ?? []);
}

describe('withClasses, of a classifier', () => {
  it('takes one number for the second of two classes, which it says yes to', async () => {
    const model = classifier(1);
    const classes = ['no', 'yes', 'maybe'];
    const made = await withClasses(model, classes, { kind: 'classify', example: example(), oldClasses: ['no', 'yes'] });
    const [before, after] = [await answer(model), await answer(made.model)];
    expect(after).to.have.length(3);
    expect(after[1]).to.be.closeTo(before[0] as number, 1e-6);
    expect(after[0]).to.not.be.closeTo(before[0] as number, 1e-3);
    expect(made.kept).to.deep.equal(['yes']);
    expect(made.notes[0]).to.match(/1 kept, 2 new \(no, maybe\)/);
  });

  it('takes one number for the one class that the file names', async () => {
    const model = classifier(1);
    const made = await withClasses(model, ['cat', 'dog'], {
      kind: 'classify',
      example: example(),
      oldClasses: ['dog'],
    });
    const [before, after] = [await answer(model), await answer(made.model)];
    expect(after[1]).to.be.closeTo(before[0] as number, 1e-6);
    expect(made.kept).to.deep.equal(['dog']);
  });

  it('keeps nothing where it is told that no class is what it was', async () => {
    const model = classifier(3);
    const made = await withClasses(model, ['a', 'b'], { kind: 'classify', example: example(), oldClasses: [] });
    expect(made.kept).to.deep.equal([]);
    expect(await answer(made.model)).to.have.length(2);
  });
});

describe('withClasses, of a segmenter', () => {
  const OLD = ['road', 'sky', 'tree'];
  const NEW = ['tree', 'road', 'car', 'house'];

  /** [1, 3, 8, 8] → maps of classes on a half of the sides → their size again. */
  function segmenter(mode: 'linear' | 'nearest', by: 'sizes' | 'scales' | 'computed'): Model {
    const net = new Net({ opset: 13 });
    const ints = (name: string, ...values: number[]) => net.weight(name, [values.length], values, DataType.INT64);
    const x = net.input('x', [1, 3, 8, 8]);
    const half = net.node('Conv', [x, net.weight('trunk/w', [6, 3, 2, 2])], { kernel_shape: [2, 2], strides: [2, 2] });
    const maps = net.node('Conv', [half, net.weight('head/w', [3, 6, 1, 1]), net.weight('head/b', [3])], {
      kernel_shape: [1, 1],
    });
    const sizes = () => {
      if (by === 'sizes') return ints('sizes', 1, 3, 8, 8);
      // As PyTorch's exporter writes it: batch and channels of what is resized, and sides.
      const front = net.node('Slice', [net.node('Shape', [maps]), ints('from', 0), ints('to', 2), ints('along', 0)]);
      return net.node('Concat', [front, ints('sides', 8, 8)], { axis: 0 });
    };
    const last = by === 'scales' ? ['', net.weight('scales', [4], [1, 1, 2, 2])] : ['', '', sizes()];
    net.node(
      'Resize',
      [maps, ...last],
      { mode, coordinate_transformation_mode: mode === 'linear' ? 'half_pixel' : 'asymmetric' },
      { outputs: ['y'] },
    );
    return net.output('y', [1, 3, 8, 8]).model();
  }

  for (const mode of ['linear', 'nearest'] as const) {
    for (const by of ['sizes', 'scales', 'computed'] as const) {
      it(`follows classes through a Resize: ${mode}, ${by}`, async () => {
        const model = segmenter(mode, by);
        const made = await withClasses(model, NEW, { kind: 'segment', example: example(), oldClasses: OLD });
        const [before, after] = [await answer(model), await answer(made.model)];
        expect(after).to.have.length(4 * 64);
        const map = (of: number[], label: number) => of.slice(64 * label, 64 * (label + 1));
        for (const [now, was] of [
          [0, 2],
          [1, 0],
        ] as const)
          for (const [i, it] of map(after, now).entries())
            expect(it).to.be.closeTo(map(before, was)[i] as number, 1e-5);
        expect(made.kept).to.deep.equal(['tree', 'road']);
        expect(made.model.proto.graph.initializer.map(({ name }) => name)).to.deep.equal(
          model.proto.graph.initializer.map(({ name }) => name),
        );
      });
    }
  }

  it('rebuilds maps whose classes are last', async () => {
    const net = new Net({ opset: 13 });
    const trunk = net.node('Conv', [net.input('x', [1, 3, 8, 8]), net.weight('trunk/w', [6, 3, 1, 1])]);
    const maps = net.node('Conv', [trunk, net.weight('head/w', [3, 6, 1, 1]), net.weight('head/b', [3])]);
    net.node('Transpose', [maps], { perm: [0, 2, 3, 1] }, { outputs: ['y'] });
    const model = net.output('y', [1, 8, 8, 3]).model();
    const made = await withClasses(model, NEW, { kind: 'segment', example: example(), oldClasses: OLD });
    const [before, after] = [await answer(model), await answer(made.model)];
    expect(made.kept).to.deep.equal(['tree', 'road']);
    expect(after).to.have.length(4 * 64);
    for (let pixel = 0; pixel < 64; pixel++) {
      const row = [2, 0].map((was) => before[3 * pixel + was] as number);
      for (const [now, it] of row.entries()) expect(after[4 * pixel + now]).to.be.closeTo(it, 1e-5);
    }
  });
});

describe('headOf', () => {
  /** A model that counts how often it, or what is made of it, is handed to the runtime. */
  function counted(model: Model): { model: Model; opened(): number } {
    let opened = 0;
    const { home } = model;
    const load: typeof home.load = (asked, asStored) => {
      opened++;
      return home.load(asked, asStored);
    };
    return { model: { ...model, home: { ...home, load } }, opened: () => opened };
  }
  const data = new Float32Array(3 * 64 * 64).fill(0.5);
  const inputs = { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } };
  const told = (own: Example) => ({ kind: 'detect', example: own }) as const;
  const picture = (): Example => ({ inputs: { ...inputs }, target: { kind: 'boxes', boxes: [] } });

  it('looks at a detector once for both questions, and the rebuilt one is the same', async () => {
    const NEW = ['a', 'b', 'c', 'd', 'e'];
    const apart = counted(yolov8(3));
    const own = told(picture());
    expect(await needsClasses(apart.model, NEW, own)).to.equal(true);
    const alone = told(picture());
    const first = await withClasses(apart.model, NEW, alone);
    const once = counted(yolov8(3));
    const shared = told(picture());
    const head = headOf(once.model, shared);
    expect(await needsClasses(once.model, NEW, shared, head)).to.equal(true);
    const second = await withClasses(once.model, NEW, shared, head);
    expect(writeModel(second.model)).to.deep.equal(writeModel(first.model));
    // The picture, the values before the Sigmoid, two for all sizes, and the rebuilt one.
    expect(once.opened()).to.equal(5);
    expect(apart.opened()).to.be.greaterThan(5);
  });

  it('runs a classifier for its sizes once for both questions', async () => {
    const model = classifier(2);
    const net = counted(model);
    const own = { kind: 'classify', example: example() } as const;
    const head = headOf(net.model, own);
    expect(await needsClasses(net.model, ['a', 'b', 'c'], own, head)).to.equal(true);
    const looked = net.opened();
    await withClasses(net.model, ['a', 'b', 'c'], own, head);
    // Both models answer the sample.
    expect(net.opened() - looked).to.equal(2);
  });
});
