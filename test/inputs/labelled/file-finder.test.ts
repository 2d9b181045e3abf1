import { expect } from 'chai';
import { finderByLast, finderByPart, finderByPath } from '../../../src/inputs/labelled/file-finder.ts';

const filesOf = (...names: readonly string[]) =>
  names.map((name) => ({ path: `d/${name}`, name, inner: name.replace(/^train\//, '') }));
const table = (name: string) => ({ path: `d/${name}`, name, inner: name });

describe('files by the names that labels have for them', () => {
  it('are found by the last part of a path if only one file has it', () => {
    const find = finderByLast(filesOf('a/1.png', 'b/1.png', 'b/2.png'));
    expect(find('elsewhere/2.png')?.name).to.equal('b/2.png');
    expect(find('2.png')?.name).to.equal('b/2.png');
    expect(find('a/1.png'), 'two have it').to.equal(undefined);
    expect(find('3.png')).to.equal(undefined);
  });

  it('are found by their paths from the table first, then from the folder, then in images/', () => {
    const find = finderByPath(filesOf('a.png', 'sub/a.png', 'images/b.png', 'images/sub/c.png'), table('sub/x.csv'));
    expect(find('a.png')?.name).to.equal('sub/a.png');
    expect(find('././a.png')?.name).to.equal('sub/a.png');
    expect(find('b.png')?.name).to.equal('images/b.png');
    expect(find('sub\\c.png')?.name).to.equal('images/sub/c.png');
    expect(find('a')).to.equal(undefined);
    expect(find('')).to.equal(undefined);
  });

  it('are found without their endings or folders, if one picture alone can be meant', () => {
    const files = filesOf(
      'train/0001.jpg',
      'train/0002.JPEG',
      'train/v1.2.png',
      'x/same.png',
      'y/same.png',
      'x/two.png',
      'x/two.jpg',
    );
    const find = finderByPart([...files, ...filesOf('train/0001.txt', 'other/only.txt')], table('train.csv'));
    expect(find('0001')?.name).to.equal('train/0001.jpg');
    expect(find('train/0002')?.name, 'with a folder that is elsewhere').to.equal('train/0002.JPEG');
    expect(find('v1.2')?.name, 'with a dot in its name').to.equal('train/v1.2.png');
    expect(find('/home/me/data/0002.JPEG')?.name).to.equal('train/0002.JPEG');
    expect(find('x/same')?.name).to.equal('x/same.png');
    for (const cell of ['same', 'same.png', 'two', 'x/two', 'only', '1', '', '/', '.'])
      expect(find(cell), cell).to.equal(undefined);
  });
});
