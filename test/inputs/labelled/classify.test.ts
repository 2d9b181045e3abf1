import { expect } from 'chai';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import type { LabelledData } from '../../../src/inputs/labelled/types.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { plainPng } from '../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../support/labelled.ts';

function open(files: Files, options: Partial<LabelledOptions> = {}, path = 'd'): Promise<LabelledData> {
  return openFiles(files, { task: 'classify', ...options }, { path });
}

/** The label of each sample by its name. */
async function labels(data: LabelledData): Promise<Record<string, number>> {
  const targets = Object.entries(await targetsOf(data));
  return Object.fromEntries(targets.map(([name, target]) => [name, target.kind === 'class' ? target.label : -1]));
}

describe('pictures in a folder for each class', () => {
  it('have the folders as classes, in natural order, and are loaded as the model takes them', async () => {
    const [red, blue] = [await plainPng('#f00'), await plainPng('#00f')];
    const data = await open({ 'd/a10/1.png': blue, 'd/a2/1.png': red, 'd/a2/sub/2.png': red, 'd/readme.txt': 'x' });
    expect(data.classes).to.deep.equal(['a2', 'a10']);
    expect(await labels(data)).to.deep.equal({ 'a10/1.png': 1, 'a2/1.png': 0, 'a2/sub/2.png': 0 });
    expect(data.strata).to.deep.equal([1, 0, 0]);
    const { inputs } = await data.load(0);
    expect(inputs.x?.dims).to.deep.equal([1, 3, 2, 2]);
    expect(Array.from(inputs.x?.data as Float32Array)).to.deep.equal([...Array(8).fill(0), ...Array(4).fill(1)]);
    expect(data.image).to.include({ name: 'x', height: 2, width: 2 });
  });

  it('take the order of the classes that is given, which may have more of them', async () => {
    const red = await plainPng('#f00');
    const data = await open({ 'd/cat/1.png': red, 'd/dog/1.png': red }, { classes: ['dog', 'bird', 'cat'] });
    expect(data.classes).to.deep.equal(['dog', 'bird', 'cat']);
    expect(await labels(data)).to.deep.equal({ 'cat/1.png': 2, 'dog/1.png': 0 });
  });

  it('take the order of the model if its file names them all: its first output may be the dog', async () => {
    const red = await plainPng('#f00');
    const files = { 'd/cat/1.png': red, 'd/dog/1.png': red };
    const data = await open(files, { modelClasses: ['dog', 'bird', 'cat'] });
    expect(data.classes).to.deep.equal(['dog', 'bird', 'cat']);
    expect(await labels(data)).to.deep.equal({ 'cat/1.png': 2, 'dog/1.png': 0 });
    expect((await open(files, { modelClasses: ['dog', 'bird'] })).classes).to.deep.equal(['cat', 'dog']);
    const table = { 'd/1.png': red, 'd/2.png': red, 'd/labels.csv': '1.png,cat\n2.png,dog\n' };
    expect(await labels(await open(table, { modelClasses: ['dog', 'cat'] }))).to.deep.equal({ '1.png': 1, '2.png': 0 });
  });

  it('skip damaged pictures, and name them', async () => {
    const red = await plainPng('#f00');
    const data = await open({
      'd/cat/1.png': red,
      'd/cat/cut.png': red.subarray(0, red.length - 5),
      'd/cat/text.jpg': 'no picture',
      'd/dog/1.png': red,
    });
    expect(data.names).to.deep.equal(['cat/1.png', 'dog/1.png']);
    expect(data.skipped.map(({ file }) => file)).to.deep.equal(['cat/cut.png', 'cat/text.jpg']);
    expect(data.skipped[0]?.reason).to.equal('its end is missing: the file is cut off');
  });

  it('are taken from train, if the folder is divided', async () => {
    const red = await plainPng('#f00');
    const files = { 'd/train/a/1.png': red, 'd/train/b/1.png': red, 'd/val/a/2.png': red, 'd/val/b/2.png': red };
    const train = await open(files);
    expect(await labels(train)).to.deep.equal({ 'train/a/1.png': 0, 'train/b/1.png': 1 });
    expect((await open(files, { part: 'val' })).names).to.deep.equal(['val/a/2.png', 'val/b/2.png']);
  });

  it('may have a class that is called train', async () => {
    const red = await plainPng('#f00');
    const data = await open({ 'd/bus/1.png': red, 'd/train/1.png': red });
    expect(data.classes).to.deep.equal(['bus', 'train']);
  });
});

describe('a table of files and classes', () => {
  it('is read with a header or without, with commas, semicolons or tabs, quotes and other columns', async () => {
    const red = await plainPng('#f00');
    const pictures = { 'd/images/1.png': red, 'd/images/two, three.png': red };
    for (const text of [
      'images/1.png,cat\n"images/two, three.png",dog\n',
      'file;label\r\nimages/1.png;cat\r\nimages/two, three.png;dog',
      '\ufeffid\tlabel\tnote\n\n1.png\tcat\t"a ""word"""\ntwo, three.png\tdog\t\n',
      'label,file\ncat,1.png\ndog,"two, three.png"\n',
    ]) {
      const data = await open({ ...pictures, 'd/labels.csv': text });
      expect(data.classes, text).to.deep.equal(['cat', 'dog']);
      expect(await labels(data), text).to.deep.equal({ 'images/1.png': 0, 'images/two, three.png': 1 });
    }
  });

  it('takes numbers for positions among the classes of the model', async () => {
    const red = await plainPng('#f00');
    const files = { 'd/1.png': red, 'd/2.png': red, 'd/list.csv': '1.png,0\n2.png,2\n' };
    expect((await open(files)).classes).to.deep.equal(['0', '1', '2']);
    const data = await open(files, { headClasses: 5 });
    expect(data.classes).to.deep.equal(['0', '1', '2', '3', '4']);
    expect(await labels(data)).to.deep.equal({ '1.png': 0, '2.png': 2 });
    expect(await labels(await open(files, { classes: ['a', 'b', 'c'] }))).to.deep.equal({ '1.png': 0, '2.png': 2 });
  });

  it('may be given itself', async () => {
    const red = await plainPng('#f00');
    const files = { 'd/1.png': red, 'd/2.png': red, 'd/a.csv': '1.png,x\n2.png,y\n', 'd/b.csv': '1.png,y\n2.png,x\n' };
    expect(await labels(await open(files, {}, 'd/b.csv'))).to.deep.equal({ '1.png': 1, '2.png': 0 });
  });
});

describe('arrays with classes', () => {
  it('are samples by their rows', async () => {
    const x: Value = { type: DataType.FLOAT, dims: [3, 3, 2, 2], data: Float32Array.from({ length: 36 }, (_, i) => i) };
    const target: Value = { type: DataType.INT64, dims: [3], data: BigInt64Array.from([1n, 0n, 2n]) };
    const arrays = [
      ['x', x],
      ['target', target],
    ] as const;
    const file = writeNpz(new Map(arrays));
    const data = await open({ 'd/a.npz': file });
    expect(await labels(data)).to.deep.equal({ 'a.npz#0': 1, 'a.npz#1': 0, 'a.npz#2': 2 });
    const { inputs } = await data.load(1);
    expect(inputs.x?.dims).to.deep.equal([1, 3, 2, 2]);
    expect(inputs.x?.data[0]).to.equal(12);
    expect(data.image).to.equal(undefined);
    expect(await labels(await open({ 'd/a.npz': file, 'd/b.npz': file }, {}, 'd/a.npz'))).to.deep.equal({
      'a.npz#0': 1,
      'a.npz#1': 0,
      'a.npz#2': 2,
    });
  });
});
