import { expect } from 'chai';
import sharp from 'sharp';
import { type Dims, Net } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import { writeNpy } from '../../src/inputs/npy.ts';
import { type DataOptions, openData } from '../../src/inputs/open.ts';
import type { Reader } from '../../src/inputs/reader.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import type { Value } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';

const ALL: DataOptions = { samples: 100, seed: 0 };

/** A model of the given inputs. */
function model(inputs: Readonly<Record<string, Dims>>, type: DataType = DataType.FLOAT): Model {
  const net = new Net();
  for (const [name, dims] of Object.entries(inputs)) net.output(net.relu(net.input(name, dims, type)));
  return net.model();
}

const PICTURES = model({ x: ['N', 3, 2, 2] });
/** A batch of four numbers each. */
const ROWS = model({ x: ['N', 4] });

/** Files in memory, and which of them were read. */
class Files implements Reader {
  readonly log: string[] = [];
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: Readonly<Record<string, Uint8Array>>) {
    this.#files = new Map(Object.entries(files));
  }

  list(): string[] {
    return [...this.#files.keys()].sort();
  }

  read(file: string): Uint8Array {
    this.log.push(file);
    const bytes = this.#files.get(file);
    if (bytes === undefined) throw new GnSwapError('unreadable', 'it is gone', { file });
    return bytes;
  }
}

function floats(dims: readonly number[], first = 0): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { type: DataType.FLOAT, dims, data: Float32Array.from({ length: count }, (_, i) => first + i) };
}

function npz(arrays: Readonly<Record<string, Value>>): Uint8Array {
  return writeNpz(new Map(Object.entries(arrays)));
}

function pb(name: string, numbers: readonly number[], dims: readonly number[]): Uint8Array {
  return toBytes(encode('TensorProto', makeTensor(name, DataType.FLOAT, dims, numbers)));
}

