import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { GnSwapError } from '../../../src/errors.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersOf, type Value } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { adjointCases, type Case, make } from '../support/cases.ts';

/** Inside, across the border, far outside, of no size, turned round, larger than the map, on whole pixels. */
const REGIONS = [
  [1.3, 0.7, 9.1, 7.9],
  [-6, -4, 5, 3],
  [40, 40, 60, 50],
  [3, 3, 3, 3],
  [8, 6, 2, 1],
  [-10, -10, 30, 25],
  [2, 2, 10, 8],
];
const PICTURES = [0, 1, 1, 0, 1, 0, 1];
const X = [2, 3, 9, 11];

interface Setting {
  readonly ratio: number;
  readonly mode?: string;
  readonly scale?: number;
  readonly opset?: number;
  readonly x?: readonly number[];
  readonly cells?: readonly [rows: number, columns: number];
  readonly regions?: readonly (readonly number[])[];
}

function caseOf(it: Setting): Case {
  const { ratio, mode, scale = 0.8, opset = 16, x = X, cells: [rows, columns] = [3, 2], regions = REGIONS } = it;
  const pictures = regions.map((_, at) => ((x[0] as number) === 1 ? 0 : (PICTURES[at] as number)));
  return {
    title: `${mode ?? 'as it is by default'}, ratio ${ratio}, scale ${scale}, opset ${opset}, ${regions.length} regions of ${x.join('×')}`,
    op: 'RoiAlign',
    inputs: [
      { dims: x },
      { dims: [regions.length, 4], values: regions.flat(), constant: true },
      { dims: [regions.length], values: pictures, type: DataType.INT64, constant: true },
    ],
    attributes: {
      output_height: rows,
      output_width: columns,
      sampling_ratio: ratio,
      spatial_scale: { float: scale },
      ...(mode === undefined ? {} : { coordinate_transformation_mode: mode }),
    },
    opset,
  };
}

const SETTINGS: readonly Setting[] = [
  ...['half_pixel', 'output_half_pixel'].flatMap((mode) => [0, 1, 2, 3].map((ratio) => ({ mode, ratio }))),
  { ratio: 0, opset: 10 },
  { ratio: 2, opset: 10 },
  { ratio: 0, opset: 21 },
  { ratio: 0, x: [1, 3, 9, 11] },
  { ratio: 2, x: [1, 2, 1, 5], scale: 0.25 },
  { ratio: 0, x: [3, 2, 8, 8], cells: [1, 4], scale: 1 },
  { ratio: 0, regions: [] },
  { ratio: 2, regions: [], x: [1, 3, 9, 11] },
];

/** The gradient of the map, written apart: every point of every cell gives its share to its four pixels. */
function scattered(it: Setting, dy: ArrayLike<number>): Float64Array {
  const { ratio, mode, scale = 0.8, opset = 16, x = X, cells: [rows, columns] = [3, 2], regions = REGIONS } = it;
  const [n, c, h, w] = x as [number, number, number, number];
  const isHalf = opset >= 16 && mode !== 'output_half_pixel';
  const shift = isHalf ? 0.5 : 0;
  const dx = new Float64Array(n * c * h * w);
  for (const [r, [x1 = 0, y1 = 0, x2 = 0, y2 = 0]] of regions.entries()) {
    const [left, top] = [x1 * scale - shift, y1 * scale - shift];
    const size = (from: number, to: number) => (isHalf ? to - shift - from : Math.max(1, to - shift - from));
    const [cellWide, cellHigh] = [size(left, x2 * scale) / columns, size(top, y2 * scale) / rows];
    const [across, down] = [cellWide, cellHigh].map((cell) => (ratio > 0 ? ratio : Math.ceil(cell))) as [
      number,
      number,
    ];
    const points = Math.max(1, across * down);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let i = 0; i < down; i++) {
          for (let j = 0; j < across; j++) {
            const py = top + row * cellHigh + ((i + 0.5) * cellHigh) / down;
            const px = left + column * cellWide + ((j + 0.5) * cellWide) / across;
            if (py < -1 || py > h || px < -1 || px > w) continue;
            const [fy, fx] = [Math.min(Math.max(py, 0), h - 1), Math.min(Math.max(px, 0), w - 1)];
            const [y0, x0] = [Math.floor(fy), Math.floor(fx)];
            for (const [yy, wy] of [
              [y0, 1 - (fy - y0)],
              [y0 + 1, fy - y0],
            ] as const) {
              for (const [xx, wx] of [
                [x0, 1 - (fx - x0)],
                [x0 + 1, fx - x0],
              ] as const) {
                if (wy === 0 || wx === 0) continue;
                for (let channel = 0; channel < c; channel++) {
                  const picture = n === 1 ? 0 : (PICTURES[r] as number);
                  const given = dy[((r * c + channel) * rows + row) * columns + column] as number;
                  const at = ((picture * c + channel) * h + yy) * w + xx;
                  dx[at] = (dx[at] as number) + (given * wy * wx) / points;
                }
              }
            }
          }
        }
      }
    }
  }
  return dx;
}

