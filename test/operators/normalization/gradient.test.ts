import { adjointCases, type Case, differenceCases } from '../support/cases.ts';

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
