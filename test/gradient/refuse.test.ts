import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { refuseNothing, refuseObstacles } from '../../src/gradient/refuse.ts';
import type { Obstacle } from '../../src/gradient/walk.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { thrown } from '../support/errors.ts';

const { FLOAT, INT64 } = DataType;

const obstacle = (name: string, remedy?: string): Obstacle => ({
  node: makeNode('Op', ['x'], [`${name}/out`], name),
  reason: `reason of ${name}`,
  remedy,
});

/** x · w, and what is made of it: the notes of its gradient by w. */
async function notesOf(build: (net: Net, hidden: string) => string, wrt = ['w']): Promise<readonly string[]> {
  const net = new Net({ opset: 18 });
  const hidden = net.node('MatMul', [net.input('x', [2, 3]), net.weight('w', [3, 4])]);
  const y = build(net, hidden);
  net.outputs.unshift({ ...new Net().output(y).outputs[0] } as (typeof net.outputs)[0]);
  return (await gradientOf(net.model(), { wrt, verify: true })).notes;
}

const ZERO = 'which have no slope';

describe('gradient/refuse: what is in the way', () => {
  it('is nothing if there is no obstacle', () => {
    expect(() => refuseObstacles([])).not.to.throw();
  });

  it('is named, each with its reason; a node without a name by its output', () => {
    const error = thrown(() => refuseObstacles([obstacle('one'), obstacle(''), obstacle('two')]));
    expect(error).to.include({
      code: 'unsupported-model',
      message: 'the gradient can\'t pass Op "one": reason of one; Op "/out": reason of ; Op "two": reason of two',
    });
    expect(error.remedy).to.match(/^Cut the file in front of them, with onnx\.utils\.extract_model,.*--wrt REGEX$/);
  });

  it('is told with the option that chooses parameters where it was typed', () => {
    const error = thrown(() => refuseObstacles([obstacle('one')], '--train'));
    expect(error.remedy).to.match(
      /^Cut the file in front of it, .* choose only parameters behind it, with --train REGEX$/,
    );
  });

  it('is counted behind the fifth', () => {
    const all = (count: number) => Array.from({ length: count }, (_, at) => obstacle(`n${at}`));
    expect(thrown(() => refuseObstacles(all(5))).message).to.match(/reason of n4$/);
    const { message } = thrown(() => refuseObstacles(all(7)));
    expect(message).to.match(/reason of n4; and 2 more$/);
    expect(message).not.to.include('n5');
  });

  it('has the remedy of the first, which the walk came to first', () => {
    const error = thrown(() => refuseObstacles([obstacle('one', 'Do this'), obstacle('two', 'Do that')]));
    expect(error.remedy).to.equal('Do this');
    expect(thrown(() => refuseObstacles([obstacle('one'), obstacle('two', 'Do that')])).remedy).to.match(
      /^Cut the file/,
    );
  });
});

describe('gradient/refuse: a loss that depends on nothing', () => {
  it('is refused in the words of what was typed', () => {
    expect(() => refuseNothing(1, 'loss')).not.to.throw();
    expect(thrown(() => refuseNothing(0, undefined))).to.include({
      message: 'the outputs do not depend on any parameter that --wrt selects',
      node: '--wrt',
    });
    expect(thrown(() => refuseNothing(0, 'loss', '--train'))).to.include({
      message: 'nothing is left to train: the loss depends on no tensor that is chosen',
      node: '--freeze',
      remedy: 'Use --train all, or a --freeze that leaves some',
    });
  });
});

