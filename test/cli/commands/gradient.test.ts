import { expect } from 'chai';
import { gradientTargets } from '../../../src/cli/gradient.ts';
import { readModel } from '../../../src/onnx/model.ts';
import { cli } from '../../support/cli.ts';
import { expectValidReport } from '../../support/report-schema.ts';
import { useScratch } from '../../support/scratch.ts';
import { runModel } from '../../support/session.ts';

describe('gn-swap gradient', () => {
  const scratch = useScratch();
  const gradient = (...args: string[]) => cli(['gradient', ...args], { cwd: scratch().folder });
  const modelOf = (file: string) => readModel(scratch().read(file));
  const inputsOf = (file: string) => modelOf(file).proto.graph.input.map(({ name }) => name);

  it('writes a gradient model and the first values beside it, and says what is trained', async () => {
    scratch().fixture('opset-17', 'model.onnx');
    const { status, stdout, stderr } = await gradient('model.onnx', '--loss', 'mse', '--optimizer', 'adamw');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(scratch().list()).to.deep.equal(['model.grad.onnx', 'model.init.onnx', 'model.onnx']);
    expect(stdout).to.match(/^\d+ tensors trained, [\d,]+ numbers$/m);
    expect(stdout).to.match(/running statistic of BatchNormalization/);
    expect(stdout).to.match(/^wrote model\.init\.onnx/m);
    expect(inputsOf('model.grad.onnx')).to.include.members(['x', 'target', 'lr', 'step']);
    const first = await runModel(modelOf('model.init.onnx'), {});
    for (const name of Object.keys(first)) expect(inputsOf('model.grad.onnx')).to.include(name);
  });

  it('prints a document of the schema, which lists every tensor with the reason', async () => {
    scratch().fixture('opset-17', 'model.onnx');
    const { stdout } = await gradient('model.onnx', '--wrt', 'norms', '--json');
    const document = JSON.parse(stdout);
    expectValidReport(document);
    const { parameters, loss } = document.results[0].gradient;
    expect(loss).to.equal('none');
    expect(
      parameters.filter((it: { taken: boolean }) => it.taken).map((it: { role: string }) => it.role),
    ).to.deep.equal(['scale', 'bias']);
  });

  it('takes one vector of parameters, a clip, and norms in training mode', async () => {
    scratch().fixture('opset-17', 'model.onnx');
    const options = ['--flat', '--batch-norm', 'train', '--clip', '1', '--loss', 'mse', '--optimizer', 'sgd'];
    const { status, stderr, stdout } = await gradient('model.onnx', ...options);
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/BatchNormalization in training mode at 1 node:/);
    expect(inputsOf('model.grad.onnx')).to.include.members(['theta', 'v/theta']);
    const running = Object.keys(await runModel(modelOf('model.init.onnx'), {})).filter((it) => !it.includes('theta'));
    expect(running.length).to.be.greaterThan(1);
    const outputs = modelOf('model.grad.onnx').proto.graph.output.map(({ name }) => name);
    expect(outputs).to.include.members(running.map((it) => `next/${it}`));
  });

  it('names what it can’t use', async () => {
    scratch().fixture('opset-17', 'model.onnx');
    const cases: [string[], RegExp][] = [
      [['--loss', 'nonsense'], /"nonsense" is not a loss\. Use none, cross-entropy/],
      [['--size', 'x=1,3'], /Use NAME=1x3x64x64/],
      [['--size', 'x=1x2'], /input "x" is \[.+Leave its --size out.+\n.*Try: gn-swap gradient model\.onnx$/m],
      [['--batch', '0'], /--batch is 0/],
      [['--wrt', 'nothing'], /"nothing" matches no parameter/],
      [['--clip', '0', '--optimizer', 'sgd'], /--clip is 0/],
      [['--clip', '1'], /Use --optimizer sgd or adamw as well/],
      [['--batch-norm', 'off'], /--batch-norm/],
      [['--wrt', '('], /is not a regular expression/],
    ];
    for (const [args, message] of cases) {
      const { status, stderr } = await gradient('model.onnx', ...args);
      expect([status, args, message.test(stderr), stderr]).to.deep.equal([2, args, true, stderr]);
    }
    expect(scratch().list()).to.deep.equal(['model.onnx']);
  });

  it('replaces nothing without --force', async () => {
    scratch().fixture('opset-17', 'model.onnx');
    scratch().write('model.init.onnx', new Uint8Array(1));
    const { status, stderr } = await gradient('model.onnx');
    expect(status).to.equal(2);
    expect(stderr).to.match(/model\.init\.onnx: the file exists already/);
    expect((await gradient('model.onnx', '--force', '-o', 'out.grad.onnx')).status).to.equal(0);
    expect(scratch().list()).to.include.members(['out.grad.onnx', 'out.init.onnx']);
  });

  it('names the files after the model or the output', () => {
    expect(gradientTargets('a/m.onnx', undefined)).to.deep.equal({ gradient: 'a/m.grad.onnx', init: 'a/m.init.onnx' });
    expect(gradientTargets('m.onnx', 'b/x.onnx')).to.deep.equal({ gradient: 'b/x.onnx', init: 'b/x.init.onnx' });
  });
});
