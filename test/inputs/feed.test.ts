import { expect } from 'chai';
import { type Dims, Net } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import { feedGiven, feedMade, fitInputs } from '../../src/inputs/feed.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import { numbersOf, type Session, type Value, type Values } from '../../src/runtime/session.ts';
import { rejection, thrown } from '../support/errors.ts';
import { inSession } from '../support/session.ts';

/** A session that runs where `accepts` says so, and remembers the shapes that it was asked to run. */
function sessionThat(accepts: (dims: readonly number[]) => boolean): { session: Session; tried: string[] } {
  const tried: string[] = [];
  const session: Session = {
    inputs: ['x'],
    outputs: ['y'],
    types: new Map(),
    async run(feeds) {
      const dims = feeds.x?.dims ?? [];
      tried.push(dims.join('×'));
      if (!accepts(dims)) throw new GnSwapError('runtime-failed', `no kernel likes ${dims.join('×')}`);
      return { y: { type: DataType.FLOAT, dims: [1], data: [dims.length] } };
    },
    close: async () => {},
  };
  return { session, tried };
}

function modelOf(dims: Dims, type: DataType = DataType.FLOAT) {
  const net = new Net({ type });
  return net.output(net.node('Identity', [net.input('x', dims)])).model();
}

const open = modelOf(['batch', 3, 'height', 'width']);
const float = (dims: readonly number[], values: readonly number[]): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from(values),
});

describe('feedMade', () => {
  it('gives two samples where the batch is open, and one where that fails', async () => {
    const any = sessionThat(() => true);
    const { inputs, outputs } = await feedMade(any.session, open, 0);
    expect([inputs.x?.dims, outputs.y?.data]).to.deep.equal([[2, 3, 64, 64], [4]]);
    const single = sessionThat(([batch]) => batch === 1);
    expect((await feedMade(single.session, open, 0)).inputs.x?.dims).to.deep.equal([1, 3, 64, 64]);
  });

  it('tries sizes until the model takes one, each shape once', async () => {
    const { session, tried } = sessionThat((dims) => dims[2] === 224);
    expect((await feedMade(session, open, 0)).inputs.x?.dims).to.deep.equal([2, 3, 224, 224]);
    expect(tried).to.deep.equal(['2×3×64×64', '1×3×64×64', '2×3×32×32', '1×3×32×32', '2×3×224×224']);
    const fixed = sessionThat(() => false);
    await rejection(feedMade(fixed.session, modelOf([1, 3, 8, 8]), 0));
    expect(fixed.tried).to.deep.equal(['1×3×8×8']);
  });

  it('tries no size that takes long to make, unless there is no other', async () => {
    const { session, tried } = sessionThat(() => false);
    await rejection(feedMade(session, modelOf(['a', 'b', 'c', 'd', 'e']), 0));
    const sizes = tried.map((dims) => dims.split('×').reduce((product, dim) => product * Number(dim), 1));
    expect(tried).to.include('2×32×32×32×32').and.include('1×1×1×1×1').and.not.include('2×320×320×320×320');
    expect(Math.max(...sizes)).to.be.at.most(2 ** 22);
    const large = sessionThat(() => true);
    const { inputs } = await feedMade(large.session, modelOf([1, 3, 1200, 1200]), 0);
    expect(inputs.x?.dims).to.deep.equal([1, 3, 1200, 1200]);
  });

  it('tries sequences as long as sound has', async () => {
    const least = sessionThat((dims) => Number(dims[2]) >= 2000);
    expect((await feedMade(least.session, modelOf(['N', 1, 'T']), 0)).inputs.x?.dims).to.deep.equal([2, 1, 4096]);
    const second = sessionThat((dims) => Number(dims[2]) >= 8000);
    expect((await feedMade(second.session, modelOf(['N', 1, 'T']), 0)).inputs.x?.dims).to.deep.equal([2, 1, 16_000]);
  });

  it('says why the first one failed, and what to do', async () => {
    const error = await rejection(feedMade(sessionThat(() => false).session, open, 0));
    expect(error.describe()).to.equal(
      'the source does not run on random input (no kernel likes 2×3×64×64). ' +
        'Use real input with --inputs FILE.npz, or --no-verify to only rewrite the model.',
    );
    expect(error.code).to.equal('invalid-data');
  });

  it('passes on what is no refusal', async () => {
    const broken = { ...sessionThat(() => true).session, run: () => Promise.reject(new TypeError('a bug')) };
    const error = await feedMade(broken, open, 0).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TypeError);
  });
});

