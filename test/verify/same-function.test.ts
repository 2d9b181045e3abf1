import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { DriftMeter } from '../../src/measure/drift.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan } from '../../src/plan/index.ts';
import { keepsPromise, sameFunction } from '../../src/verify/same-function.ts';
import { setValues } from '../support/damage.ts';
import { siteOf } from '../support/site.ts';
import { checkNamed, verifyFixture } from '../support/verified.ts';

function drift(output: string, relative: number) {
  const meter = new DriftMeter(output);
  const value = (data: Float64Array) => ({ type: DataType.DOUBLE, dims: [1], data });
  meter.add(value(Float64Array.of(1)), value(Float64Array.of(1 + relative)));
  return meter.result() as NonNullable<ReturnType<DriftMeter['result']>>;
}

const none = async () => [];
const planned = (to: string, elementType: DataType = DataType.FLOAT) =>
  plan([siteOf({ elementType })], 17, { to }).sites;

describe('verify/same-function', () => {
  const plain = new Net().model();
  it('is promised by norms that compute what the source does, as exactly as the type can', () => {
    expect(sameFunction(planned('group'), plain)).to.equal(undefined);
    expect(sameFunction([...planned('frozen'), ...planned('group')], plain)).to.equal(undefined);
    expect(sameFunction(planned('frozen'), plain)).to.deep.equal({ norm: 'frozen', limit: 1e-5 });
    expect(sameFunction(planned('frozen', DataType.DOUBLE), plain)?.limit).to.equal(1e-5);
    expect(sameFunction(planned('frozen', DataType.FLOAT16), plain)?.limit).to.equal(1e-5 * 2 ** 13);
  });

  it('is promised up to a step where values are quantised, and not where they are only dequantised', () => {
    const quantised = (op: string) => {
      const net = new Net();
      net.node(op, [net.input('x', [2, 4])]);
      return net.model();
    };
    for (const op of ['QuantizeLinear', 'DynamicQuantizeLinear'])
      expect(sameFunction(planned('frozen'), quantised(op))?.limit, op).to.equal(2 ** -7);
    expect(sameFunction(planned('frozen'), quantised('DequantizeLinear'))?.limit).to.equal(1e-5);
    expect(sameFunction(planned('group'), quantised('QuantizeLinear'))).to.equal(undefined);
  });

  const promise = { norm: 'frozen', limit: 1e-5 };

  it('is kept up to the limit, without a further run', async () => {
    const never = () => expect.fail('the source was run again');
    expect(await keepsPromise(promise, [drift('y', 9e-6)], never)).to.deep.equal({
      kept: true,
      detail: 'no output drifts by more than 1e-5; frozen norm computes the same function as the source',
    });
  });

  it('is broken above it', async () => {
    const { kept, detail } = await keepsPromise(promise, [drift('x', 0), drift('y', 2e-5)], none);
    expect(kept).to.equal(false);
    expect(detail).to.match(
      /^output "y" drifts by 0\.0000200, more than 1e-5, although frozen norm computes the same function as the source$/,
    );
  });

  it('is kept where rounding takes the source as far from itself', async () => {
    const own = async () => [drift('y', 1e-3)];
    expect((await keepsPromise(promise, [drift('y', 3.9e-3)], own)).kept).to.equal(true);
    expect((await keepsPromise(promise, [drift('y', 4.1e-3)], own)).kept).to.equal(false);
    expect((await keepsPromise(promise, [drift('z', 3e-3)], own)).kept).to.equal(false);
    expect((await keepsPromise(promise, [drift('y', Number.NaN)], own)).kept).to.equal(false);
  });

  it('fails a model in which a constant is off by less than any check of drift was told to look for', async () => {
    const verification = await verifyFixture(fixtureNamed('opset-17'), { to: 'frozen' }, (model) =>
      setValues(model, 'bn1.weight', (values) => values.map((value) => 1.0001 * value)),
    );
    expect(checkNamed(verification, 'drift')).to.include({ status: 'failed' });
    expect(checkNamed(verification, 'drift')?.detail).to.include(
      'although frozen norm computes the same function as the source',
    );
  });
});
