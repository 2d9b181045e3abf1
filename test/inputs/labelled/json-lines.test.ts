import { expect } from 'chai';
import { readJsonLines } from '../../../src/inputs/labelled/json-lines.ts';
import { thrown } from '../../support/errors.ts';

const read = (text: string) => readJsonLines(new TextEncoder().encode(text), 'd/metadata.jsonl');

describe('lines of JSON', () => {
  it('are rows below the names of all their keys, with the lines that they are in', () => {
    expect(
      read(
        '\uFEFF{"file_name": "a b.png", "label": "cat"}\r\n\r\n{"label": 3, "file_name": " 2.png ", "box": [1, 2]}\r\n',
      ),
    ).to.deep.equal([
      { line: 1, cells: ['file_name', 'label', 'box'] },
      { line: 1, cells: ['a b.png', 'cat', ''] },
      { line: 3, cells: ['2.png', '3', '[1,2]'] },
    ]);
    expect(read('{"file_name": "1.png", "label": null, "ok": false}\n')[1]?.cells).to.deep.equal([
      '1.png',
      '',
      'false',
    ]);
    expect(read('')).to.deep.equal([]);
    expect(read('\n \n')).to.deep.equal([]);
    expect(read('{}\n{}\n')).to.deep.equal([]);
  });

  it('have names of any kind, and no meaning of their own', () => {
    expect(read('{"__proto__": "x", "label": "a"}')[0]?.cells).to.deep.equal(['__proto__', 'label']);
    expect(read('{"constructor": "x"}\n{"label": "a"}').map(({ cells }) => cells)).to.deep.equal([
      ['constructor', 'label'],
      ['x', ''],
      ['', 'a'],
    ]);
  });

  it('are refused by their line if they are something else', () => {
    for (const text of ['[1, 2]', '{"a": ', '"a"', 'file,label', 'null', '{"a": 1} {"a": 2}']) {
      const error = thrown(() => read(`{"a": 1}\n${text}\n`));
      expect(error, text).to.include({ code: 'invalid-data', file: 'd/metadata.jsonl:2' });
      expect(error.message, text).to.equal('the line is not an object of JSON');
    }
  });
});
