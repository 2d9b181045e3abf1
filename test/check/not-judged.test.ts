/** Models that only real input fits: what they answer to random input says nothing of the file. */
import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { verdictLines } from '../../src/report/verdict.ts';

/** Its second input is the shape that the first is reshaped to. */
const source = (() => {
  const net = new Net();
  const x = net.node('Reshape', [net.input('x', ['k']), net.input('shape', [4], DataType.INT64)]);
  return writeModel(net.output(net.bn(net.conv(x, 3, 16), 16)).model());
})();

/** A size that the file does not state, and no other will do. */
const sized = (() => {
  const net = new Net();
  const shape = net.weight('shape', [4], [1, 3, 19, 7], DataType.INT64);
  return writeModel(
    net.output(net.bn(net.conv(net.node('Reshape', [net.input('x', ['k']), shape]), 3, 16), 16)).model(),
  );
})();

const fitting = {
  x: { type: DataType.FLOAT, dims: [3 * 19 * 7], data: Float32Array.from({ length: 399 }, (_, i) => Math.sin(i)) },
};
const shape = { type: DataType.INT64, dims: [4], data: BigInt64Array.from([1n, 3n, 19n, 7n]) };

describe('check of a model that does not run on random input', () => {
  for (const [name, bytes, inputs] of [
    ['a shape as an input', source, { ...fitting, shape }],
    ['a size that the file does not state', sized, fitting],
  ] as const) {
    it(`does not judge it, and says what to give: ${name}`, async () => {
      const { model } = await swap(bytes, { verify: false });
      for (const against of [undefined, bytes]) {
        const report = await check(model, { against });
        const runs = report.checks.find((it) => it.name === 'runs');
        expect(runs).to.include({ status: 'skipped', unjudged: true });
        expect(runs?.detail).to.match(/^not judged: .* --inputs FILE\.npz$/);
        expect(report.passed).to.equal(true);
        const [verdict] = verdictLines({ file: 'm.onnx', command: 'check', check: report, timings: {} });
        expect(verdict).to.include({ about: 'rewrite', tone: 'warn' });
        expect(verdict?.text).to.include('not run').and.include('--inputs FILE.npz');
      }
    });

    it(`judges it on real input: ${name}`, async () => {
      const { model } = await swap(bytes, { verify: false });
      const { passed, checks, verification } = await check(model, { inputs, against: bytes });
      expect(passed).to.equal(true);
      expect(checks.find((it) => it.name === 'reference')?.status).to.equal('passed');
      expect(verification?.sites).to.have.lengthOf(1);
    });
  }

  it('fails a file that does not run on the input that was given', async () => {
    const { model } = await swap(sized, { verify: false });
    const wrong = { x: { type: DataType.FLOAT, dims: [12], data: new Float32Array(12) } };
    const { passed, checks } = await check(model, { inputs: wrong });
    expect(passed).to.equal(false);
    expect(checks.find((it) => it.name === 'runs')?.status).to.equal('failed');
  });
});
