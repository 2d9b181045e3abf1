import { expect } from 'chai';
import { hasTextLabels } from '../../../../src/inputs/labelled/detect/yolo.ts';
import type { DataFile } from '../../../../src/inputs/labelled/folder.ts';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { boxesOf, type Files, openFiles, pictureModel } from '../../../support/labelled.ts';

const PICTURE = await plainPng('#f00', 100);
/** A box of ten pixels whose left edge is at so many. */
const at = (left: number, label = 0) => `${label} ${(left + 5) / 100} 0.5 0.1 0.1\n`;
const box = (left: number, label = 0) => `${label} ${left} 45 ${left + 10} 55`;

const open = (files: Files, options: Partial<LabelledOptions> = {}) =>
  openFiles(files, { task: 'detect', ...options }, { model: pictureModel(['N', 3, 100, 100]) });

describe('labels of YOLO', () => {
  it('are found for pictures whose names are those of lists: train.jpg shows a train', async () => {
    for (const stem of ['train', 'test', 'val', 'valid', 'notes', 'readme']) {
      for (const [image, label] of [
        [`images/${stem}.jpg`, `labels/${stem}.txt`],
        [`${stem}.jpg`, `${stem}.txt`],
      ] as const) {
        const data = await open({ [`d/${image}`]: PICTURE, [`d/${label}`]: at(10) });
        expect(await boxesOf(data), label).to.deep.equal({ [image]: [box(10)] });
      }
    }
    const data = await open({ 'd/images/a.jpg': PICTURE, 'd/labels/a.txt': at(10), 'd/train.txt': './images/a.jpg' });
    expect(data.skipped, 'a list is no label').to.deep.equal([]);
    const empty = await rejection(open({ 'd/images/train.jpg': PICTURE, 'd/labels/train.txt': '', 'd/val.txt': '' }));
    expect(empty.message).to.equal('it has 1 picture and 1 label file without a box for them');
  });

  it('are those of the letters of their picture, where names differ in capital letters alone', async () => {
    const data = await open({
      'd/images/aB.jpg': PICTURE,
      'd/images/Ab.jpg': PICTURE,
      'd/images/ab.jpg': PICTURE,
      'd/labels/aB.txt': at(10),
      'd/labels/Ab.txt': at(20),
    });
    expect(await boxesOf(data)).to.deep.equal({
      'images/aB.jpg': [box(10)],
      'images/Ab.jpg': [box(20)],
      'images/ab.jpg': [],
    });
  });

  it('are found whatever the letters of folders, endings and names, if no other picture has them', async () => {
    const data = await open({
      'd/Images/Sub/A.v1.JPG': PICTURE,
      'd/LABELS/sub/a.V1.TXT': `\uFEFF${at(10).replace('\n', '\r\n')}\r\n`,
    });
    expect(await boxesOf(data)).to.deep.equal({ 'Images/Sub/A.v1.JPG': [box(10)] });
    expect(data.skipped).to.deep.equal([]);
  });

  it('belong to two pictures of one name, and come from labels/ before the folder of the picture', async () => {
    const data = await open({
      'd/images/a b.jpg': PICTURE,
      'd/images/a b.png': PICTURE,
      'd/images/a b.txt': at(50),
      'd/labels/a b.txt': at(10),
    });
    expect(await boxesOf(data)).to.deep.equal({ 'images/a b.jpg': [box(10)], 'images/a b.png': [box(10)] });
    expect(data.skipped).to.deep.equal([{ file: 'images/a b.txt', reason: 'its picture is not there' }]);
  });

  it('may be empty, and of classes with gaps: the model has all of them', async () => {
    const data = await open({
      'd/images/a.jpg': PICTURE,
      'd/images/b.jpg': PICTURE,
      'd/labels/a.txt': at(10, 7) + at(30, 2),
      'd/labels/b.txt': '\r\n',
    });
    expect(data.classes).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(await boxesOf(data)).to.deep.equal({ 'images/a.jpg': [box(10, 7), box(30, 2)], 'images/b.jpg': [] });
  });

  it('refuse a list of classes that has a name twice: both would be the last', async () => {
    for (const name of ['classes.txt', 'obj.names']) {
      const files = { 'd/images/a.jpg': PICTURE, 'd/labels/a.txt': at(10), [`d/${name}`]: 'cat\r\ndog\r\ncat\r\n' };
      const error = await rejection(open(files));
      expect(error).to.include({ code: 'invalid-data', file: `d/${name}:3`, message: 'it names "cat" twice' });
    }
  });
});

describe('hasTextLabels', () => {
  const file = (inner: string): DataFile => ({ path: inner, name: inner, inner });
  const has = (...names: readonly string[]) => hasTextLabels(names.map(file));

  it('is true if a picture has a text file of its name, in labels/ or beside it', () => {
    expect(has('images/a.jpg', 'labels/A.txt')).to.equal(true);
    expect(has('sub/a.jpg', 'sub/a.txt')).to.equal(true);
    expect(has('a.jpg', 'labels/a.txt')).to.equal(true);
    expect(has('images/a.jpg', 'labels/b.txt')).to.equal(false);
    expect(has('classes.jpg', 'classes.txt'), 'names of classes').to.equal(false);
    expect(has('JPEGImages/a.jpg', 'ImageSets/Main/train.txt')).to.equal(false);
    expect(has('a.txt')).to.equal(false);
  });
});
