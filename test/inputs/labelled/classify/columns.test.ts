import { expect } from 'chai';
import { classColumns, classIn } from '../../../../src/inputs/labelled/classify/columns.ts';
import type { FileTable } from '../../../../src/inputs/labelled/tables.ts';
import { thrown } from '../../../support/errors.ts';

const FILE = { path: 'd/t.csv', name: 't.csv', inner: 't.csv' };
function tableOf(header: readonly string[] | undefined, ...rows: readonly (readonly string[])[]): FileTable {
  const all = rows.map((cells, index) => ({ place: `d/t.csv:${index + 2}`, file: FILE, cells }));
  return { file: FILE, header, rows: all, fileColumn: 0, width: rows[0]?.length ?? 0 };
}
const HEADER = ['file', 'cat', 'dog'];

describe('inputs/labelled/classify/columns', () => {
  it('finds a column of 0 and 1 for each class, however they are written', () => {
    const found = classColumns(tableOf(HEADER, ['a.png', '1', '0'], ['b.png', '0.0', '1.0']));
    expect(found).to.deep.equal({ names: ['cat', 'dog'], columns: [1, 2] });
    const last = { ...tableOf(['cat', 'dog', 'file'], ['1', '0', 'a.png']), fileColumn: 2 };
    expect(classColumns(last)?.columns).to.deep.equal([0, 1]);
  });

  it('finds none where a cell says something else, or nothing', () => {
    for (const cell of ['0.5', '2', '-1', '', 'yes'])
      expect(classColumns(tableOf(HEADER, ['a.png', '1', cell])), cell).to.equal(undefined);
  });

  it('finds none without a name for each, with one name twice, and of one class', () => {
    const row = ['a.png', '1', '0'];
    for (const header of [undefined, ['file', 'cat', ''], ['file', 'cat', 'cat']])
      expect(classColumns(tableOf(header, row)), String(header)).to.equal(undefined);
    expect(classColumns(tableOf(['file', 'cat'], ['a.png', '1']))).to.equal(undefined);
  });

  it('names the one class of a row, and refuses none and several by the line', () => {
    const table = tableOf(HEADER, ['a.png', '0', '1'], ['b.png', '0', '0'], ['c.png', '1', '1']);
    const columns = { names: ['cat', 'dog'], columns: [1, 2] };
    const [one, none, both] = table.rows as [
      FileTable['rows'][number],
      FileTable['rows'][number],
      FileTable['rows'][number],
    ];
    expect(classIn(one, columns)).to.equal('dog');
    expect(thrown(() => classIn(none, columns))).to.include({
      file: 'd/t.csv:3',
      message: 'the picture has none of the classes, and a model of classes tells one',
    });
    expect(thrown(() => classIn(both, columns)).message).to.match(/^the picture has 2 classes \(cat, dog\), /);
  });
});