describe('operators/resize: RoiAlign', () => {
  adjointCases(SETTINGS.filter(({ regions }) => regions === undefined).map(caseOf));

  for (const setting of SETTINGS) {
    const it = caseOf(setting);
    globalThis.it(`${it.title}: as points are scattered one by one in float64`, async () => {
      const { model, feeds } = make(it);
      const y = (await runModel(model, feeds)).y0 as Value;
      const random = new Random(3);
      const data = Float32Array.from({ length: y.data.length }, () => random.normal());
      const made = await gradientOf(model, { wrt: ['^x0$'] });
      const results = await runModel(made.model, { ...feeds, 'd/y0': { type: DataType.FLOAT, dims: y.dims, data } });
      const dx = valueNamed(results, 'd/x0');
      const expected = scattered(setting, data);
      const most = Math.max(...expected.map(Math.abs), 1e-30);
      expect(dx.dims).to.deep.equal(it.inputs[0]?.dims);
      // float32 numbers of places up to 30 are right to 2e-6, and so are the weights.
      const off = Array.from(numbersOf(dx) ?? [], (value, at) => Math.abs(value - (expected[at] as number)) / most);
      expect(Math.max(...off)).to.be.lessThan(2e-5);
    });
  }

  it('refuses the mode max with its reason', async () => {
    const it = caseOf({ ratio: 2 });
    const { model, wrt } = make({ ...it, attributes: { ...it.attributes, mode: 'max' } });
    const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'unsupported-model');
    expect(String(error)).to.include('RoiAlign').and.to.include('its mode is max; avg has a gradient');
  });

  it('says what ONNX Runtime lacks at opset 22, for which it has no kernel', async () => {
    const { model, wrt } = make(caseOf({ ratio: 2, opset: 22 }));
    const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(GnSwapError);
    expect((error as GnSwapError).describe()).to.include('Could not find an implementation for RoiAlign(22)');
  });

  it('ends the gradient at the regions, which it says once, and proves its rule on the file', async () => {
    const net = new Net({ opset: 16 });
    const x = net.input('x', [1, 2, 8, 8]);
    const map = net.node('Conv', [x, net.weight('w', [3, 2, 1, 1], [0.4, -0.3, 0.8, 0.1, -0.6, 0.5])]);
    const moved = net.node('Add', [
      net.weight('anchor', [2, 4], [0, 1, 5, 6, 2, 2, 7, 7]),
      net.weight('b', [2, 4], [0.1, 0, 0.2, 0, 0, 0.1, 0, 0.3]),
    ]);
    const regions = net.node('Mul', [moved, net.node('ReduceMean', [map], { keepdims: 0 })]);
    const pictures = net.weight('pictures', [2], [0, 0], DataType.INT64);
    const cells = ['y', 'z'].map((name) =>
      net.node('RoiAlign', [map, regions, pictures], { output_height: 2, output_width: 2 }, { outputs: [name] }),
    );
    for (const name of cells) net.output(name, [2, 3, 2, 2]);
    const made = await gradientOf(net.model(), { wrt: ['^(w|b)$'], verify: true });
    expect([...made.gradients.keys()]).to.deep.equal(['w']);
    expect(made.notes.filter((note) => note.includes('RoiAlign'))).to.deep.equal([
      'the gradient does not go through the regions of RoiAlign, as in PyTorch',
    ]);
    expect(made.proof?.error).to.be.lessThan(1e-4);
  });
});
