import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { quantizedOf } from '../../src/find/quantized.ts';
import { quantizedWords, UNQUANTIZE } from '../../src/find/quantized-words.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { planAll, planSearch } from '../../src/plan/refuse.ts';
import { planWarnings } from '../../src/report/wording.ts';
import { thrown } from '../support/errors.ts';

/** Weights of one Conv, as QDQ has them. */
function dequantized(net: Net, name: string, dims: readonly number[], axis: number | undefined, opset: number): string {
  const stored = net.weight(`${name}_quantized`, dims, undefined, DataType.INT8);
  const scale = net.weight(`${name}_scale`, axis === undefined ? [] : [dims[0] ?? 1]);
  const attributes = axis === undefined || opset < 13 ? {} : { axis };
  return net.node('DequantizeLinear', [stored, scale], attributes);
}

/** Two Conv with QDQ around their activations; the second is float if asked. */
function qdq({ opset = 13, axis = 0 as number | undefined, floats = 0, norm = false, transposed = false } = {}): Model {
  const net = new Net({ opset, seed: 3 });
  let x = net.input('x', ['N', 8, 8, 8]);
  for (let layer = 0; layer < 2; layer++) {
    const [scale, zero] = [net.weight(`s${layer}`, [], [0.1]), net.weight(`z${layer}`, [], [0], DataType.UINT8)];
    const through = net.node('DequantizeLinear', [net.node('QuantizeLinear', [x, scale, zero]), scale, zero]);
    const isFloat = layer >= 2 - floats;
    let weight = isFloat
      ? net.weight(`w${layer}`, [8, 8, 1, 1])
      : dequantized(net, `w${layer}`, [8, 8, 1, 1], axis, opset);
    if (transposed && !isFloat) weight = net.node('Transpose', [weight], { perm: [1, 0, 2, 3] });
    x = net.node('Conv', [through, weight]);
    if (norm) x = net.bn(x, 8);
    x = net.relu(x);
  }
  return net.output(x).model();
}

describe('quantizedOf', () => {
  it('tells QDQ by weights that come through DequantizeLinear, at every opset and granularity', () => {
    for (const opset of [10, 13, 21]) {
      for (const axis of [undefined, 0]) {
        expect(quantizedOf(qdq({ opset, axis }))).to.deep.equal({ format: 'QDQ', layers: 2, of: 2 });
      }
    }
    expect(quantizedOf(qdq({ transposed: true }))?.layers).to.equal(2);
    expect(quantizedOf(qdq({ floats: 1 }))).to.deep.equal({ format: 'QDQ', layers: 1, of: 2 });
  });

  it('is silent where only activations are quantized, and about float models', () => {
    expect(quantizedOf(qdq({ floats: 2 }))).to.equal(undefined);
    const net = new Net();
    expect(quantizedOf(net.output(net.conv(net.input('x', ['N', 3, 4, 4]), 3, 4)).model())).to.equal(undefined);
  });

  it('tells QOperator and dynamic quantization by their operators', () => {
    const qop = new Net({ opset: 13 });
    const x = qop.input('x', ['N', 8, 4, 4], DataType.UINT8);
    const [s, z, w, wz] = [
      qop.weight('s', [], [0.1]),
      qop.weight('z', [], [0], DataType.UINT8),
      qop.weight('w', [8, 8, 1, 1], undefined, DataType.INT8),
      qop.weight('wz', [], [0], DataType.INT8),
    ];
    const y = qop.node('QLinearConv', [x, s, z, w, s, wz, s, z]);
    const model = qop.output(y, ['N', 8, 4, 4], DataType.UINT8).model();
    expect(quantizedOf(model)).to.deep.equal({ format: 'QOperator', layers: 1, of: 1 });
    const dynamic = new Net({ opset: 13 });
    const v = dynamic.node('DynamicQuantizeLinear', [dynamic.input('x', ['N', 8])], {}, { outputs: ['q', 'qs', 'qz'] });
    const weight = dynamic.weight('w', [8, 4], undefined, DataType.INT8);
    dynamic.node('MatMulInteger', [v, weight, 'qz'], {}, { outputs: ['y'] });
    expect(quantizedOf(dynamic.output('y', ['N', 4], DataType.INT32).model())).to.deep.equal({
      format: 'dynamic',
      layers: 1,
      of: 1,
    });
  });
});

describe('a plan of a quantized model', () => {
  const words =
    'the file is quantized (INT8, QDQ): 2 of 2 layers have integer weights, and their norms are in the scales';

  it('is refused by that name, with what to do, whichever sites were asked for', () => {
    for (const sites of [undefined, 'folded', 'all'] as const) {
      const error = thrown(() => planAll(findSites(qdq(), undefined, sites), { sites }));
      expect(error).to.include({ code: 'nothing-to-swap', message: words, remedy: UNQUANTIZE });
    }
  });

  it('warns where BatchNormalization stands all the same, and in inspect', () => {
    const plan = planAll(findSites(qdq({ norm: true })), {});
    expect(plan.sites).to.have.lengthOf(2);
    const without = words.replace('and their norms are in the scales', 'which are not trained');
    expect(planWarnings(plan)).to.deep.equal([`${without}. ${UNQUANTIZE}`]);
    expect(planWarnings(planSearch(findSites(qdq()), {}))).to.deep.equal([`${words}. ${UNQUANTIZE}`]);
    expect(quantizedWords({ format: 'dynamic', layers: 1, of: 3 })).to.include('(INT8, dynamically): 1 of 3 layers');
  });
});
