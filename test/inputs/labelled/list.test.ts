import { expect } from 'chai';
import { readList } from '../../../src/inputs/labelled/list.ts';
import { plainPng } from '../../support/files.ts';
import { openFiles } from '../../support/labelled.ts';

const read = (text: string) =>
  readList(new TextEncoder().encode(text), 'd/train.txt').map(({ line, cells }) => `${line} ${cells.join('|')}`);

describe('a list of pictures', () => {
  it('has a path and a label in each line, behind a space or a tab', () => {
    expect(read('images/1.jpg 0\nimages/2.jpg  cat\n')).to.deep.equal(['1 images/1.jpg|0', '2 images/2.jpg|cat']);
    expect(read('\uFEFFa b.jpg\tcat and dog\r\n\r\nc.jpg\t1\r\n')).to.deep.equal([
      '1 a b.jpg|cat and dog',
      '3 c.jpg|1',
    ]);
    expect(read('my photo (1).jpg 3')).to.deep.equal(['1 my photo (1).jpg|3']);
    expect(read('')).to.deep.equal([]);
    expect(read('only.jpg\n')).to.deep.equal(['1 only.jpg']);
  });

  it('is a table if it is separated as one', () => {
    expect(read('file,label\n"a, b.jpg",cat\n')).to.deep.equal(['1 file|label', '2 a, b.jpg|cat']);
    expect(read('a.jpg;x y\n')).to.deep.equal(['1 a.jpg|x y']);
  });

  it('is read when it is given, and is no data set otherwise', async () => {
    const red = await plainPng('#f00');
    const files = {
      'd/images/1.png': red,
      'd/images/2.png': red,
      'd/train.txt': 'images/1.png 1\nimages/2.png 0\n',
      'd/notes.txt': 'x',
    };
    const data = await openFiles(files, { task: 'classify', headClasses: 3 }, { path: 'd/train.txt' });
    expect([data.names, data.strata, data.classes]).to.deep.equal([
      ['images/1.png', 'images/2.png'],
      [1, 0],
      ['0', '1', '2'],
    ]);
  });
});
