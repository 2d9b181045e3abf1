import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { create } from '../../../src/onnx/schema.ts';
import { rejection } from '../../support/errors.ts';
import { adjointCases, type Case, differenceCases, functionCases } from '../support/cases.ts';
import { upTo } from '../support/windows.ts';

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
    norm(
      'LayerNormalization',
      'γ and β alone are wanted',
      [2, 3, 7],
      [{ dims: [7], range: [0.5, 1.5] }, { dims: [7] }],
      {
        opset: 17,
        wrt: [1, 2],
      },
    ),
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

describe('operators/normalization: gradients of InstanceNormalization, which ONNX Runtime has in float32 alone', () => {
  /** Each channel of each sample by its own mean and variance; [N, 3, 20]. */
  const instance = (x: Float64Array, scale: number, bias: number) =>
    upTo(x.length / 20).flatMap((plane) => {
      const values = [...x.subarray(plane * 20, plane * 20 + 20)];
      const mean = values.reduce((sum, value) => sum + value, 0) / 20;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20;
      return values.map((value) => (scale * (value - mean)) / Math.sqrt(variance + 1e-5) + bias);
    });
  functionCases(
    (
      [
        ['its own γ and β', 0.5, 0.25],
        ['a γ and β that do nothing, as exporters write them', 1, 0],
        ['a γ that does nothing', 1, 0.25],
        ['a β that does nothing', 0.5, 0],
      ] as const
    ).flatMap(([title, scale, bias]) =>
      [1, 2].map((batch) => ({
        ...norm(
          'InstanceNormalization',
          `${title}, ${batch === 1 ? 'one sample' : 'a batch'}`,
          [batch, 3, 4, 5],
          [
            { dims: [3], values: [scale, scale, scale], constant: true },
            { dims: [3], values: [bias, bias, bias], constant: true },
          ],
        ),
        f: (x: Float64Array) => instance(x, scale, bias),
      })),
    ),
  );
  // Affine in γ and in β.
  adjointCases([
    norm('InstanceNormalization', 'γ and β', [2, 3, 4, 5], perChannel(3), { wrt: [1, 2] }),
    norm('InstanceNormalization', 'γ alone', [1, 3, 4, 5], perChannel(3), { wrt: [1] }),
  ]);
});

describe('operators/normalization: refusals', () => {
  for (const read of ['mean', 'deviation']) {
    it(`a LayerNormalization whose ${read} is read is refused, whether its result is read or not`, async () => {
      for (const outputs of [[read], ['y', read]]) {
        const net = new Net({ opset: 17 });
        const inputs = [net.input('x', [2, 6]), net.weight('w', [6], [1, 2, 3, 4, 5, 6])];
        net.node('LayerNormalization', inputs, {}, { outputs: ['y', 'mean', 'deviation'] });
        for (const name of outputs) net.outputs.push(create('ValueInfoProto', { name }));
        const error = await rejection(gradientOf(net.model(), { wrt: ['^x$'] }));
        expect(error.code).to.equal('unsupported-model');
        expect(error.message).to.include('its mean or deviation is read by other nodes');
      }
    });
  }
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