describe('gradient/refuse: what is said of a gradient that is taken', () => {
  it('is nothing where all of it passes', async () => {
    expect(await notesOf((net, hidden) => net.node('Tanh', [hidden]))).to.deep.equal([]);
  });

  it('is where it ends beside where it passes, each operator once with how often', async () => {
    const notes = await notesOf((net, hidden) => {
      const steps = net.node('Add', [net.node('Round', [hidden]), net.node('Floor', [net.node('Neg', [hidden])])]);
      return net.node('Add', [net.node('Mul', [hidden, steps]), net.node('Round', [net.node('Exp', [hidden])])]);
    });
    expect(notes).to.deep.equal([`the gradient ends at 2 Round, Floor, ${ZERO}`]);
  });

  it('is that it ends at a comparison or a cast to whole numbers', async () => {
    const notes = await notesOf((net, hidden) => {
      const whole = net.node('Cast', [net.node('Cast', [hidden], { to: INT64 })], { to: FLOAT });
      const positive = net.node('Greater', [hidden, net.weight('zero', [], [0])]);
      return net.node('Where', [positive, hidden, whole]);
    });
    expect(notes).to.deep.equal([`the gradient ends at Cast, Greater, ${ZERO}`]);
  });

  it('is nothing of sizes, of what the output does not hang on, and of what nothing wanted leads to', async () => {
    const notes = await notesOf((net, hidden) => {
      const other = net.node('Round', [net.input('u', [2, 4])]);
      net.node('Floor', [hidden]);
      const size = net.node('Cast', [net.node('Shape', [hidden])], { to: FLOAT });
      const last = net.node('Slice', [size, ...[1, 2].map((it) => net.weight(`at${it}`, [1], [it], INT64))]);
      return net.node('Div', [net.node('Add', [hidden, other]), last]);
    });
    expect(notes).to.deep.equal([]);
  });

  it('is what a rule holds, as PyTorch does', async () => {
    const notes = await notesOf((net, hidden) => {
      const map = net.node('Reshape', [hidden, net.weight('shape', [4], [1, 1, 2, 4], INT64)]);
      const corners = net.node('Slice', [hidden, ...[0, 1].map((it) => net.weight(`from${it}`, [1], [it], INT64))]);
      const regions = [corners, net.weight('batch', [1], [0], INT64)];
      return net.node('RoiAlign', [map, ...regions], { output_height: 1, output_width: 1, sampling_ratio: 1 });
    });
    expect(notes).to.deep.equal(['the gradient does not go through the regions of RoiAlign, as in PyTorch']);
  });

  it('is that running statistics are held, whatever they are made of', async () => {
    const norm = (net: Net, hidden: string) => {
      const mean = net.node('Identity', [net.weight('base', [4], [1, 2, 3, 4])]);
      const own = [net.weight('scale', [4]), net.weight('bias', [4]), mean, net.weight('variance', [4], [1, 2, 3, 4])];
      return net.node('BatchNormalization', [hidden, ...own]);
    };
    expect(await notesOf(norm, ['w', 'base'])).to.deep.equal([
      'the gradient does not go through the running statistics of BatchNormalization, as in PyTorch',
    ]);
    expect(await notesOf(norm, ['w', 'scale'])).to.deep.equal([]);
  });

  it('is that sizes on its way change with the values, by the operators that make them', async () => {
    const kept = (net: Net, hidden: string) => {
      const which = net.weight('which', [3], [1, 0, 1], DataType.BOOL);
      const chosen = net.node('Compress', [net.input('places', [3], INT64), which]);
      const found = net.node('NonZero', [net.node('Relu', [net.input('u', [4])])]);
      const rows = [net.node('Reshape', [found, net.weight('flat', [1], [-1], INT64)]), chosen];
      const [one = '', other = ''] = rows.map((it) => net.node('Gather', [hidden, it], { axis: 1 }));
      return net.node('Mul', [
        net.node('ReduceSum', [one], { keepdims: 0 }),
        net.node('ReduceSum', [other], { keepdims: 0 }),
      ]);
    };
    expect(await notesOf(kept)).to.deep.equal([
      'sizes behind Compress and NonZero change with the values, and this model is for those of random input: put the loss before that operator',
    ]);
  });

  it('is nothing of updates whose count changes: the size is that of what they are written into', async () => {
    const scattered = (net: Net, hidden: string) => {
      const places = net.node('Transpose', [net.node('NonZero', [net.input('u', [2])])]);
      const rows = net.node('Gather', [
        net.weight('table', [2, 4]),
        net.node('Squeeze', [places, net.weight('one', [1], [1], INT64)]),
      ]);
      return net.node('ScatterND', [hidden, places, rows]);
    };
    expect(await notesOf(scattered)).to.deep.equal([]);
  });
});
