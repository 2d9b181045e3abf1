import { expect } from 'chai';
import type { ImageInput } from '../../../src/inputs/images.ts';
import { type Example, type LabelledBox, type Target, UNLABELLED } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { AUGMENTATIONS, type AugmentationName, augment, augmentationNames } from '../../../src/train/augment/index.ts';
import { thrown } from '../../support/errors.ts';

/** A source of numbers that are known beforehand. */
class Fixed extends Random {
  readonly #numbers: number[];

  constructor(...numbers: number[]) {
    super(0);
    this.#numbers = numbers;
  }

  override uniform(): number {
    return this.#numbers.shift() ?? 0.5;
  }
}

/** Flips: draws of 0.5 and more do. */
const FLIPPED = () => new Fixed(0.9);

function image(of: Partial<ImageInput> = {}): ImageInput {
  return {
    name: 'x',
    type: DataType.FLOAT,
    layout: 'nchw',
    hasBatch: true,
    channels: 3,
    height: 2,
    width: 2,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    scale: 1 / 255,
    reversed: false,
    fit: 'fill',
    ...of,
  };
}

function example(dims: readonly number[], numbers: ArrayLike<number>, target: Target = { kind: 'none' }): Example {
  return { inputs: { x: { type: DataType.FLOAT, dims, data: Float32Array.from(numbers) } }, target };
}

function numbersOf({ inputs }: Example): number[] {
  return Array.from(inputs.x?.data as ArrayLike<number>);
}

/** A grey picture, row by row, varied. */
function varied(
  rows: readonly (readonly number[])[],
  names: readonly AugmentationName[],
  random: Random,
  target?: Target,
): Example {
  const dims = [1, 1, rows.length, rows[0]?.length ?? 0];
  return augment(example(dims, rows.flat(), target), image({ channels: 1, mean: [0], std: [1] }), names, random);
}

describe('augmentationNames', () => {
  it('reads a list, either spelling of colour, and none', () => {
    expect(augmentationNames('flip, crop,color')).to.deep.equal(['flip', 'crop', 'colour']);
    expect(augmentationNames('none')).to.deep.equal([]);
  });

  it('refuses what it does not know, and lists what it knows', () => {
    const error = thrown(() => augmentationNames('flip,blur'));
    expect(error.code).to.equal('invalid-arguments');
    expect(error.describe()).to.equal(
      '--augment does not know "blur". Give some of them, or none: --augment flip,crop,rotate,colour.',
    );
  });
});

