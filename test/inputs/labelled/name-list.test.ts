import { expect } from 'chai';
import { namesIn } from '../../../src/inputs/labelled/name-list.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { plainPng } from '../../support/files.ts';
import { boxesOf, openFiles, pictureModel } from '../../support/labelled.ts';

const lines = (...texts: readonly string[]) =>
  texts.map((text, index) => ({ text, place: `classes.txt:${index + 1}` }));

describe('a list of names of classes', () => {
  it('has a name in each line, and may end with blank ones', () => {
    expect(namesIn(lines('cat', 'dog'))).to.deep.equal(['cat', 'dog']);
    expect(namesIn(lines('cat', 'dog', '', ''))).to.deep.equal(['cat', 'dog']);
    expect(namesIn(lines(''))).to.deep.equal([]);
    expect(namesIn([])).to.deep.equal([]);
  });

  it('is refused for a blank line before a name, whose number would be doubtful', () => {
    for (const [texts, place] of [
      [['cat', '', 'dog'], 'classes.txt:2'],
      [['', 'cat'], 'classes.txt:1'],
      [['cat', 'dog', '', '', 'cow', ''], 'classes.txt:3'],
    ] as const) {
      const error = thrown(() => namesIn(lines(...texts)));
      expect(error).to.include({ code: 'invalid-data', file: place });
      expect(error.message).to.equal('the line is blank, and the numbers of the classes below depend on it');
    }
  });

  it('names each class once', () => {
    expect(thrown(() => namesIn(lines('cat', 'dog', 'cat')))).to.include({ file: 'classes.txt:3' });
  });

  it('does not shift the numbers of YOLO or of masks behind a blank line without a word', async () => {
    const [picture, model] = [await plainPng('#f00', 100), pictureModel(['N', 3, 100, 100])];
    const yolo = (names: string | Uint8Array) =>
      openFiles(
        {
          'd/images/a.png': picture,
          'd/labels/a.txt': '2 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.4 0.4\n',
          'd/classes.txt': names,
        },
        { task: 'detect' },
        { model },
      );
    expect((await rejection(yolo('cat\n\ndog\ncow\n'))).file).to.equal('d/classes.txt:2');
    const data = await yolo('cat\ndog\ncow\n\n');
    expect(data.classes).to.deep.equal(['cat', 'dog', 'cow']);
    expect((await boxesOf(data))['images/a.png']).to.deep.equal(['2 40 40 60 60', '0 30 30 70 70']);
    const masks = openFiles(
      { 'd/images/a.png': picture, 'd/masks/a.png': picture, 'd/classes.txt': 'cat\n\ndog\n' },
      { task: 'segment' },
      { model },
    );
    expect((await rejection(masks)).file).to.equal('d/classes.txt:2');
  });

  it('is read as PowerShell and editors on Windows save it', async () => {
    const [picture, model] = [await plainPng('#f00', 100), pictureModel(['N', 3, 100, 100])];
    for (const names of [Buffer.from('\uFEFFStraße\nAllée\n', 'utf16le'), Buffer.from('Straße\nAllée\n', 'latin1')]) {
      const label = Buffer.from('\uFEFF1 0.5 0.5 0.2 0.2\r\n', 'utf16le');
      const data = await openFiles(
        { 'd/images/a.png': picture, 'd/labels/a.txt': label, 'd/classes.txt': names },
        { task: 'detect' },
        { model },
      );
      expect(data.classes).to.deep.equal(['Straße', 'Allée']);
      expect((await boxesOf(data))['images/a.png']).to.deep.equal(['1 40 40 60 60']);
    }
  });
});
