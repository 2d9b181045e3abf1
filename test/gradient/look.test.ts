import { expect } from 'chai';
import { type Dims, Net } from '../../fixtures/build.ts';
import { type LookOptions, look } from '../../src/gradient/look.ts';
import { Slice } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor, valuesOf } from '../../src/onnx/tensor.ts';
import { rejection } from '../support/errors.ts';

const { FLOAT, INT32, INT64, BOOL, STRING, FLOAT16 } = DataType;

const at = (model: Model, more: Partial<LookOptions> = {}) => look(model, { sizes: {}, batch: 2, ...more });

/** −x, of an input of these dimensions. */
function negative(dims: Dims): Model {
  const net = new Net({ opset: 17 });
  return net.output(net.node('Neg', [net.input('x', dims)], {}, { outputs: ['y'] })).model();
}

const sizeOf = async (dims: Dims, more: Partial<LookOptions> = {}) =>
  (await at(negative(dims), more)).types.get('y')?.dims;

describe('gradient/look', () => {
  it('takes the sizes of the file, the batch for an open first dimension, and what is given for others', async () => {
    expect(await sizeOf([3, 4])).to.deep.equal([3, 4]);
    expect(await sizeOf(['N', 4])).to.deep.equal([2, 4]);
    expect(await sizeOf([undefined, 4], { batch: 5 })).to.deep.equal([5, 4]);
    expect(await sizeOf(['N', 'C'], { sizes: { x: [7, 3] } })).to.deep.equal([7, 3]);
    expect(await sizeOf(undefined, { sizes: { x: [1, 2, 3] } })).to.deep.equal([1, 2, 3]);
    // −1, as PaddlePaddle writes an open dimension, and 0.
    expect(await sizeOf([-1, 4])).to.deep.equal([2, 4]);
    expect(await sizeOf([0, 4])).to.deep.equal([2, 4]);
    expect(await sizeOf([])).to.deep.equal([]);
  });

  it('asks for a size that is open, with what to type', async () => {
    const error = await rejection(at(negative(['N', 3, 'H', undefined])));
    expect(error).to.deep.include({
      code: 'invalid-arguments',
      message: 'the size of input "x" is open: [?, 3, ?, ?]',
      node: 'x',
      remedy: 'Set it with --size x=2x3x64x64',
      next: { set: { size: 'x=2x3x64x64' } },
    });
    const unknown = await rejection(at(negative(undefined)));
    expect(unknown.message).to.equal('the size of input "x" is open: of any rank');
  });

  it('asks for as many channels as the first layer takes, and for its rank', async () => {
    for (const dims of [['N', 'C', 'H', 'W'], undefined] as const) {
      const net = new Net({ opset: 17 });
      const model = net.output(net.node('Conv', [net.input('x', dims), net.weight('w', [8, 3, 3, 3])])).model();
      const { next } = await rejection(at(model));
      expect(next).to.deep.equal({ set: { size: 'x=2x3x64x64' } });
      expect((await at(model, { sizes: { x: [2, 3, 64, 64] } })).feeds.x?.dims).to.deep.equal([2, 3, 64, 64]);
    }
  });

  it('hands over no command if other sizes were typed, which it would drop', async () => {
    const net = new Net({ opset: 17 });
    const sum = net.node('Add', [net.input('a', ['A', 'B']), net.input('b', ['A', 'B'])]);
    const error = await rejection(at(net.output(sum).model(), { sizes: { a: [2, 2] } }));
    expect([error.node, error.remedy, error.next]).to.deep.equal(['b', 'Set it with --size b=2x64', undefined]);
    const other = await rejection(at(net.model(), { sizes: { a: [2, 2], b: [2] } }));
    expect([other.remedy, other.next]).to.deep.equal(['Use --size b=1x1; change only the open dimensions', undefined]);
  });

  it('refuses a size that the file has another of, or a rank', async () => {
    const fixed = await rejection(at(negative([2, 3]), { sizes: { x: [2, 4] } }));
    expect(fixed).to.deep.include({
      code: 'invalid-arguments',
      message: 'input "x" is [2, 3], not [2, 4]',
      node: 'x',
      remedy: 'Leave its --size out: the file fixes all dimensions of this input',
      next: { drop: ['size'] },
    });
    const open = await rejection(at(negative(['N', 3]), { sizes: { x: [2, 3, 4] } }));
    expect(open).to.deep.include({
      message: 'input "x" is [?, 3], not [2, 3, 4]',
      remedy: 'Use --size x=1x3; change only the open dimensions',
      next: { set: { size: 'x=1x3' } },
    });
    expect(await sizeOf([2, 3], { sizes: { x: [2, 3] } })).to.deep.equal([2, 3]);
  });

  it('gives the same feeds each time, legal for each type', async () => {
    const net = new Net({ opset: 17 });
    for (const [name, type] of Object.entries({ f: FLOAT, n: INT64, m: INT32, b: BOOL, s: STRING, h: FLOAT16 })) {
      net.output(net.node('Identity', [net.input(name, [3], type)]), [3], type);
    }
    const [first, second] = [await at(net.model()), await at(net.model(), { whole: true })];
    expect(first.feeds).to.deep.equal(second.feeds);
    expect((await at(net.model(), { batch: 7 })).feeds, 'no input has a batch').to.deep.equal(first.feeds);
    const types = Object.entries(first.feeds).map(([name, value]) => [name, value.type, value.dims]);
    expect(types).to.deep.equal([
      ['f', FLOAT, [3]],
      ['n', INT64, [3]],
      ['m', INT32, [3]],
      ['b', BOOL, [3]],
      ['s', STRING, [3]],
      ['h', FLOAT16, [3]],
    ]);
  });

  it('makes constants of computed values of each type, to the last digit', async () => {
    const net = new Net({ opset: 17 });
    const large = 2n ** 63n - 1n;
    // Float64, which numbers of a tensor are made from, does not hold it.
    const rawData = Slice.of(new Uint8Array(new BigInt64Array([large, -5n]).buffer));
    net.add({ ...makeTensor('end', INT64, [2], [0, 0]), rawData });
    net.node('Identity', ['end'], {}, { outputs: ['to the end'] });
    net.node('Greater', [net.weight('one', [2], [1, 3]), net.weight('two', [2], [2, 2])], {}, { outputs: ['flags'] });
    net.node('Cast', ['one'], { to: FLOAT16 }, { outputs: ['half'] });
    net.node('Div', ['one', 'two'], {}, { outputs: ['third'] });
    const model = net.output(net.node('Neg', [net.input('x', [1])]), [1]).model();
    const { constants, types } = await at(model);
    const read = (name: string) => constants.get(name) as ReturnType<typeof makeTensor>;
    const raw = read('to the end').rawData?.bytes().slice().buffer;
    expect(raw && [...new BigInt64Array(raw)]).to.deep.equal([large, -5n]);
    expect([read('flags').dataType, [...valuesOf(read('flags'))]]).to.deep.equal([BOOL, [0, 1]]);
    expect([read('half').dataType, [...valuesOf(read('half'))]]).to.deep.equal([FLOAT16, [1, 3]]);
    expect([...valuesOf(read('third'))]).to.deep.equal([0.5, 1.5]);
    expect(types.get('flags')).to.deep.equal({ type: BOOL, dims: [2] });
  });

  it('makes constants of sizes of what is fed, and of nothing else that hangs on it', async () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', ['N', 3]);
    net.node('Shape', [net.node('Neg', [x], {}, { outputs: ['n'] })], {}, { outputs: ['shape'] });
    net.node('Size', [x], {}, { outputs: ['size'] });
    net.node('Expand', [x, 'shape'], {}, { outputs: ['y'] });
    // Two runs give random numbers that differ, so that they are in neither.
    net.output(net.node('RandomNormal', [], { shape: [2] }), [2]);
    const model = net.output('y').output('size', [], INT64).model();
    for (const whole of [false, true]) {
      const { constants } = await at(model, { whole });
      const found = [...constants].map(([name, it]) => [name, [...valuesOf(it)]]);
      expect(Object.fromEntries(found)).to.deep.equal({ shape: [2, 3], size: [6] });
    }
  });

  it('knows types and sizes where values are not wanted, as where they are', async () => {
    const net = new Net({ opset: 17 });
    net.node('TopK', [net.input('x', ['N', 5]), net.weight('k', [1], [3], INT64)], {}, { outputs: ['best', 'places'] });
    const model = net.output('best').output('places', undefined, INT64).model();
    const [sizes, whole] = [await at(model), await at(model, { whole: true })];
    expect(Object.fromEntries(sizes.types)).to.deep.equal(Object.fromEntries(whole.types));
    expect(sizes.types.get('places')).to.deep.equal({ type: INT64, dims: [2, 3] });
    expect([Object.keys(sizes.values), Object.keys(whole.values)]).to.deep.equal([[], ['best', 'places']]);
  });

  it('looks at a graph without nodes, which returns what is fed or stored', async () => {
    const net = new Net({ opset: 17 });
    net.weight('w', [2], [1, 2]);
    const { types, constants, values } = await at(
      net
        .output(net.input('x', ['N', 3]), ['N', 3])
        .output('w', [2])
        .model(),
    );
    expect(types.get('x')).to.deep.equal({ type: FLOAT, dims: [2, 3] });
    expect([[...constants.keys()], values]).to.deep.equal([['w'], {}]);
  });

  it('says in the runtime’s words that a model does not run at these sizes', async () => {
    const net = new Net({ opset: 17 });
    const x = net.input('x', ['N', 3]);
    const y = net.node('Reshape', [x, net.weight('shape', [2], [4, 3], INT64)]);
    const error = await rejection(at(net.output(y, [4, 3]).model(), { batch: 5 }));
    expect(error.code).to.equal('runtime-failed');
    expect(error.message).to.match(/Reshape/);
    expect((await at(net.model(), { batch: 4 })).types.get(y)?.dims).to.deep.equal([4, 3]);
  });
});
