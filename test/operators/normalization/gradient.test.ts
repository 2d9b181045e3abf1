import { adjointCases, type Case, differenceCases, functionCases } from '../support/cases.ts';

const perChannel = (channels: number) => [{ dims: [channels], range: [0.5, 1.5] as const }, { dims: [channels] }];
const positive = (channels: number) => ({ dims: [channels], range: [0.3, 2] as const, constant: true });

function norm(
  op: string,
  title: string,
  dims: readonly number[],
  parameters: Case['inputs'],
  more: Partial<Case> = {},
): Case {
  return { title, op, inputs: [{ dims }, ...parameters], ...more };
}

describe('operators/normalization: gradients', () => {
  // GroupNormalization of float64 is computed in float32 unless stash_type says float64 (11).
  differenceCases([
    norm('GroupNormalization', 'two groups', [2, 4, 3, 5], perChannel(4), {
      attributes: { num_groups: 2, stash_type: 11 },
      opset: 21,
    }),
    norm('GroupNormalization', 'one group', [2, 4, 3, 5], perChannel(4), {
      attributes: { num_groups: 1, stash_type: 11 },
      opset: 21,
    }),
    norm('GroupNormalization', 'a group a channel', [1, 4, 3, 5], perChannel(4), {
      attributes: { num_groups: 4, stash_type: 11 },
      opset: 21,
    }),
    norm('GroupNormalization', 'ε', [1, 4, 6], perChannel(4), {
      attributes: { num_groups: 2, stash_type: 11, epsilon: { float: 0.1 } },
      opset: 21,
    }),
    norm('GroupNormalization', 'parameters a group', [2, 4, 3, 5], perChannel(2), {
      attributes: { num_groups: 2 },
      opset: 18,
    }),
    norm('LayerNormalization', 'the last axis', [2, 3, 7], [{ dims: [7], range: [0.5, 1.5] }, { dims: [7] }], {
      opset: 17,
    }),
    norm('LayerNormalization', 'no bias', [2, 3, 7], [{ dims: [7], range: [0.5, 1.5] }], { opset: 17 }),
    norm('LayerNormalization', 'two axes', [2, 3, 5], [{ dims: [3, 5], range: [0.5, 1.5] }, { dims: [3, 5] }], {
      attributes: { axis: 1 },
      opset: 17,
    }),
    norm('LayerNormalization', 'ε', [4, 6], [{ dims: [6], range: [0.5, 1.5] }, { dims: [6] }], {
      attributes: { epsilon: { float: 0.1 } },
      opset: 17,
    }),
    norm('RMSNormalization', 'the last axis', [2, 3, 7], [{ dims: [7], range: [0.5, 1.5] }], { opset: 23 }),
    norm('LpNormalization', 'p = 2', [3, 5], [], { attributes: { axis: 1 } }),
    norm('LpNormalization', 'p = 1', [3, 5], [], { attributes: { axis: 0, p: 1 } }),
  ]);
  adjointCases([
    norm('BatchNormalization', 'maps', [2, 3, 4, 5], [...perChannel(3), { dims: [3], constant: true }, positive(3)]),
    norm('BatchNormalization', 'rank 2', [4, 3], [...perChannel(3), { dims: [3], constant: true }, positive(3)]),
    norm('BatchNormalization', '1-D', [4, 3, 6], [...perChannel(3), { dims: [3], constant: true }, positive(3)]),
    norm(
      'BatchNormalization',
      'opset 7',
      [2, 3, 4, 5],
      [...perChannel(3), { dims: [3], constant: true }, positive(3)],
      { opset: 7 },
    ),
    norm(
      'BatchNormalization',
      'opset 9',
      [2, 3, 4, 5],
      [...perChannel(3), { dims: [3], constant: true }, positive(3)],
      { opset: 9 },
    ),
  ]);
});

describe('operators/normalization: the gradient of LRN', () => {
  /** Each number by the squares of its neighbours among the channels, as the operator's page has it; [N, C, 6]. */
  const lrn = (
    x: Float64Array,
    channels: number,
    size: number,
    [alpha, beta, bias]: readonly [number, number, number],
  ) =>
    Float64Array.from(x, (value, at) => {
      const [position, plane] = [at % 6, Math.floor(at / 6)];
      const [sample, channel] = [Math.floor(plane / channels), plane % channels];
      let sum = 0;
      for (let other = channel - Math.floor((size - 1) / 2); other <= channel + Math.ceil((size - 1) / 2); other++) {
        if (other >= 0 && other < channels) sum += (x[(sample * channels + other) * 6 + position] as number) ** 2;
      }
      return value / (bias + (alpha / size) * sum) ** beta;
    });
  functionCases([
    {
      ...norm('LRN', 'an odd number of channels', [2, 5, 2, 3], [], {
        attributes: { size: 3, alpha: { float: 0.5 }, beta: { float: 0.75 }, bias: { float: 2 } },
      }),
      f: (x) => lrn(x, 5, 3, [0.5, 0.75, 2]),
    },
    {
      ...norm('LRN', 'as it is by default', [1, 4, 3, 2], [], { attributes: { size: 5 } }),
      f: (x) => lrn(x, 4, 5, [1e-4, 0.75, 1]),
    },
  ]);
});
