import { adjointCases, type Case, differenceCases } from '../support/cases.ts';

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
