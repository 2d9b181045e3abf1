import { expect } from 'chai';
import { openFolder } from '../../../src/inputs/labelled/folder.ts';
import { type FileTable, readFileTable } from '../../../src/inputs/labelled/tables.ts';
import { rejection } from '../../support/errors.ts';
import { MemoryFiles } from '../../support/files.ts';

type Content = Readonly<Record<string, string | Uint8Array>>;

const PICTURES = ['1.jpg', '2.jpg', 'images/a b.png'];

async function read(content: Content, { path = 'd', names = PICTURES, part = 'train' as 'train' | 'val' } = {}) {
  const all: Content = { ...Object.fromEntries(names.map((name) => [name, ''])), ...content };
  const reader = new MemoryFiles(Object.fromEntries(Object.entries(all).map(([name, it]) => [`d/${name}`, it])));
  return readFileTable({ folder: await openFolder(path, reader, part), reader });
}

/** `line file: cells` of each row. */
const shown = ({ rows }: FileTable) =>
  rows.map(({ place, file, cells }) => `${place.replace(/^.*:/, '')} ${file.name}: ${cells.join('|')}`);

describe('a table of files', () => {
  it('has a row in its first line if that has a picture, though its class is called as a column may be', async () => {
    const table = await read({ 'labels.csv': '1.jpg,picture\n2.jpg,drawing\n' });
    expect(table.header).to.equal(undefined);
    expect(shown(table)).to.deep.equal(['1 1.jpg: 1.jpg|picture', '2 2.jpg: 2.jpg|drawing']);
  });

  it('finds the column of files by what is in it, where its name does not tell, or several do', async () => {
    for (const [text, column, first] of [
      ['label,photo\ncat,1.jpg\ndog,2.jpg\n', 1, 2],
      ['cat,1.jpg\ndog,2.jpg\n', 1, 1],
      ['id,file,label\n7,1.jpg,cat\n8,2.jpg,dog\n', 1, 2],
      ['image,path,label\n1.jpg,x,cat\n2.jpg,y,dog\n', 0, 2],
      ['thumb,file\n2.jpg,1.jpg\n1.jpg,2.jpg\n', 1, 2],
      [',label,Image\n0,cat,1.jpg\n1,dog,2.jpg\n', 2, 2],
    ] as const) {
      const table = await read({ 'labels.csv': text });
      expect(table.fileColumn, text).to.equal(column);
      expect(
        table.rows.map(({ file, place }) => [file.name, place]),
        text,
      ).to.deep.equal([
        ['1.jpg', `d/labels.csv:${first}`],
        ['2.jpg', `d/labels.csv:${first + 1}`],
      ]);
    }
  });

  it('finds files by paths of Windows, from ./, in images/, beside the table, with accents of macOS', async () => {
    const table = await read(
      { 'sub/labels.csv': 'file,label\r\n.\\a b.png,1\r\n./1.jpg,2\r\nb\\u\u0308.jpg,3\r\n' },
      { path: 'd/sub/labels.csv', names: ['sub/images/a b.png', 'sub/1.jpg', 'sub/b/\u00FC.jpg', '1.jpg'] },
    );
    expect(table.rows.map(({ file }) => file.path)).to.deep.equal([
      'd/sub/images/a b.png',
      'd/sub/1.jpg',
      'd/sub/b/\u00FC.jpg',
    ]);
  });

  it('may list the pictures of all parts: each part takes its own', async () => {
    const names = ['train/1.jpg', 'train/2.jpg', 'val/3.jpg', 'test/4.jpg'];
    const labels = { 'labels.csv': 'file,label\ntrain/1.jpg,a\nval/3.jpg,b\ntest/4.jpg,a\ntrain/2.jpg,b\n' };
    expect(shown(await read(labels, { names }))).to.deep.equal([
      '2 train/1.jpg: train/1.jpg|a',
      '5 train/2.jpg: train/2.jpg|b',
    ]);
    expect(shown(await read(labels, { names, part: 'val' }))).to.deep.equal(['3 val/3.jpg: val/3.jpg|b']);
    const missing = { 'labels.csv': 'file,label\ntrain/1.jpg,a\nval/9.jpg,b\n' };
    const error = await rejection(read(missing, { names }));
    expect(error).to.include({ code: 'invalid-data', file: 'd/labels.csv:3' });
    expect(error.message).to.equal('the file "val/9.jpg" is not there');
  });

  it('gives a row to the picture whose path it has, though one of another part has the same name', async () => {
    const names = ['train/1.jpg', 'train/2.jpg', 'val/1.jpg'];
    const labels = { 'labels.csv': 'file,label\ntrain/1.jpg,a\nval/1.jpg,b\n./train/2.jpg,b\n' };
    expect(shown(await read(labels, { names }))).to.deep.equal([
      '2 train/1.jpg: train/1.jpg|a',
      '4 train/2.jpg: ./train/2.jpg|b',
    ]);
    expect(shown(await read(labels, { names, part: 'val' }))).to.deep.equal(['3 val/1.jpg: val/1.jpg|b']);
  });

  it('is chosen by its name among several, and never one of colours', async () => {
    const one = 'file,label\n1.jpg,cat\n';
    const other = 'file,label\n2.jpg,dog\n';
    expect((await read({ 'a.csv': other, 'Labels.CSV': one })).file.name).to.equal('Labels.CSV');
    expect((await read({ 'sample.csv': other, 'train_labels.tsv': one })).file.name).to.equal('train_labels.tsv');
    expect((await read({ 'classes.csv': other, 'z.csv': one })).file.name).to.equal('z.csv');
    const error = await rejection(read({ 'a.csv': one, 'b.csv': other }));
    expect(error.message).to.equal('it has several tables: a.csv, b.csv');
  });

  it('is refused with the line that has other cells, one column, or none at all', async () => {
    const at = async (text: string) => {
      const { file, message } = await rejection(read({ 'labels.csv': text }));
      return `${file}: ${message}`;
    };
    expect(await at('file,label\n1.jpg,cat\n2.jpg,dog,\n')).to.equal(
      'd/labels.csv:3: the row has 3 cells, and the first line has 2',
    );
    expect(await at('\n\n1.jpg\n2.jpg\n')).to.equal(
      'd/labels.csv:3: it has one column, and needs two: a file and its label',
    );
    expect(await at('file,label\n')).to.equal('d/labels.csv: it has no rows');
    expect(await at('\r\n \r\n,,\r\n')).to.equal('d/labels.csv: it has no rows');
  });
});
