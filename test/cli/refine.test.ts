import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { Random } from '../../src/inputs/random.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { cli } from '../support/cli.ts';
import { expectValidReport } from '../support/report-schema.ts';
import { useScratch } from '../support/scratch.ts';

const [COUNT, C] = [40, 8];

/** A classifier with two norms. */
function model(): Uint8Array {
  const net = new Net({ seed: 11 });
  const first = net.relu(net.bn(net.conv(net.input('x', ['n', 3, 8, 8]), 3, C), C));
  const second = net.relu(net.bn(net.conv(first, C, C), C));
  const pooled = net.node('ReduceMean', [second], { axes: [2, 3], keepdims: 0 });
  net.node('Softmax', [net.node('MatMul', [pooled, net.weight('w', [C, 3])])], { axis: 1 }, { outputs: ['y'] });
  return writeModel(net.output('y', ['n', 3]).model());
}

describe('gn-swap --refine', function () {
  this.timeout(60_000);
  const scratch = useScratch();
  beforeEach(() => {
    const random = new Random(6);
    const data = Float32Array.from({ length: COUNT * 3 * 64 }, () => random.normal());
    scratch().write('model.onnx', model());
    scratch().write('x.npz', writeNpz(new Map([['x', { type: DataType.FLOAT, dims: [COUNT, 3, 8, 8], data }]])));
  });
  const run = (...args: readonly string[]) => cli(args, { cwd: scratch().folder });

  it('says what was taken, in text and in JSON, and what it wrote passes check --against', async () => {
    const calibrated = ['--calibrate', 'x.npz', '--groups', '2', '--refine'];
    const { status, stdout } = await run('model.onnx', ...calibrated);
    expect(status).to.equal(0);
    const [line = ''] = stdout.split('\n').filter((it) => /^(not )?refined/.test(it));
    expect(line).to.match(/\(kept [\d.]+ → [\d.]+, distance [\d.]+ → [\d.]+, on 32 inputs\)$/);
    expect((await run('check', 'model.gn.onnx', '--against', 'model.onnx')).status).to.equal(0);
    const report = JSON.parse((await run('model.onnx', ...calibrated, '--force', '--json')).stdout);
    expectValidReport(report);
    const { refined } = report.results[0].calibration;
    expect(refined).to.include({ taken: line.startsWith('refined by 200 steps'), on: 'norms', steps: 200 });
  });

  it('needs inputs, and a number of steps that is whole', async () => {
    const alone = await run('model.onnx', '--refine');
    expect(alone.status).to.equal(2);
    expect(alone.stderr).to.contain('--refine learns from inputs, and none are given');
    expect((await run('model.onnx', '--calibrate', 'x.npz', '--refine', '1.5')).stderr).to.contain('whole number');
  });
});
