import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { madeInputs } from '../../support/calibration.ts';
import { cli } from '../../support/cli.ts';
import { WITHOUT_RUNTIME } from '../../support/preload.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';
import { modelOf } from '../../support/swapped.ts';

describe('gn-swap inspect', () => {
  const scratch = useScratch();

  it('shows what would be done, and writes nothing', async () => {
    const { status, stdout, stderr } = await cli(['inspect', scratch().fixture('rank-4'), '--groups', '8']);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/BatchNormalization_1 +BatchNormalization +float32 +32 +8 +reduce +statistics\n/);
    expect(scratch().list()).to.deep.equal(['rank-4.onnx']);
  });

  it('does not need ONNX Runtime', async () => {
    const { status, stderr } = await cli(['inspect', scratch().fixture('rank-4')], { before: WITHOUT_RUNTIME });
    expect([status, stderr]).to.deep.equal([0, '']);
    const computed = await cli(['inspect', scratch().fixture('parameters-computed')], { before: WITHOUT_RUNTIME });
    expect(computed.status).to.equal(0);
    expect(computed.stdout).to.match(/left: .*: its parameters cannot be computed: onnxruntime-node is not installed/);
  });

  it('is no failure where there is nothing to do: status 0, and what the model has instead', async () => {
    const { status, stdout } = await cli(['inspect', scratch().fixture('folded-conv')]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/would swap 0 sites; 1 Conv layer appears/);
  });

  it('goes on behind a file that it can’t read, and answers with status 2', async () => {
    const bad = scratch().write('bad.onnx', 'not a model');
    const { status, stdout, stderr } = await cli(['inspect', bad, scratch().fixture('rank-4'), '--json']);
    expect(status).to.equal(2);
    expect(stderr).to.match(/^gn-swap: .*bad\.onnx: not an ONNX (file|model).*\n$/);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    expect(document.results.map((result: { status: string }) => result.status)).to.deep.equal(['error', 'ok']);
  });

  it('ends with a command that gives data where the running statistics were lost', async () => {
    const model = scratch().fixture('variance-all-zero');
    const { stdout } = await cli(['inspect', model]);
    expect(stdout).to.match(/^warning: .*never trained, or lost/m);
    expect(stdout).to.include(`next: gn-swap ${model} --calibrate DIR`);
  });

  it('ends with a command that can be pasted, whatever the file is called', async () => {
    scratch().fixture('variance-all-zero', '-x\n.onnx');
    const { stdout } = await cli(['inspect', '--', '-x\n.onnx'], { cwd: scratch().folder });
    expect(stdout).to.match(/^next: gn-swap --calibrate DIR -- \$'-x\\n\.onnx'$/m);
  });

  describe('with inputs', () => {
    /** A model, and inputs that its norm knows from training or that are 9 deviations off. */
    function files(off: number): [model: string, inputs: string] {
      const values = madeInputs(modelOf(fixtureNamed('rank-4')), 6);
      const moved = Object.entries(values).map(([name, value]) => {
        const data = Float32Array.from(value.data as Float32Array, (number) => number + off);
        return [name, { ...value, data }] as const;
      });
      return [scratch().fixture('rank-4'), scratch().write('in.npz', writeNpz(new Map(moved)))];
    }

    it('shows how well they fit every site, and ends with the command that solves from them', async () => {
      const [model, inputs] = files(0);
      const { status, stdout, stderr } = await cli(['inspect', model, '--calibrate', inputs, '--seed', '1']);
      expect([status, stderr]).to.deep.equal([0, '']);
      expect(stdout)
        .to.match(/ +init +R² +shift +spread$/m)
        .and.match(/BatchNormalization_1 .* calibrate +\d\.\d+ +\d+\.\d\d +\d+\.\d\d$/m);
      expect(stdout).to.match(/^looked at 5 inputs of .*in\.npz, 1 held out \(seed 1\): mean R² /m);
      expect(stdout).to.match(/^in the middle shift .*; largest shift .* at BatchNormalization_1$/m);
      const next = /^next: gn-swap (.*)$/m.exec(stdout)?.[1];
      expect(next).to.equal(`${model} --calibrate ${inputs} --seed 1`);
      expect(scratch().list()).to.deep.equal(['in.npz', 'rank-4.onnx']);
    });

    it('tells inputs apart that are unlike the training data, in the document too', async () => {
      const shiftOf = async (off: number) => {
        const [model, inputs] = files(off);
        const { stdout } = await cli(['inspect', model, '--calibrate', inputs, '--json']);
        const document = JSON.parse(stdout);
        expectValidReport(document);
        const { calibration, sites } = document.results[0];
        expect([calibration.measured, sites[0].init]).to.deep.equal([false, 'calibrate']);
        return calibration.sites[0].mismatch.shift as number;
      };
      expect(await shiftOf(9)).to.be.above(2 * (await shiftOf(0)) + 0.2);
    });

    it('is refused for norms that have no use for them', async () => {
      const [model, inputs] = files(0);
      const { status, stderr } = await cli(['inspect', model, '--calibrate', inputs, '--to', 'frozen']);
      expect(status).to.equal(2);
      expect(stderr).to.match(/--to frozen does not use calibration data/);
    });
  });
});
