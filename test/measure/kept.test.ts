import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { KeptMeter } from '../../src/measure/kept.ts';
import type { TaskOptions } from '../../src/measure/tasks/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Values } from '../../src/runtime/session.ts';
import { answers, floats } from '../support/answers.ts';
import { suppressed, yolox } from '../support/detectors.ts';
import { thrown } from '../support/errors.ts';

/** Classes, and numbers beside them. */
const model = (() => {
  const net = new Net();
  const x = net.input('x', ['n', 4]);
  net.node('Softmax', [net.node('MatMul', [x, net.weight('w', [4, 3])])], { axis: 1 }, { outputs: ['classes'] });
  net.node('Tanh', [net.node('MatMul', [x, net.weight('v', [4, 5])])], {}, { outputs: ['values'] });
  return net.output('classes', ['n', 3]).output('values', ['n', 5]).model();
})();

const source: Values = {
  classes: floats([2, 3], [1, 0, 0, 0, 1, 0]),
  values: floats([2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
};
const half: Values = { ...source, classes: floats([2, 3], [1, 0, 0, 1, 0, 0]) };

function judged(options: TaskOptions = {}, rewritten = half) {
  const meter = new KeptMeter(model, options);
  meter.add(answers(source, rewritten), 2);
  return meter.result();
}

describe('KeptMeter', () => {
  it('is the smallest figure of all outputs, so that one that is lost is not hidden', () => {
    const { kept, tasks, inputs } = judged();
    expect(tasks.map((it) => [it.task, it.outputs, it.kept])).to.deep.equal([
      ['classify', ['classes'], 0.5],
      ['regress', ['values'], 1],
    ]);
    expect(kept).to.equal(0.5);
    expect(inputs).to.equal(2);
  });

  it('does as the caller says, for one output or for all, and leaves out what they leave out', () => {
    expect(judged({ task: ['classes=none'] })).to.include({ kept: 1 });
    expect(judged({ task: ['values=classify'] }).tasks.map(({ task }) => task)).to.deep.equal(['classify', 'classify']);
    expect(judged({ task: ['regress'] }).tasks.map(({ task }) => task)).to.deep.equal(['regress', 'regress']);
  });

  it('says what is wrong with a task', () => {
    expect(thrown(() => judged({ task: ['guess'] })).message).to.equal('--task is "guess"');
    expect(thrown(() => judged({ task: ['no=embed'] })).message).to.equal(
      '--task names the output "no"; the outputs are "classes", "values"',
    );
    expect(thrown(() => judged({ task: ['classes=segment'] })).message).to.equal(
      '--task segment does not fit the outputs classes [2, 3]',
    );
    expect(thrown(() => judged({ task: ['detect'] })).remedy).to.match(/--boxes/);
  });

  it('knows nothing before a run, and of outputs that are text', () => {
    expect(new KeptMeter(model).result()).to.include({ kept: null, inputs: 0 });
    const text: Values = { classes: { type: DataType.STRING, dims: [2], data: ['a', 'b'] } };
    const meter = new KeptMeter(model);
    meter.add(answers(text, text), 2);
    expect(meter.result()).to.deep.include({ kept: null, tasks: [], unjudged: ['classes'] });
  });

  it('asks for inputs one by one where nothing else tells whose a row is', () => {
    expect(new KeptMeter(suppressed(2)).runsAlone()).to.equal(true);
    expect(new KeptMeter(yolox(2)).runsAlone()).to.equal(false);
  });
});
