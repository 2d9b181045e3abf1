import { expect } from 'chai';
import sharp from 'sharp';
import { openSplit, splitShare } from '../../../src/inputs/labelled/split.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { encode, toBytes } from '../../../src/onnx/encode.ts';
import { makeTensor } from '../../../src/onnx/tensor.ts';
import { rejection } from '../../support/errors.ts';
import { MemoryFiles, plainPng } from '../../support/files.ts';
import { openFiles, pictureModel } from '../../support/labelled.ts';

const [RED, BLUE] = [await plainPng('#f00', 2), await plainPng('#00f', 2)];

function rows(count: number): Uint8Array {
  const data = Float32Array.from({ length: 12 * count }, (_, index) => index);
  return writeNpz(new Map([['x', { type: DataType.FLOAT, dims: [count, 3, 2, 2], data }]]));
}

const pb = (value: number) =>
  toBytes(encode('TensorProto', makeTensor('', DataType.FLOAT, [1, 3, 2, 2], new Array<number>(12).fill(value))));

describe('pictures beside arrays', () => {
  it('have copies, and arrays none: rows of a file are no copies of each other', async () => {
    const data = await openFiles(
      { 'd/1.png': RED, 'd/2.png': RED, 'd/3.png': BLUE, 'd/a.npz': rows(4) },
      { task: 'distill' },
    );
    expect(data.names).to.deep.equal(['1.png', '2.png', '3.png', 'a.npz#0', 'a.npz#1', 'a.npz#2', 'a.npz#3']);
    expect(data.copies?.()).to.deep.equal([0, 0, 2, 3, 4, 5, 6]);
    // A file with most samples could not be held out as a whole.
    const more = await openFiles({ 'd/1.png': RED, 'd/a.npz': rows(9) }, { task: 'distill' });
    expect(splitShare(more, 0.5, 0).val.count).to.equal(5);
  });

  it('are held out together with test data of ONNX, which is in folders', async () => {
    const files = {
      'd/1.png': RED,
      'd/test_data_set_0/input_0.pb': pb(1),
      'd/test_data_set_1/input_0.pb': pb(2),
      'd/test_data_set_1/output_0.pb': pb(3),
    };
    const data = await openFiles(files, { task: 'distill' });
    expect(data.names).to.deep.equal(['1.png', 'test_data_set_0/#0', 'test_data_set_1/#0']);
    const { train, val } = splitShare(data, 0.3, 0);
    expect([train.count, val.count]).to.deep.equal([2, 1]);
  });
});

describe('a folder that has a part to train on', () => {
  const split = (files: Readonly<Record<string, Uint8Array | string>>) =>
    openSplit('d', pictureModel(), { task: 'classify', seed: 0 }, new MemoryFiles(files));
  const numbered = (folder: string, picture: Uint8Array) =>
    Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`d/${folder}/${n}.png`, picture]));
  const trained = { ...numbered('train/cat', RED), ...numbered('train/dog', BLUE) };

  it('holds out a share of it if there is only a test beside, and files that belong to all', async () => {
    for (const more of [{}, { 'd/README.md': 'x' }, { 'd/classes.csv': 'x', 'd/labels/train.cache': 'x' }]) {
      const { train, val } = await split({ ...trained, ...numbered('test/cat', RED), ...more });
      expect([train.count, val.count], Object.keys(more).join()).to.deep.equal([8, 2]);
      expect([...train.names, ...val.names].every((name) => name.startsWith('train/'))).to.equal(true);
    }
  });

  it('measures on the part beside it', async () => {
    const { train, val } = await split({ ...trained, ...numbered('valid/dog', RED), 'd/README.md': 'x' });
    expect([train.count, val.count]).to.deep.equal([10, 5]);
  });
});

describe('pictures of other kinds', () => {
  it('are counted and named if they are not read, and none is lost without a word', async () => {
    const data = await openFiles(
      { 'd/a/1.png': RED, 'd/a/2.BMP': 'x', 'd/b/3.png': BLUE, 'd/b/4.heic': 'x', 'd/b/5.svg': 'x', 'd/b/6.ppm': 'x' },
      { task: 'classify' },
    );
    expect(data.names).to.deep.equal(['a/1.png', 'b/3.png']);
    expect(data.skipped).to.deep.equal([
      { file: 'a/2.BMP', reason: 'pictures as .bmp are not read' },
      { file: 'b/4.heic', reason: 'pictures as .heic are not read' },
      { file: 'b/6.ppm', reason: 'pictures as .ppm are not read' },
    ]);
    const table = { 'd/1.png': RED, 'd/2.png': BLUE, 'd/3.bmp': 'x', 'd/l.csv': '1.png,a\n2.png,b\n3.bmp,a\n' };
    const named = await openFiles(table, { task: 'classify' });
    expect(
      named.skipped.map(({ file }) => file),
      'noted once',
    ).to.deep.equal(['3.bmp']);
  });

  it('are read if browsers only call them otherwise: JPEG as .jfif', async () => {
    const jpeg = await sharp(RED).jpeg().toBuffer();
    const data = await openFiles({ 'd/a/1.jfif': jpeg, 'd/b/2.JFIF': jpeg }, { task: 'classify' });
    expect(data.names).to.deep.equal(['a/1.jfif', 'b/2.JFIF']);
    expect((await data.load(0)).inputs.x?.dims).to.deep.equal([1, 3, 2, 2]);
  });
});

describe('a folder without samples', () => {
  const says = async (
    files: Readonly<Record<string, Uint8Array | string>>,
    task: 'classify' | 'detect' | 'distill',
  ) => {
    const { code, file, message } = await rejection(openFiles(files, { task }));
    return `${code} ${file}: ${message}`;
  };

  it('says that it is empty, or what it has in place of what is read', async () => {
    expect(await says({}, 'classify')).to.match(
      /^invalid-data d: it is empty; --task classify reads a table labels.csv/,
    );
    expect(await says({ 'd/.hidden.png': RED, 'd/Thumbs.db': 'x', 'd/__MACOSX/a.png': RED }, 'distill')).to.match(
      /^invalid-data d: it is empty; /,
    );
    expect(await says({ 'd/a.bmp': 'x', 'd/b.bmp': 'x' }, 'distill')).to.match(
      /^invalid-data d: it has 2 files, and none fits; --task distill reads pictures/,
    );
  });

  it('says why the first picture cannot be read if none can', async () => {
    expect(await says({ 'd/a/1.png': 'x', 'd/b/2.png': 'y' }, 'classify')).to.match(
      /^invalid-data d: none of its 2 files can be read; a\/1.png: it cannot be read as a picture/,
    );
  });

  it('refuses a class that is named twice before it looks at files', async () => {
    const error = await rejection(openFiles({}, { task: 'classify', classes: ['a', 'b', 'a'] }));
    expect(error).to.include({ code: 'invalid-arguments', message: '--classes names "a" twice' });
    expect(error.remedy).to.equal('Name each class once: --classes a,b');
  });
});
