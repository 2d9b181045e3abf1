import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { runOnce } from '../../src/gradient/run-once.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { Value, Values } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';

const floats = (...values: number[]): Value => ({
  type: DataType.FLOAT,
  dims: [values.length],
  data: Float32Array.from(values),
});

/** A model that hands on what it is fed: as the output y, and a part of it under another name. */
function passing(other: string, more: (net: Net) => void = () => {}): Model {
  const net = new Net({ opset: 18 });
  const x = net.input('x', [3]);
  net.node('Identity', [x], {}, { outputs: ['y'] });
  net.node('Identity', [net.input('w', [3])], {}, { outputs: [other] });
  more(net);
  return net.output('y', [3]).output(other, [3]).model();
}

/** A model that gives w. */
function first(...values: number[]): Model {
  const net = new Net({ opset: 18 });
  net.node('Identity', [net.weight('stored', [3], values)], {}, { outputs: ['w'] });
  return net.output('w', [3]).model();
}

const nothing = new Net({ opset: 18 }).model();

/** What comes of y as it was made, beside the y of the source. */
function compared(made: Value, wanted: Value): Promise<number> {
  return runOnce(passing('d/w'), first(1, 2, 3), { x: made }, { y: wanted }, ['y']);
}

describe('gradient/run-once', () => {
  it('tells the largest difference of all outputs, relative to the largest number of that output', async () => {
    expect(await compared(floats(1, -2, 3), floats(1, -2, 3))).to.equal(0);
    // Powers of two, so that the differences are exact in float32.
    const gap = 2 ** -14;
    expect(await compared(floats(4, 0, -1), floats(4, 0, -1 + gap))).to.equal(gap / 4);
    expect(await compared(floats(1, -8 - gap, 0), floats(1, -8, 0))).to.equal(gap / 8);
    const net = new Net({ opset: 18 });
    for (const name of ['a', 'b']) net.node('Identity', [net.input(`x/${name}`, [2])], {}, { outputs: [name] });
    const model = net.output('a', [2]).output('b', [2]).model();
    const feeds = { 'x/a': floats(1, 1), 'x/b': floats(2, 2) };
    const answers = { a: floats(1, 1 + gap), b: floats(2, 2 + gap) };
    expect(await runOnce(model, nothing, feeds, answers, ['a', 'b'])).to.be.closeTo(gap, gap / 1000);
  });

  it('refuses an output that differs by more than a thousandth, by name', async () => {
    expect(await compared(floats(1, 0, 0.0009), floats(1, 0, 0))).to.be.closeTo(0.0009, 1e-9);
    const error = await rejection(compared(floats(1, 0, 0.0011), floats(1, 0, 0)));
    expect(error).to.deep.include({
      code: 'verification-failed',
      message: `the gradient model was run once, and output "y" differs from the source's by 1.1e-3`,
      remedy: 'Please report this, with the model if you can',
    });
  });

  it('asks nothing of the digits of scores that are all tiny', async () => {
    expect(await compared(floats(1e-8, 0, 3e-8), floats(2e-8, 0, 1e-8))).to.be.closeTo(2e-5, 1e-7);
    expect((await rejection(compared(floats(1e-4, 0, 0), floats(0, 0, 0)))).message).to.include('by 1.0e-1');
  });

  it('refuses NaN and infinities that the source does not give, at any place', async () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const made of [floats(wrong, 1, 2), floats(0, 1, wrong)]) {
        const error = await rejection(compared(made, floats(0, 1, 2)));
        expect(error.message, `${made.data}`).to.include(`output "y" differs from the source's by Infinity`);
      }
      const error = await rejection(compared(floats(0, 1, 2), floats(0, wrong, 2)));
      expect(error.message, `${wrong}`).to.include('output "y" differs');
    }
    const signs = [floats(Number.POSITIVE_INFINITY, 0, 0), floats(Number.NEGATIVE_INFINITY, 0, 0)] as const;
    expect((await rejection(compared(...signs))).message).to.include('by Infinity');
  });

  it('takes those that both give as equal, and measures the others against finite numbers', async () => {
    const [infinite, none] = [Number.NEGATIVE_INFINITY, Number.NaN];
    expect(await compared(floats(infinite, none, 2), floats(infinite, none, 2))).to.equal(0);
    expect(await compared(floats(0, 0, 2), floats(-0, 0, 2))).to.equal(0);
    const error = await rejection(compared(floats(infinite, none, 2), floats(infinite, none, 3)));
    expect(error.message).to.include('by 3.3e-1');
  });

  it('refuses an output that has other numbers than the source’s, or is not there', async () => {
    const short: Values = { y: floats(1, 2) };
    const own = await rejection(runOnce(passing('d/w'), first(1, 2, 3), { x: floats(1, 2, 3) }, short, ['y']));
    expect(own.message).to.include('output "y" differs');
    const known = { z: floats(1) };
    const absent = await rejection(runOnce(passing('d/w'), first(1, 2, 3), { x: floats(1, 2, 3) }, known, ['z']));
    expect(absent.message).to.include('output "z" differs');
  });

  it('passes an output that the source was not asked for, and one of strings', async () => {
    const run = (answers: Values) => runOnce(passing('d/w'), nothing, { x: floats(1, 2, 3) }, answers, ['y']);
    expect(await run({})).to.equal(0);
    expect(await run({ y: { type: DataType.STRING, dims: [3], data: ['a', 'b', 'c'] } })).to.equal(0);
  });

  it('feeds parameters from the model of first values, before anything random', async () => {
    const net = new Net({ opset: 18 });
    net.node('Identity', [net.input('w', [3])], {}, { outputs: ['y'] });
    const model = net.output('y', [3]).model();
    expect(await runOnce(model, first(5, 6, 7), {}, { y: floats(5, 6, 7) }, ['y'])).to.equal(0);
    const error = await rejection(runOnce(model, first(5, 6, 8), {}, { y: floats(5, 6, 7) }, ['y']));
    expect(error.message).to.include('output "y" differs');
  });

  it('leaves out what the gradient model does not take, of feeds and of first values', async () => {
    const net = new Net({ opset: 18 });
    net.node('Neg', [net.input('x', [2])], {}, { outputs: ['y'] });
    const feeds = { x: floats(1, 2), unused: floats(9) };
    expect(await runOnce(net.output('y', [2]).model(), first(1, 2, 3), feeds, { y: floats(-1, -2) }, ['y'])).to.equal(
      0,
    );
  });

  it('refuses a gradient or a loss that is not finite, by name; the next value of a parameter may be', async () => {
    const infinite = first(1, Number.POSITIVE_INFINITY, 1);
    const run = (name: string, init: Model) =>
      runOnce(passing(name), init, { x: floats(1, 2, 3) }, { y: floats(1, 2, 3) }, ['y']);
    const error = await rejection(run('d/w', infinite));
    expect(error).to.include({
      code: 'verification-failed',
      message: 'the gradient model was run once, and "d/w" is not finite on random input',
    });
    expect((await rejection(run('loss', first(Number.NaN, 1, 1)))).message).to.include('"loss" is not finite');
    expect(await run('next/w', infinite)).to.equal(0);
    expect(await run('d/w', first(1, 2, 3))).to.equal(0);
  });

  it('tells in the runtime’s words that a model does not load', async () => {
    const net = new Net({ opset: 18 });
    net.node('Neg', ['absent'], {}, { outputs: ['y'] });
    const error = await rejection(runOnce(net.output('y', [1]).model(), nothing, {}, {}, ['y']));
    expect(error.code).to.equal('runtime-failed');
    expect(error.message).to.match(/^ONNX Runtime does not load the model: .*absent/);
  });
});