describe('feedGiven', () => {
  it('runs on what is given', async () => {
    const { outputs } = await inSession(open, (session) => feedGiven(session, { x: float([1, 3, 1, 1], [1, 2, 3]) }));
    expect(Array.from(numbersOf(outputs.Identity_0_out as Value) ?? [])).to.deep.equal([1, 2, 3]);
  });

  it('says that the source does not run on it', async () => {
    const error = await rejection(feedGiven(sessionThat(() => false).session, { x: float([1], [0]) }));
    expect(error.code).to.equal('invalid-data');
    expect(error.message).to.equal('the source does not run on the given inputs (no kernel likes 1)');
    expect(error.remedy).to.match(/^Check the inputs/);
  });
});

describe('fitInputs', () => {
  const fitted = (dims: Dims, type: DataType, given: Values) => fitInputs(modelOf(dims, type), given).x as Value;

  it('takes what fits as it is, and only what the model asks for', () => {
    const x = float([2], [1, 2]);
    const inputs = fitInputs(modelOf(['n']), { x, unused: x });
    expect(Object.keys(inputs)).to.deep.equal(['x']);
    expect(inputs.x).to.equal(x);
  });

  it('takes any shape where none is stated', () => {
    expect(fitted(undefined, DataType.FLOAT, { x: float([1, 2], [1, 2]) }).dims).to.deep.equal([1, 2]);
  });

  const { FLOAT, DOUBLE, FLOAT16, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, BOOL, STRING } = DataType;
  const numpy: Value = { type: DOUBLE, dims: [3], data: Float64Array.of(1, -2, 0.5) };
  for (const [type, data] of [
    [FLOAT, Float32Array.of(1, -2, 0.5)],
    [FLOAT16, encodeHalf([1, -2, 0.5])],
  ] as const) {
    it(`converts float64 to type ${type}`, () => {
      expect(fitted([3], type, { x: numpy })).to.deep.equal({ type, dims: [3], data });
    });
  }

  it('converts float32 and float16 to float64', () => {
    const wide = { type: DOUBLE, dims: [3], data: Float64Array.of(1, -2, 0.5) };
    expect(fitted([3], DOUBLE, { x: float([3], [1, -2, 0.5]) })).to.deep.equal(wide);
    expect(fitted([3], DOUBLE, { x: { type: FLOAT16, dims: [3], data: encodeHalf([1, -2, 0.5]) } })).to.deep.equal(
      wide,
    );
  });

  for (const [type, data] of [
    [INT8, Int8Array.of(0, 7)],
    [UINT8, Uint8Array.of(0, 7)],
    [INT16, Int16Array.of(0, 7)],
    [UINT16, Uint16Array.of(0, 7)],
    [INT32, Int32Array.of(0, 7)],
    [UINT32, Uint32Array.of(0, 7)],
  ] as const) {
    it(`converts int64 to type ${type}, and back`, () => {
      const long = { type: INT64, dims: [2], data: BigInt64Array.of(0n, 7n) };
      expect(fitted([2], type, { x: long })).to.deep.equal({ type, dims: [2], data });
      expect(fitted([2], INT64, { x: { type, dims: [2], data } })).to.deep.equal(long);
    });
  }

  it('refuses numbers that the type does not hold, by name and number', () => {
    const x = { type: INT64, dims: [2], data: BigInt64Array.of(1n, 300n) };
    const error = thrown(() => fitted([2], UINT8, { x }));
    expect([error.code, error.node, error.message]).to.deep.equal([
      'invalid-data',
      'x',
      'it holds 300, which does not fit into uint8',
    ]);
  });

  it('refuses a float for an integer, an integer for a float, numbers for text and bools', () => {
    const refused = [
      [INT32, numpy, 'its type is float64; the model takes int32'],
      [FLOAT, { type: INT32, dims: [3], data: Int32Array.of(1, 2, 3) }, 'its type is int32; the model takes float32'],
      [STRING, { type: INT32, dims: [3], data: Int32Array.of(1, 2, 3) }, 'its type is int32; the model takes string'],
      [BOOL, { type: UINT8, dims: [3], data: Uint8Array.of(1, 0, 1) }, 'its type is uint8; the model takes bool'],
    ] as const;
    for (const [type, x, message] of refused) {
      const error = thrown(() => fitted([3], type, { x }));
      expect([error.code, error.node, error.message]).to.deep.equal(['invalid-data', 'x', message]);
    }
  });

  it('refuses another shape, saying both', () => {
    const error = thrown(() => fitted(['n', 3], FLOAT, { x: float([3], [1, 2, 3]) }));
    expect([error.code, error.node]).to.deep.equal(['invalid-data', 'x']);
    expect(error.message).to.equal('its shape is [3]; the model takes [?, 3]');
  });

  it('says which input is missing, and what the data has instead', () => {
    const error = thrown(() => fitted([1], FLOAT, { image: float([1], [1]), mask: float([1], [1]) }));
    expect(error.describe()).to.equal(
      `x: the data has no array of this name, only "image", "mask". Name the arrays after the model's inputs: x.`,
    );
    expect(thrown(() => fitted([1], FLOAT, {})).message).to.match(/has no array of this name$/);
  });
});