function plain(colour: string, size = 2): Promise<Buffer> {
  return sharp({ create: { width: size, height: size, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

/** The numbers of an input in every sample. */
async function numbers(opened: Awaited<ReturnType<typeof openData>>, name = 'x'): Promise<number[][]> {
  const samples = Array.from({ length: opened.data.count }, (_, index) => opened.data.load(index));
  return (await Promise.all(samples)).map((values) => Array.from(values[name]?.data as Float32Array));
}

describe('openData', () => {
  it('makes a sample of each picture, with the shape that the model takes', async () => {
    const files = new Files({ 'd/red.png': await plain('#f00'), 'd/blue.png': await plain('#00f', 9) });
    const opened = await openData('d', PICTURES, ALL, files);
    expect(opened.names).to.deep.equal(['blue.png', 'red.png']);
    expect(opened.skipped).to.deep.equal([]);
    const [blue, red] = await numbers(opened);
    expect(blue).to.deep.equal([...Array(8).fill(0), ...Array(4).fill(1)]);
    expect(red).to.deep.equal([...Array(4).fill(1), ...Array(8).fill(0)]);
    expect(opened.data.keyOf(0)).to.equal(opened.data.keyOf(1));
  });

  it('keeps pictures of different sizes apart, where the model takes any', async () => {
    const files = new Files({
      'a.png': await plain('#f00', 2),
      'b.png': await plain('#f00', 3),
      'c.png': await plain('#0f0', 2),
    });
    const { data } = await openData('.', model({ x: ['N', 3, 'H', 'W'] }), ALL, files);
    expect(data.keyOf(0)).to.equal(data.keyOf(2));
    expect(data.keyOf(0)).to.not.equal(data.keyOf(1));
    expect((await data.load(1)).x?.dims).to.deep.equal([1, 3, 3, 3]);
  });

  it('skips damaged pictures and names them, with the reason', async () => {
    const [whole, other] = [await plain('#f00'), await plain('#0f0')];
    const files = new Files({ 'a.png': whole, 'b.png': Buffer.from('no'), 'c.png': Buffer.alloc(0), 'd.png': other });
    const { data, skipped, names } = await openData('.', PICTURES, ALL, files);
    expect(data.count).to.equal(2);
    expect(names).to.deep.equal(['a.png', 'd.png']);
    expect(skipped.map(({ file }) => file)).to.have.members(['b.png', 'c.png']);
    for (const { reason } of skipped) expect(reason).to.match(/cannot be read as a picture/);
  });

  it('takes a picture once, however often it is there, so that none is solved on and held out too', async () => {
    const [red, green] = [await plain('#f00'), await plain('#0f0')];
    const files = new Files({ 'a.png': red, 'b.png': green, 'c/a.png': red, 'd.png': red });
    const { data, skipped, names } = await openData('.', PICTURES, ALL, files);
    expect(data.count).to.equal(2);
    expect(names).to.include('b.png');
    expect(skipped.map(({ reason }) => reason)).to.deep.equal([
      'a copy of another picture',
      'a copy of another picture',
    ]);
    expect([...names, ...skipped.map(({ file }) => file)].sort()).to.deep.equal(['a.png', 'b.png', 'c/a.png', 'd.png']);
    // Copies do not use up what --samples allows.
    expect((await openData('.', PICTURES, { ...ALL, samples: 2 }, files)).data.count).to.equal(2);
  });

  it('is at an end where nothing can be read, and tells of the first file', async () => {
    const error = await rejection(openData('d', PICTURES, ALL, new Files({ 'd/b.png': Buffer.from('no') })));
    expect(error).to.include({ code: 'invalid-data', file: 'd' });
    expect(error.message).to.match(/none of its files can be read; d\/b\.png: it cannot be read as a picture/);
    expect(error.remedy).to.match(/folder with pictures/);
  });

  it('is at an end where no file is of a kind that it reads', async () => {
    const error = await rejection(openData('d', PICTURES, ALL, new Files({ 'd/notes.txt': Buffer.from('hi') })));
    expect(error).to.include({ code: 'invalid-data' });
    expect(error.message).to.match(/no inputs found: the one file is not a picture, \.npy, \.npz or \.pb/);
  });

  it('lets errors through that are not a file’s: options against the model, a reader that breaks', async () => {
    const size = { height: 8, width: 8 };
    const picture = new Files({ 'a.png': await plain('#f00') });
    expect(await rejection(openData('.', PICTURES, { ...ALL, size }, picture))).to.include({
      code: 'invalid-arguments',
    });
    const broken: Reader = {
      list: () => ['a.png'],
      read: () => {
        throw new TypeError('a bug');
      },
    };
    const thrown: unknown = await openData('.', PICTURES, ALL, broken).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(TypeError);
  });

  it('skips a file that is gone since it was listed', async () => {
    const files = new Files({ 'a.npy': writeNpy(floats([1, 4])) });
    const reader: Reader = { list: () => ['a.npy', 'gone.npy'], read: (file) => files.read(file) };
    const { skipped, data } = await openData('.', ROWS, ALL, reader);
    expect(skipped).to.deep.equal([{ file: 'gone.npy', reason: 'it is gone' }]);
    expect(data.count).to.equal(1);
  });

  it('takes an .npy of one sample, with or without a batch, and one of many', async () => {
    const files = new Files({
      'many.npy': writeNpy(floats([3, 4], 100)),
      'one.npy': writeNpy(floats([4])),
      'single.npy': writeNpy(floats([1, 4], 50)),
    });
    const opened = await openData('.', ROWS, ALL, files);
    expect(opened.names).to.deep.equal(['many.npy#0', 'many.npy#1', 'many.npy#2', 'one.npy#0', 'single.npy#0']);
    expect(await numbers(opened)).to.deep.equal([
      [100, 101, 102, 103],
      [104, 105, 106, 107],
      [108, 109, 110, 111],
      [0, 1, 2, 3],
      [50, 51, 52, 53],
    ]);
    expect((await opened.data.load(3)).x?.dims).to.deep.equal([1, 4]);
  });

  it('opens a file of many arrays once, and not all files at a time', async () => {
    const files = new Files({ 'a.npz': npz({ x: floats([3, 4]) }), 'b.npz': npz({ x: floats([3, 4], 50) }) });
    const { data } = await openData('.', ROWS, ALL, files);
    expect(files.log).to.deep.equal(['a.npz', 'b.npz']);
    for (let index = 0; index < data.count; index++) await data.load(index);
    expect(files.log.slice(2)).to.deep.equal(['a.npz', 'b.npz']);
  });

  it('takes several inputs from an .npz, by their names', async () => {
    const two = model({ a: ['N', 2], b: ['N', 3] });
    const opened = await openData(
      '.',
      two,
      ALL,
      new Files({ 'in.npz': npz({ b: floats([2, 3], 10), a: floats([2, 2]) }) }),
    );
    expect(await numbers(opened, 'a')).to.deep.equal([
      [0, 1],
      [2, 3],
    ]);
    expect(await numbers(opened, 'b')).to.deep.equal([
      [10, 11, 12],
      [13, 14, 15],
    ]);
  });

  it('gives all samples of a file what has no batch, and shares no run with another file’s', async () => {
    const thresholded = model({ x: ['N', 4], limit: [1] });
    const files = new Files({
      'a.npz': npz({ x: floats([2, 4]), limit: floats([1], 7) }),
      'b.npz': npz({ x: floats([1, 4]), limit: floats([1], 8) }),
    });
    const opened = await openData('.', thresholded, ALL, files);
    expect(await numbers(opened, 'limit')).to.deep.equal([[7], [7], [8]]);
    expect(opened.data.keyOf(0)).to.equal(opened.data.keyOf(1));
    expect(opened.data.keyOf(0)).to.not.equal(opened.data.keyOf(2));
  });

  const UNFIT: readonly (readonly [string, Model, Readonly<Record<string, Uint8Array>>, RegExp])[] = [
    [
      'an array of another shape',
      ROWS,
      { 'a.npy': writeNpy(floats([2, 5])) },
      /shape is \[1, 5\]; the model takes \[\?, 4\]/,
    ],
    ['an .npz without an input', ROWS, { 'a.npz': npz({ y: floats([2, 4]) }) }, /no array "x" for the model’s input/],
    [
      'an .npy for two inputs',
      model({ a: ['N', 2], b: ['N', 3] }),
      { 'a.npy': writeNpy(floats([1, 2])) },
      /the model has 2 inputs/,
    ],
    [
      'arrays of different counts',
      model({ a: ['N', 2], b: ['N', 3] }),
      { 'a.npz': npz({ a: floats([2, 2]), b: floats([3, 3]) }) },
      /hold 2 and 3 samples/,
    ],
    ['an empty array', ROWS, { 'a.npy': writeNpy(floats([0, 4])) }, /arrays are empty/],
    [
      'integers for floats',
      ROWS,
      { 'a.npy': writeNpy({ type: DataType.INT64, dims: [1, 4], data: BigInt64Array.of(1n, 2n, 3n, 4n) }) },
      /INT64; the model takes FLOAT|int64; the model takes float/i,
    ],
    ['a damaged .npz', ROWS, { 'a.npz': Buffer.from('PK') }, /not an \.npz/],
    ['a damaged .pb', ROWS, { 'a.pb': Buffer.from([255, 255]) }, /cannot be read as a tensor/],
  ];
  for (const [what, source, files, message] of UNFIT) {
    it(`skips ${what}, and says why`, async () => {
      const error = await rejection(openData('.', source, ALL, new Files(files)));
      expect(error).to.include({ code: 'invalid-data' });
      expect(error.message).to.match(message);
    });
  }

  it('takes float64 for a model of float32, and for one of bfloat16', async () => {
    const wide: Value = { type: DataType.DOUBLE, dims: [1, 4], data: Float64Array.of(1, 2, 3, 4) };
    for (const type of [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16]) {
      const { data } = await openData('.', model({ x: ['N', 4] }, type), ALL, new Files({ 'a.npy': writeNpy(wide) }));
      expect(data.count).to.equal(1);
    }
  });

  it('takes a batch that is not the model’s apart into samples', async () => {
    const { data } = await openData('.', model({ x: [4, 4] }), ALL, new Files({ 'a.npy': writeNpy(floats([6, 4])) }));
    expect(data.count).to.equal(6);
    expect((await data.load(5)).x?.dims).to.deep.equal([1, 4]);
  });

  it('takes grey arrays without the axis of the one colour: [h, w] is a sample, [n, h, w] are n', async () => {
    for (const [dims, shape] of [
      [
        ['N', 1, 4, 5],
        [1, 1, 4, 5],
      ],
      [
        ['N', 4, 5, 1],
        [1, 4, 5, 1],
      ],
    ] as const) {
      const grey = model({ x: dims });
      const one = await openData('.', grey, ALL, new Files({ 'a.npy': writeNpy(floats([4, 5])) }));
      const three = await openData('.', grey, ALL, new Files({ 'a.npy': writeNpy(floats([3, 4, 5])) }));
      const whole = await openData('.', grey, ALL, new Files({ 'a.npy': writeNpy(floats(shape.slice(1))) }));
      expect([one.data.count, three.data.count, whole.data.count]).to.deep.equal([1, 3, 1]);
      for (const opened of [one, three, whole]) expect((await opened.data.load(0)).x?.dims).to.deep.equal(shape);
      expect((await numbers(three))[2]).to.deep.equal(Array.from({ length: 20 }, (_, i) => 40 + i));
    }
    // Three colours are not one, and a stack of another size is refused as before.
    const lost = openData('.', PICTURES, ALL, new Files({ 'a.npy': writeNpy(floats([2, 2])) }));
    expect((await rejection(lost)).code).to.equal('invalid-data');
    const wrong = openData('.', model({ x: ['N', 1, 4, 5] }), ALL, new Files({ 'a.npy': writeNpy(floats([3, 6, 5])) }));
    expect((await rejection(wrong)).message).to.include('[1, 1, 6, 5]');
  });

  it('takes ONNX’s test data: a sample a folder, by position or by the names in the files', async () => {
    const two = model({ a: ['N', 2], b: ['N', 2] });
    const files = new Files({
      'm/test_data_set_0/input_0.pb': pb('', [1, 2], [1, 2]),
      'm/test_data_set_0/input_1.pb': pb('', [3, 4], [1, 2]),
      'm/test_data_set_0/output_0.pb': pb('', [9, 9], [1, 2]),
      'm/test_data_set_1/input_0.pb': pb('b', [7, 8], [1, 2]),
      'm/test_data_set_1/input_1.pb': pb('a', [5, 6], [1, 2]),
    });
    const opened = await openData('m', two, ALL, files);
    expect(await numbers(opened, 'a')).to.deep.equal([
      [1, 2],
      [5, 6],
    ]);
    expect(await numbers(opened, 'b')).to.deep.equal([
      [3, 4],
      [7, 8],
    ]);
    expect(opened.names).to.deep.equal(['test_data_set_0/#0', 'test_data_set_1/#0']);
    expect(files.log).to.not.include('m/test_data_set_0/output_0.pb');
  });

  it('takes a file of more samples than a function takes arguments', async () => {
    const count = 200_000;
    const files = new Files({
      'a.npz': npz({ x: { type: DataType.FLOAT, dims: [count, 4], data: new Float32Array(4 * count) } }),
    });
    const { data } = await openData('.', ROWS, { samples: 3, seed: 0 }, files);
    expect(data.count).to.equal(3);
  });

  it('takes what is of several kinds at once', async () => {
    const files = new Files({ 'a.png': await plain('#fff'), 'b.npy': writeNpy(floats([2, 3, 2, 2])) });
    const { data } = await openData('.', PICTURES, ALL, files);
    expect(data.count).to.equal(3);
  });

  it('chooses by the seed where there are more samples than wanted, in the order of the files', async () => {
    const files = new Files({ 'a.npy': writeNpy(floats([50, 4])), 'b.npy': writeNpy(floats([50, 4], 1000)) });
    const chosen = async (seed: number) => (await openData('.', ROWS, { samples: 10, seed }, files)).names;
    const first = await chosen(0);
    expect(first).to.have.length(10);
    expect(new Set(first)).to.have.length(10);
    expect(await chosen(0)).to.deep.equal(first);
    expect(await chosen(1)).to.not.deep.equal(first);
    const rowOf = (name: string) => (name.startsWith('b') ? 50 : 0) + Number(name.split('#')[1]);
    expect(first.map(rowOf)).to.deep.equal(first.map(rowOf).sort((a, b) => a - b));
    // Not only of the first file: the chance of that is 1 in 1,700.
    expect(first.some((name) => name.startsWith('b'))).to.equal(true);
  });

  it('calls samples alike on every machine, whatever folder they are in', async () => {
    const file = writeNpy(floats([1, 4]));
    const names = async (folder: string, separator: string) => {
      const files = { [`${folder}${separator}a.npy`]: file, [`${folder}${separator}in${separator}b.npy`]: file };
      return (await openData(folder, ROWS, ALL, new Files(files))).names;
    };
    expect(await names('/home/me', '/')).to.deep.equal(['a.npy#0', 'in/b.npy#0']);
    expect(await names('C:\\data', '\\')).to.deep.equal(['a.npy#0', 'in/b.npy#0']);
  });

  describe('for a model that takes one sample at a time', () => {
    /** [h, w, 3] bytes, with the batch put there by the model. */
    const alone = (() => {
      const net = new Net({ opset: 13 });
      const x = net.node('Cast', [net.input('x', ['h', 'w', 3], DataType.UINT8)], { to: DataType.FLOAT });
      const moved = net.node('Transpose', [x], { perm: [2, 0, 1] });
      const batched = net.node('Unsqueeze', [moved, net.weight('a', [1], [0], DataType.INT64)]);
      return net.output(net.bn(net.conv(batched, 3, 4), 4)).model();
    })();
    const bytes = (dims: readonly number[]): Value => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      return { type: DataType.UINT8, dims, data: Uint8Array.from({ length: count }, (_, i) => i % 251) };
    };

    it('takes a file for a sample, and never mixes rows of different ones', async () => {
      const files = new Files({ 'a.npy': writeNpy(bytes([4, 5, 3])), 'b.npy': writeNpy(bytes([6, 2, 3])) });
      const { data, names } = await openData('.', alone, ALL, files);
      expect(names).to.deep.equal(['a.npy', 'b.npy']);
      expect((await data.load(0)).x).to.deep.equal(bytes([4, 5, 3]));
      expect(data.keyOf(0)).not.to.equal(data.keyOf(1));
    });

    it('takes a stack for as many samples, without the axis that counts them', async () => {
      const { data } = await openData('.', alone, ALL, new Files({ 'a.npz': npz({ x: bytes([3, 2, 2, 3]) }) }));
      expect(data.count).to.equal(3);
      const all = bytes([3, 2, 2, 3]).data as Uint8Array;
      expect((await data.load(1)).x).to.deep.equal({ ...bytes([2, 2, 3]), data: all.slice(12, 24) });
    });

    it('reads pictures as bytes, channels last, each at its own size', async () => {
      const create = { width: 3, height: 2, channels: 3 as const, background: { r: 9, g: 20, b: 200 } };
      const file = await sharp({ create }).png().toBuffer();
      const { data } = await openData('.', alone, ALL, new Files({ 'a.png': file }));
      const { type, dims, data: pixels } = (await data.load(0)).x as Value;
      expect([type, dims]).to.deep.equal([DataType.UINT8, [2, 3, 3]]);
      expect(Array.from(pixels as Uint8Array).slice(0, 6)).to.deep.equal([9, 20, 200, 9, 20, 200]);
    });
  });

  it('refuses a model that does not tell whether its first axis counts samples', async () => {
    const unclear = model({ x: ['p', 'q', 80] });
    const error = await rejection(openData('.', unclear, ALL, new Files({ 'a.npy': writeNpy(floats([2, 3, 80])) })));
    expect(error.message).to.equal('it is unclear whether the first axis counts samples');
    expect(error.remedy).to.match(/--batch-axis 0 .*--batch-axis none/);
    expect(error.next).to.deep.equal({ set: { 'batch-axis': '0' } });
    for (const colours of [
      [3, 'p', 'q'],
      ['p', 'q', 3],
    ]) {
      const pictures = model({ x: colours });
      const { next } = await rejection(
        openData('.', pictures, ALL, new Files({ 'a.npy': writeNpy(floats([3, 3, 3])) })),
      );
      expect(next, String(colours)).to.deep.equal({ set: { 'batch-axis': 'none' } });
    }
  });
});
