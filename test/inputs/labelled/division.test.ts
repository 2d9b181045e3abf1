import { expect } from 'chai';
import { type Division, divisionOf, isKnownFolder } from '../../../src/inputs/labelled/division.ts';
import { rejection } from '../../support/errors.ts';
import { MemoryFiles } from '../../support/files.ts';

type Content = Readonly<Record<string, string>>;

function divide(names: readonly string[], content: Content = {}, index?: string): Promise<Division | undefined> {
  const all = [...new Set([...names, ...Object.keys(content)])];
  const files = all.map((name) => ({ path: `/d/${name}`, name }));
  const reader = new MemoryFiles(Object.fromEntries(all.map((name) => [`/d/${name}`, content[name] ?? ''])));
  return divisionOf(files, index, reader);
}

/** The part of each file; `-` for one that belongs to all. */
async function parts(names: readonly string[], content: Content = {}): Promise<string> {
  const division = await divide(names, content);
  return division === undefined ? 'none' : names.map((name) => division.partOf(name) ?? '-').join(' ');
}

describe('a division by folders', () => {
  const ULTRALYTICS = ['images/train/a.jpg', 'images/val/b.jpg', 'labels/train/a.txt', 'labels/val/b.txt'];

  it('is found beside what tools leave behind: Ultralytics caches labels beside their folders', async () => {
    expect(await parts([...ULTRALYTICS, 'labels/train.cache', 'labels/val.cache'])).to.equal('train val train val - -');
    expect(await parts([...ULTRALYTICS, 'archive/all.zip', 'info/sheet.pdf'])).to.equal('train val train val - -');
  });

  it('is found in any letters, and by the years and words that data sets write', async () => {
    expect(await parts(['Train/a/1.PNG', 'VALID/a/2.png'])).to.equal('train val');
    expect(await parts(['Training/a/1.png', 'Testing/a/2.png'])).to.equal('train test');
    expect(await parts(['JPEGImages/train2017/1.jpg', 'JPEGImages/validation2017/2.jpg'])).to.equal('train val');
  });

  it('is none if a sample lies outside of all parts: its folder is a class', async () => {
    expect(await parts(['train/1.png', 'val/2.png', 'bus/3.png'])).to.equal('none');
    expect(await parts(['train/1.npz', 'val/2.npz', 'bus/3.npz'])).to.equal('none');
    expect(await parts(['training_day/1.png', 'train5/2.png', 'val/2.png'])).to.equal('none');
  });

  it('takes the folder of the part out of names, and no other of its name', async () => {
    const division = await divide(['train/train/1.png', 'val/cat/2.png']);
    expect(division?.innerOf('train/train/1.png')).to.equal('train/1.png');
    expect(division?.innerOf('labels.csv')).to.equal('labels.csv');
    const below = await divide(['images/train/sub/1.png', 'images/val/2.png']);
    expect(below?.innerOf('images/train/sub/1.png')).to.equal('images/sub/1.png');
    expect(below?.innerOf('sub/train/1.png')).to.equal('sub/train/1.png');
  });
});

describe('a division by data.yaml', () => {
  const names = ['images/train/a.jpg', 'images/held/b.jpg', 'images/c.jpg', 'labels/train/a.txt'];
  const yaml = (train: string, val: string) => ({ 'data.yaml': `train: ${train}\nval: ${val}\nnames: [a]\n` });

  it('takes folders as they are written: with ./, on Windows, behind a byte order mark, or from the root of another machine', async () => {
    for (const [train, val] of [
      ['images/train', 'images/held'],
      ['./images/train/', './images/held/'],
      ['images\\train', 'images\\held'],
      ['../images/train', '../images/held'],
      ['/home/me/data/images/train', '/home/me/data/images/held'],
      ["'C:\\Users\\me\\images\\train'", "'C:/Users/me/images/held'"],
    ] as const) {
      expect(await parts(names, yaml(train, val)), train).to.equal('train val test -');
    }
    const marked = `\uFEFFtrain: images/train\r\nval: images/held\r\nnames: [a]\r\n`;
    expect(await parts(names, { 'data.yaml': marked })).to.equal('train val test -');
  });

  it('takes the longest end of an absolute path that is a folder', async () => {
    const both = ['x/images/1.jpg', 'images/2.jpg', 'held/3.jpg'];
    expect(await parts(both, yaml('/data/x/images', '/data/x/held'))).to.equal('train test val');
  });

  it('may train on all that is not in another folder: the labels stay with both', async () => {
    for (const all of ['.', './']) {
      expect(await parts(['a.jpg', 'a.txt', 'held/b.jpg', 'notes.txt'], yaml(all, 'held'))).to.equal('train - val -');
    }
    expect(await parts(['a.jpg', 'held/b.jpg'], yaml('held', '.')), 'the other way').to.equal('val train');
  });

  it('matches accents that are written as one character or as two', async () => {
    const [one, two] = ['gro\u00DFe \u00FCbung', 'gro\u00DFe u\u0308bung'];
    expect(await parts([`${one}/a.jpg`, 'held/b.jpg'], yaml(two, 'held'))).to.equal('train val');
  });

  it('is none if both are one folder, or nothing is held out', async () => {
    expect(await parts(names, yaml('images', 'images'))).to.equal('none');
    expect(await parts(names, yaml('images/train', ''))).to.equal('none');
    expect(await parts(names, yaml('images/train', 'images/missing'))).to.equal('none');
  });

  it('names the line of a folder to train on that is not there', async () => {
    const error = await rejection(divide(names, { 'data.yaml': 'names: [a]\ntrain: pictures\nval: images/held\n' }));
    expect(error).to.include({ code: 'invalid-data', file: '/d/data.yaml:2' });
    expect(error.message).to.equal('train names "pictures", and that is not a folder beside the file');
  });

  it('may be lists of pictures, wherever their paths begin, with the line ends of Windows', async () => {
    const lists = {
      ...yaml('lists/train.txt', '/data/lists/held.txt'),
      'lists/train.txt': '\uFEFFdata\\images\\train\\a.jpg\r\n\r\n',
      'lists/held.txt': '/home/me/images/held/b.jpg',
    };
    expect(await parts(names, lists)).to.equal('train val test -');
    const accents = { ...yaml('train.txt', 'val.txt'), 'train.txt': 'u\u0308.jpg', 'val.txt': 'o\u0308.jpg' };
    expect(await parts(['\u00FC.jpg', '\u00F6.jpg'], accents), 'of macOS').to.equal('train val');
  });
});

describe('a division by the names of tables', () => {
  it('needs one to train on and one to measure on, and leaves other files to both', async () => {
    expect(await parts(['1.png', 'my_train.CSV', 'my_val.csv', 'test.csv'])).to.equal('- train val test');
    expect(await parts(['1.png', 'train.csv', 'test.csv'])).to.equal('none');
    expect(await parts(['1.png', 'constrain.csv', 'val.csv'])).to.equal('none');
    expect(await divide(['1.png', 'train.csv', 'val.csv'], {}, 'train.csv'), 'one was given').to.equal(undefined);
  });
});

describe('isKnownFolder', () => {
  it('tells folders by kind or part from those of archives', () => {
    const known = ['images', 'Image', 'masks', 'targets', 'train', 'val2017', 'Testing', 'JPEGImages'];
    expect(known.filter(isKnownFolder)).to.deep.equal(known);
    expect(['images2', 'my train', 'cats', 'validated', ''].filter(isKnownFolder)).to.deep.equal([]);
  });
});
