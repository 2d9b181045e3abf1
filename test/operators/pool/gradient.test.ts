import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { rejection } from '../../support/errors.ts';
import { adjointCases, type Case, differenceCases, functionCases, make } from '../support/cases.ts';
import { upTo } from '../support/windows.ts';

function pooling(
  op: string,
  title: string,
  dims: readonly number[],
  attributes: Case['attributes'] = {},
  opset = 18,
): Case {
  return { title, op, inputs: [{ dims }], attributes, opset };
}

describe('operators/pool: gradients', () => {
  adjointCases([
    pooling('AveragePool', 'side by side', [2, 3, 6, 8], { kernel_shape: [2, 2], strides: [2, 2] }),
    pooling('AveragePool', 'overlapping', [1, 3, 6, 7], { kernel_shape: [3, 3], strides: [2, 2] }),
    pooling('AveragePool', 'pads left out of the count', [1, 3, 6, 7], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    pooling('AveragePool', 'pads counted', [1, 3, 6, 7], {
      kernel_shape: [3, 3],
      pads: [1, 0, 1, 2],
      count_include_pad: 1,
    }),
    pooling('AveragePool', 'rounded up', [1, 3, 7, 8], { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }),
    pooling(
      'AveragePool',
      'rounded up, pads counted',
      [1, 2, 7, 8],
      {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        ceil_mode: 1,
        count_include_pad: 1,
      },
      19,
    ),
    pooling('AveragePool', 'SAME_UPPER', [1, 3, 7, 8], {
      kernel_shape: [3, 3],
      strides: [2, 2],
      auto_pad: 'SAME_UPPER',
    }),
    pooling('AveragePool', 'dilations', [1, 2, 8, 8], { kernel_shape: [3, 3], dilations: [2, 2] }, 19),
    pooling('AveragePool', '1-D', [2, 3, 9], { kernel_shape: [3], strides: [2] }),
    pooling('AveragePool', '3-D', [1, 2, 4, 5, 6], { kernel_shape: [2, 2, 3] }),
    pooling('AveragePool', 'opset 7', [1, 3, 6, 8], { kernel_shape: [2, 2], strides: [2, 2] }, 7),
    pooling('GlobalAveragePool', '2-D', [2, 3, 5, 4]),
    pooling('GlobalAveragePool', '1-D', [2, 3, 5]),
    pooling('GlobalAveragePool', '3-D', [2, 3, 2, 3, 2]),
  ]);
  differenceCases([
    pooling('MaxPool', 'side by side', [2, 3, 6, 8], { kernel_shape: [2, 2], strides: [2, 2] }),
    pooling('MaxPool', 'overlapping', [2, 3, 7, 7], { kernel_shape: [3, 3], strides: [2, 2] }),
    pooling('MaxPool', 'pads', [1, 3, 7, 7], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    pooling('MaxPool', 'rounded up', [1, 3, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
    pooling('MaxPool', 'dilations', [1, 2, 8, 8], { kernel_shape: [3, 3], dilations: [2, 2] }),
    pooling('MaxPool', 'SAME_LOWER', [1, 2, 7, 8], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }),
    pooling('MaxPool', 'stride 1, as in SPPF', [1, 2, 7, 7], { kernel_shape: [5, 5], pads: [2, 2, 2, 2] }),
    pooling('MaxPool', '1-D', [2, 3, 9], { kernel_shape: [3], strides: [2] }),
    pooling('MaxPool', '3-D', [1, 2, 4, 4, 6], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
    pooling('MaxPool', 'opset 8', [2, 3, 6, 8], { kernel_shape: [2, 2], strides: [2, 2] }, 8),
  ]);
});

/** (Σ |x|ᵖ)^(1/p). */
const norm = (values: readonly number[], p: number) =>
  values.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);

describe('operators/pool: gradients of powers and of whole maps', () => {
  const maps = (x: Float64Array, size: number) =>
    upTo(x.length / size).map((plane) => [...x.subarray(plane * size, (plane + 1) * size)]);
  /** Windows of 2×3 that go 2 down and 1 to the right, on maps of 5×6. */
  const windows = (x: Float64Array, p: number) =>
    maps(x, 30).flatMap((map) =>
      upTo(2).flatMap((row) =>
        upTo(4).map((column) =>
          norm(
            upTo(6).map((at) => map[(2 * row + Math.floor(at / 3)) * 6 + column + (at % 3)] as number),
            p,
          ),
        ),
      ),
    );
  functionCases([
    { ...pooling('GlobalMaxPool', '2-D', [2, 3, 4, 5]), f: (x) => maps(x, 20).map((map) => Math.max(...map)) },
    { ...pooling('GlobalMaxPool', '1-D', [2, 3, 7]), f: (x) => maps(x, 7).map((map) => Math.max(...map)) },
    ...[1, 2, 3].flatMap((p) => [
      {
        ...pooling('GlobalLpPool', `p = ${p}`, [2, 3, 4, 5], { p }),
        f: (x: Float64Array) => maps(x, 20).map((map) => norm(map, p)),
      },
      {
        ...pooling('LpPool', `p = ${p}, overlapping`, [2, 2, 5, 6], { p, kernel_shape: [2, 3], strides: [2, 1] }),
        f: (x: Float64Array) => windows(x, p),
      },
    ]),
  ]);

  it('refuses indices that count columns first, with the reason', async () => {
    const attributes = { kernel_shape: [2, 2], storage_order: 1 };
    const { model, wrt } = make(pooling('MaxPool', 'by columns', [1, 2, 4, 6], attributes));
    const error = await rejection(gradientOf(model, { wrt }));
    expect(error.code).to.equal('unsupported-model');
    expect(error.message).to.include('its indices count columns first (storage_order)');
  });
});
