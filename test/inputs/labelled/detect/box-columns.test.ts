import { expect } from 'chai';
import { boxColumns, edgesIn } from '../../../../src/inputs/labelled/detect/box-columns.ts';
import type { FileTable } from '../../../../src/inputs/labelled/tables.ts';
import { thrown } from '../../../support/errors.ts';

const FILE = { path: 'd/t.csv', name: 't.csv', inner: 't.csv' };
const tableOf = (header: readonly string[]): FileTable => ({ file: FILE, header, rows: [], fileColumn: 0, width: 1 });
/** The edges that a row says under such a header. */
const edges = (header: string, cells: readonly string[]) => {
  const box = edgesIn({ place: 'd/t.csv:2', file: FILE, cells }, boxColumns(tableOf(header.split(','))));
  return box && [box.left, box.top, box.right, box.bottom];
};

describe('inputs/labelled/detect/box-columns', () => {
  it('finds edges by the names that tools give them, in any order', () => {
    for (const header of ['f,xmin,ymin,xmax,ymax', 'f,XMin,YMin,XMax,YMax', 'f,x1,y1,x2,y2', 'f,left,top,right,bottom'])
      expect(edges(header, ['a.png', '1', '2', '30', '40']), header).to.deep.equal([1, 2, 30, 40]);
    expect(edges('f,ymax,xmax,y_min,x_min', ['a.png', '40', '30', '2', '1'])).to.deep.equal([1, 2, 30, 40]);
  });

  it('takes width and height for sides of the box, unless all its edges are there', () => {
    expect(edges('f,x1,y1,width,height', ['a.png', '1', '2', '30', '40'])).to.deep.equal([1, 2, 31, 42]);
    const header = 'f,width,height,xmin,ymin,xmax,ymax';
    expect(edges(header, ['a.png', '640', '480', '1', '2', '30', '40'])).to.deep.equal([1, 2, 30, 40]);
    expect(boxColumns(tableOf(header.split(','))).size).to.deep.equal([1, 2]);
    expect(boxColumns(tableOf(['f', 'x1', 'y1', 'width', 'height'])).size).to.equal(undefined);
  });

  it('reads four numbers in one cell, as JSON, Python and NumPy print them', () => {
    for (const cell of ['[1, 2, 30, 40]', '(1.0, 2.0, 30.0, 40.0)', '[ 1.  2. 30. 40.]', '1 2 30 40'])
      expect(edges('f,bbox', ['a.png', cell]), cell).to.deep.equal([1, 2, 31, 42]);
  });

  it('takes an empty box for a picture without objects', () => {
    expect(edges('f,bbox', ['a.png', ''])).to.equal(undefined);
    expect(edges('f,bbox', ['a.png', '[]'])).to.equal(undefined);
    expect(edges('f,xmin,ymin,xmax,ymax', ['a.png', '', '', '', ''])).to.equal(undefined);
  });

  it('knows the column of groups by both of its names', () => {
    for (const name of ['IsGroupOf', 'iscrowd'])
      expect(boxColumns(tableOf(['f', 'xmin', 'ymin', 'xmax', 'ymax', name])).group, name).to.equal(5);
  });

  it('refuses what is not four numbers, has no area, or has no columns, by the line', () => {
    const error = (header: string, cells: readonly string[]) => thrown(() => edges(header, cells));
    expect(error('f,bbox', ['a.png', '[1, 2, 3]'])).to.include({
      file: 'd/t.csv:2',
      message: 'its box is not four numbers: 1, 2, 3',
    });
    expect(error('f,xmin,ymin,xmax,ymax', ['a.png', '1', '', '3', '4']).message).to.include('not four numbers');
    expect(error('f,xmin,ymin,xmax,ymax', ['a.png', '1,5', '2', '3', '4']).message).to.include('not four numbers');
    expect(error('f,xmin,ymin,xmax,ymax', ['a.png', '9', '2', '3', '4']).file).to.equal('d/t.csv:2');
    expect(error('f,xmin,ymin,xmax', ['a.png', '1', '2', '3'])).to.include({ file: 'd/t.csv:1', code: 'invalid-data' });
  });
});
