import { expect } from 'chai';
import type { ImageInput } from '../../src/inputs/images.ts';
import type { LabelledData, Target } from '../../src/inputs/labelled/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { pick, showExamples } from '../../src/train/examples.ts';
import type { Judged } from '../../src/train/judge.ts';
import type { Answer } from '../../src/train/types.ts';

const IMAGE = {
  name: 'x',
  layout: 'nchw',
  mean: [0, 0, 0],
  std: [1, 1, 1],
  scale: 1,
  reversed: false,
} as unknown as ImageInput;

/** Pictures of 30 × 40 behind an input with their size. */
function dataOf(
  targets: readonly Target[],
  image: ImageInput | undefined = IMAGE,
): LabelledData & { readonly loaded: number[] } {
  const loaded: number[] = [];
  return {
    loaded,
    count: targets.length,
    names: targets.map((_, sample) => `${sample}.png`),
    strata: targets.map(() => 0),
    classes: ['a', 'b'],
    skipped: [],
    image,
    keyOf: () => '',
    async load(sample) {
      loaded.push(sample);
      const x = { type: DataType.FLOAT, dims: [1, 3, 30, 40], data: new Float32Array(3600) };
      const size = { type: DataType.FLOAT, dims: [1, 2], data: Float32Array.of(30, 40) };
      return { inputs: image === undefined ? { x } : { size, x }, target: targets[sample] as Target };
    },
  };
}

function judged(answers: Readonly<Record<number, Answer>>): Judged {
  return { answers: new Map(Object.entries(answers).map(([sample, it]) => [Number(sample), it])) } as unknown as Judged;
}

const classOf = (label: number) => ({ kind: 'class', label }) as const;

describe('train/examples', () => {
  it('picks eight by chance, the same each time, in the order of the data; all of fewer', () => {
    const picked = [...pick(100, 1)];
    expect(picked).to.have.length(8);
    expect(picked).to.deep.equal(picked.toSorted((a, b) => a - b));
    expect([...pick(100, 1)]).to.deep.equal(picked);
    expect([...pick(100, 2)]).to.not.deep.equal(picked);
    expect([...pick(3, 1)]).to.deep.equal([0, 1, 2]);
  });

  it('shows what was picked first, then four that are still wrong, by the answers after training', async () => {
    const data = dataOf(Array.from({ length: 12 }, () => classOf(0)));
    const answers = (wrong: readonly number[]) =>
      judged(Object.fromEntries(data.names.map((_, sample) => [sample, classOf(wrong.includes(sample) ? 1 : 0)])));
    const after = answers([1, 2, 4, 5, 7, 9]);
    const shown = await showExamples(data, new Set([3, 4]), answers([0]), after);
    expect(shown.map(({ name, why }) => `${name} ${why}`)).to.deep.equal([
      '3.png chance',
      '4.png chance',
      '1.png wrong',
      '2.png wrong',
      '5.png wrong',
      '7.png wrong',
    ]);
    expect(shown[1]).to.deep.include({ right: classOf(0), before: classOf(0), after: classOf(1) });
    // What comes behind the last wrong one is not read.
    expect(Math.max(...data.loaded)).to.equal(7);
    const without = await showExamples(data, new Set([3]), answers([0]), undefined);
    expect(without.map(({ name, after: now }) => [name, now])).to.deep.equal([
      ['3.png', null],
      ['0.png', null],
    ]);
  });

  it('tells the size of the picture that boxes are drawn on, also where another input comes before it', async () => {
    const boxes = [{ label: 1, left: 1, top: 2, right: 3, bottom: 4 }];
    for (const image of [IMAGE, undefined]) {
      const data = dataOf([{ kind: 'boxes', boxes }], image);
      const [shown] = await showExamples(data, new Set([0]), judged({}), undefined);
      expect(shown?.size).to.deep.equal({ height: 30, width: 40 });
      expect(shown?.right).to.deep.equal({ kind: 'boxes', boxes: [{ label: 1, box: [1, 2, 3, 4] }] });
      expect(shown?.picture).to.include({ height: 30, width: 40 });
    }
  });

  it('shrinks maps to what is shown, each pixel that in the middle of those that it stands for', async () => {
    const [height, width] = [3, 448];
    const labels = Int16Array.from({ length: height * width }, (_, at) => at % width);
    const data = dataOf([{ kind: 'map', labels, height, width }]);
    const small = judged({ 0: { kind: 'map', labels: Int16Array.of(1, 2), height: 1, width: 2 } });
    const [shown] = await showExamples(data, new Set([0]), small, undefined);
    const { right, before } = shown ?? {};
    if (right?.kind !== 'map' || before?.kind !== 'map') throw new TypeError('they are not maps');
    expect([right.height, right.width]).to.deep.equal([2, 224]);
    expect([...right.labels.subarray(0, 224)]).to.deep.equal(Array.from({ length: 224 }, (_, x) => 2 * x + 1));
    expect([...before.labels]).to.deep.equal([1, 2]);
  });

  it('shows numbers as lists, and nothing right of samples without labels', async () => {
    const y = { type: DataType.FLOAT, dims: [1, 2], data: Float32Array.of(0.5, 2) };
    const data = dataOf([{ kind: 'values', values: { y } }, { kind: 'none' }]);
    const shown = await showExamples(data, new Set([0, 1]), judged({}), undefined);
    expect(shown.map(({ right }) => right)).to.deep.equal([{ kind: 'values', values: { y: [0.5, 2] } }, null]);
  });
});