describe('augment', () => {
  it('flips left for right, in every layout, type and without a batch', () => {
    const planes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const flipped = [2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11];
    expect(numbersOf(augment(example([1, 3, 2, 2], planes), image(), ['flip'], FLIPPED()))).to.deep.equal(flipped);
    expect(
      numbersOf(augment(example([3, 2, 2], planes), image({ hasBatch: false }), ['flip'], FLIPPED())),
    ).to.deep.equal(flipped);
    const pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const swapped = [4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9];
    expect(
      numbersOf(augment(example([1, 2, 2, 3], pixels), image({ layout: 'nhwc' }), ['flip'], FLIPPED())),
    ).to.deep.equal(swapped);
    const bytes: Example = {
      inputs: { x: { type: DataType.UINT8, dims: [2, 2, 3], data: Uint8Array.from(pixels) } },
      target: { kind: 'none' },
    };
    const result = augment(
      bytes,
      image({ layout: 'nhwc', type: DataType.UINT8, hasBatch: false }),
      ['flip'],
      FLIPPED(),
    );
    expect(result.inputs.x).to.deep.equal({ type: DataType.UINT8, dims: [2, 2, 3], data: Uint8Array.from(swapped) });
  });

  it('leaves the given sample as it is', () => {
    const given = example(
      [1, 3, 2, 2],
      Array.from({ length: 12 }, (_, i) => i / 12),
    );
    const before = numbersOf(given);
    for (let seed = 0; seed < 20; seed++)
      augment(given, image(), ['flip', 'crop', 'rotate', 'colour'], new Random(seed));
    augment(given, image(), ['colour'], new Random(1));
    expect(numbersOf(given)).to.deep.equal(before);
  });

  it('is the same for the same seed, and another for another', () => {
    const given = example(
      [1, 3, 8, 8],
      Array.from({ length: 192 }, (_, i) => (i % 64) / 64),
    );
    const names = ['flip', 'crop', 'rotate', 'colour'] as const;
    const once = numbersOf(augment(given, image(), names, new Random(3)));
    expect(numbersOf(augment(given, image(), names, new Random(3)))).to.deep.equal(once);
    expect(numbersOf(augment(given, image(), names, new Random(4)))).to.not.deep.equal(once);
    // The order of the names is not that of the changes.
    expect(numbersOf(augment(given, image(), [...names].reverse(), new Random(3)))).to.deep.equal(once);
  });

  it('does nothing without names, and passes on what is not the picture', () => {
    const given = example([1, 3, 2, 2], new Float32Array(12));
    expect(numbersOf(augment(given, image(), [], new Random(1)))).to.deep.equal(numbersOf(given));
    const rows = example([1, 12], new Float32Array(12));
    expect(augment(rows, image(), ['flip'], FLIPPED())).to.equal(rows);
  });

  it('shifts by whole pixels exactly, and repeats the edge', () => {
    // Draws of the crop: size 1, then shifts of +1 of 20 columns and −1 of 20 rows.
    const rows = Array.from({ length: 20 }, (_, y) => Array.from({ length: 20 }, (_, x) => 100 * y + x));
    const result = numbersOf(varied(rows, ['crop'], new Fixed(0.5, 1, 0)));
    const at = (y: number, x: number) => 100 * Math.min(19, y + 1) + Math.max(0, x - 1);
    const expected = rows.flatMap((row, y) => row.map((_, x) => at(y, x)));
    for (const [index, value] of result.entries()) expect(value).to.be.closeTo(expected[index] as number, 1e-3);
  });

  it('interpolates as the formula says, with or without a rotation', () => {
    // A plane a·x + b·y is interpolated exactly wherever all four pixels are inside; in float32.
    const size = 24;
    const [a, b] = [0.011, -0.007];
    const rows = Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => 0.5 + a * (x + 0.5) + b * (y + 0.5)),
    );
    for (const [names, draws] of [
      [['crop'], [0.9, 0.7, 0.2]],
      [
        ['crop', 'rotate'],
        [0.2, 0.4, 0.9, 0.85],
      ],
    ] as const) {
      const factor = 0.9 + 0.2 * draws[0];
      const [dx, dy] = [0.05 * size * (2 * draws[1] - 1), 0.05 * size * (2 * draws[2] - 1)];
      const angle = draws[3] === undefined ? 0 : ((20 * draws[3] - 10) * Math.PI) / 180;
      const result = numbersOf(varied(rows, names, new Fixed(...draws)));
      for (const [y, x] of [
        [12, 12],
        [8, 14],
        [15, 9],
      ] as const) {
        // Back by hand: turn about the middle, then shift, then size.
        const [u, v] = [x + 0.5 - size / 2, y + 0.5 - size / 2];
        const turned = [Math.cos(angle) * u + Math.sin(angle) * v, -Math.sin(angle) * u + Math.cos(angle) * v] as const;
        const [fromX, fromY] = [(turned[0] - dx) / factor + size / 2, (turned[1] - dy) / factor + size / 2];
        expect(result[y * size + x], `${names} ${y}, ${x}`).to.be.closeTo(0.5 + a * fromX + b * fromY, 1e-6);
      }
    }
  });

  it('moves masks with their pixels', () => {
    // The picture's grey is its mask, in blocks: where four neighbours agree, the picture tells what the mask must be.
    const size = 40;
    const id = (y: number, x: number) => 1 + ((Math.floor(y / 10) * 4 + Math.floor(x / 10)) % 5);
    const rows = Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => id(y, x) / 5));
    const labels = Int16Array.from(rows.flat(), (grey) => Math.round(grey * 5));
    for (let seed = 0; seed < 30; seed++) {
      const target = { kind: 'map', labels, height: size, width: size } as const;
      const result = varied(rows, ['flip', 'crop', 'rotate'], new Random(seed), target);
      if (result.target.kind !== 'map') throw new Error(result.target.kind);
      const grey = numbersOf(result);
      let compared = 0;
      for (const [pixel, label] of result.target.labels.entries()) {
        const shown = (grey[pixel] as number) * 5;
        const around = [-size - 1, -size, -1, 1, size, size + 1].map((step) => (grey[pixel + step] ?? 0) * 5);
        if (label === UNLABELLED || !around.every((it) => Math.abs(it - shown) < 1e-5)) continue;
        expect(label, `seed ${seed}, pixel ${pixel}`).to.equal(Math.round(shown));
        compared++;
      }
      expect(compared).to.be.greaterThan(400);
    }
  });

  it('leaves what comes from outside the picture without a label', () => {
    const labels = new Int16Array(400).fill(3);
    const rows = Array.from({ length: 20 }, () => new Array<number>(20).fill(0.5));
    // 0.9 times as large, in the middle: one row and column on each side are new.
    const { target } = varied(rows, ['crop'], new Fixed(0, 0.5, 0.5), { kind: 'map', labels, height: 20, width: 20 });
    if (target.kind !== 'map') throw new Error(target.kind);
    const edge = target.labels.filter(
      (_, pixel) => pixel < 20 || pixel % 20 === 0 || pixel % 20 === 19 || pixel >= 380,
    );
    expect(new Set(edge)).to.deep.equal(new Set([UNLABELLED]));
    expect(target.labels.filter((label) => label === 3)).to.have.length(18 * 18);
  });

  it('moves boxes with what they are drawn around', () => {
    // A white rectangle on black; after the change the box must be where it is white.
    const size = 60;
    const box: LabelledBox = { label: 4, left: 20, top: 15, right: 40, bottom: 35 };
    const inside = (y: number, x: number) => x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    const rows = Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => (inside(y, x) ? 1 : 0)));
    for (let seed = 0; seed < 30; seed++) {
      const result = varied(rows, ['flip', 'crop', 'rotate'], new Random(seed), { kind: 'boxes', boxes: [box] });
      const moved = result.target.kind === 'boxes' ? result.target.boxes[0] : undefined;
      const white = numbersOf(result).flatMap((grey, pixel) =>
        grey > 0.5 ? [[pixel % size, Math.floor(pixel / size)] as const] : [],
      );
      const [xs, ys] = [white.map(([x]) => x), white.map(([, y]) => y)];
      // A corner of a turned rectangle is thinner than a pixel.
      expect(moved?.label).to.equal(4);
      expect(moved?.left).to.be.closeTo(Math.min(...xs), 1.5);
      expect(moved?.top).to.be.closeTo(Math.min(...ys), 1.5);
      expect(moved?.right).to.be.closeTo(Math.max(...xs) + 1, 1.5);
      expect(moved?.bottom).to.be.closeTo(Math.max(...ys) + 1, 1.5);
    }
  });

  it('clips boxes at the edges, and drops those of which less than a fifth is left', () => {
    const rows = Array.from({ length: 100 }, () => new Array<number>(100).fill(0));
    const boxes: LabelledBox[] = [
      { label: 0, left: 90, top: 40, right: 100, bottom: 60 },
      { label: 1, left: 94, top: 40, right: 100, bottom: 60 },
      { label: 2, left: 95, top: 10, right: 100, bottom: 20 },
    ];
    // Shifted by 5 columns to the right.
    const { target } = varied(rows, ['crop'], new Fixed(0.5, 1, 0.5), { kind: 'boxes', boxes });
    expect(target).to.deep.equal({ kind: 'boxes', boxes: [{ label: 0, left: 95, top: 40, right: 100, bottom: 60 }] });
    const crowds = { kind: 'boxes', boxes: [], leftOut: boxes.map((it) => ({ ...it, isCrowd: true })) } as const;
    expect(varied(rows, ['crop'], new Fixed(0.5, 1, 0.5), crowds).target).to.deep.equal({
      kind: 'boxes',
      boxes: [],
      leftOut: [{ label: 0, left: 95, top: 40, right: 100, bottom: 60, isCrowd: true }],
    });
  });

  it('keeps classes and numbers', () => {
    for (const target of [{ kind: 'class', label: 2 }, { kind: 'values', values: {} }, { kind: 'none' }] as Target[]) {
      expect(
        augment(example([1, 3, 2, 2], new Float32Array(12), target), image(), ['flip', 'crop'], FLIPPED()).target,
      ).to.equal(target);
    }
  });

  it('changes colours on the scale of bytes, whatever the normalisation, and stays in range', () => {
    const bytes = [
      [10, 200, 90],
      [250, 5, 128],
      [60, 60, 60],
      [0, 255, 30],
    ] as const;
    const draws = [0.9, 0, 1, 0.9] as const;
    const [gain, bias, contrast, saturation] = [
      0.85 + 0.3 * draws[0],
      255 * (-0.05 + 0.1 * draws[1]),
      0.8 + 0.4 * draws[2],
      0.7 + 0.6 * draws[3],
    ];
    const luma = [0.299, 0.587, 0.114];
    const grey = (pixel: readonly number[]) => pixel.reduce((sum, byte, c) => sum + byte * (luma[c] as number), 0);
    const middle = bytes.reduce((sum, pixel) => sum + grey(pixel), 0) / bytes.length;
    // One step after the other, as the formula is written.
    const expected = bytes.map((pixel) =>
      pixel.map((byte) => {
        const paler = saturation * byte + (1 - saturation) * grey(pixel);
        return Math.min(255, Math.max(0, gain * (middle + contrast * (paler - middle)) + bias));
      }),
    );
    for (const reversed of [false, true]) {
      for (const layout of ['nchw', 'nhwc'] as const) {
        const input = image({ layout, reversed, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
        const fed = (pixels: readonly (readonly number[])[]) => {
          const numbers = new Array<number>(12);
          for (const [p, pixel] of pixels.entries()) {
            for (const [c, byte] of pixel.entries()) {
              const channel = reversed ? 2 - c : c;
              const to = layout === 'nchw' ? channel * 4 + p : p * 3 + channel;
              numbers[to] = (byte / 255 - (input.mean[channel] as number)) / (input.std[channel] as number);
            }
          }
          return numbers;
        };
        const dims = layout === 'nchw' ? [1, 3, 2, 2] : [1, 2, 2, 3];
        const result = numbersOf(augment(example(dims, fed(bytes)), input, ['colour'], new Fixed(...draws)));
        for (const [index, value] of fed(expected).entries()) expect(result[index]).to.be.closeTo(value, 1e-5);
      }
    }
    expect(expected.flat()).to.include(0).and.to.include(255);
  });

  it('changes the colours of bytes, and of grey', () => {
    const bytes: Example = {
      inputs: { x: { type: DataType.UINT8, dims: [1, 1, 2, 3], data: Uint8Array.from([10, 200, 92, 250, 5, 128]) } },
      target: { kind: 'none' },
    };
    // Gain 1.15, all else as it is: round(1.15 · byte), at most 255.
    const brighter = augment(
      bytes,
      image({ layout: 'nhwc', type: DataType.UINT8, scale: 1 }),
      ['colour'],
      new Fixed(1, 0.5, 0.5, 0.5),
    );
    expect(Array.from(brighter.inputs.x?.data as Uint8Array)).to.deep.equal([12, 230, 106, 255, 6, 147]);
    const grey = varied([[0.2, 0.4]], ['colour'], new Fixed(1, 0.5, 0.5, 0));
    expect(numbersOf(grey)[0]).to.be.closeTo(0.23, 1e-6);
    expect(numbersOf(grey)[1]).to.be.closeTo(0.46, 1e-6);
  });

  it('describes every change, and stays within what it describes', () => {
    const size = { height: 100, width: 200 };
    for (let seed = 0; seed < 200; seed++) {
      const { xx, yy, xy, x0, y0 } = AUGMENTATIONS.crop.draw(new Random(seed), size);
      expect(xx).to.equal(yy).and.to.be.within(0.9, 1.1);
      expect(xy).to.equal(0);
      // Where the middle goes.
      expect(Math.abs(xx * 100 + x0 - 100)).to.be.at.most(10);
      expect(Math.abs(yy * 50 + y0 - 50)).to.be.at.most(5);
      const turn = AUGMENTATIONS.rotate.draw(new Random(seed), size);
      expect((Math.atan2(turn.yx, turn.xx) * 180) / Math.PI).to.be.within(-10, 10);
    }
    for (const { description } of Object.values(AUGMENTATIONS)) expect(description).to.match(/^[a-z0-9].+[^.]$/);
  });
});
