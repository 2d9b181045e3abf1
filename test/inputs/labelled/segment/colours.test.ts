import { expect } from 'chai';
import type { LayoutContext } from '../../../../src/inputs/labelled/layout.ts';
import { type ClassColours, readColours } from '../../../../src/inputs/labelled/segment/colours.ts';
import { thrown } from '../../../support/errors.ts';
import { MemoryFiles } from '../../../support/files.ts';

/** Reads a file of classes in a folder of its own. */
function read(text: string, name = 'classes.csv', more: Readonly<Record<string, string>> = {}) {
  const content: Record<string, string> = { [name]: text, ...more };
  const files = Object.keys(content).map((inner) => ({ path: inner, name: inner, inner }));
  const folder = { root: 'd', files, all: files, chosen: undefined, part: undefined };
  return readColours({ folder, reader: new MemoryFiles(content) } as unknown as LayoutContext);
}

/** `name=r,g,b` of each class; the colours of no class under `-`. */
function shown({ names, labelOf }: ClassColours = { file: undefined as never, names: [], labelOf: undefined }) {
  if (labelOf === undefined) return names.join(' | ');
  const rgb = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255].join(',');
  return [...labelOf].map(([colour, label]) => `${names[label] ?? '-'}=${rgb(colour)}`).join(' | ');
}

describe('a file of classes and their colours', () => {
  it('has its first class also if that is called as a column may be', () => {
    expect(shown(read('class 1,255,0,0\nclass 2,0,255,0\n'))).to.equal('class 1=255,0,0 | class 2=0,255,0');
    expect(shown(read('label,1,2,3\nname,4,5,6\n'))).to.equal('label=1,2,3 | name=4,5,6');
    expect(shown(read('class a\nclass b\nclass c\n', 'classes.txt'))).to.equal('class a | class b | class c');
    expect(shown(read('Label 1\nLabel 2', 'classes.txt'))).to.equal('Label 1 | Label 2');
  });

  it('may say what its columns are, in either order, also behind a comment, a blank line or a byte order mark', () => {
    for (const header of ['name,r,g,b', 'Name; R; G; B', '"class"\tred\tgreen\tblue', 'label,red,green,blue']) {
      expect(shown(read(`${header}\nroad,1,2,3\n`)), header).to.equal('road=1,2,3');
      expect(shown(read(`# colours\n\n${header}\nroad,1,2,3\n`)), `${header} behind`).to.equal('road=1,2,3');
      expect(shown(read(`\uFEFF${header}\r\nroad,1,2,3\r\n`)), `${header} on Windows`).to.equal('road=1,2,3');
    }
    expect(shown(read('r,g,b,name\n1,2,3,road\n4,5,6,"blue sky"\n'))).to.equal('road=1,2,3 | blue sky=4,5,6');
  });

  it('has names with spaces, digits and commas, in quotes or not', () => {
    expect(shown(read('"car, parked",1,2,3\nlane 2, 4, 5, 6\nbus 3;7;8;9'))).to.equal(
      'car, parked=1,2,3 | lane 2=4,5,6 | bus 3=7,8,9',
    );
  });

  it('may give a class several colours, and leave several out', () => {
    const colours = read('car,1,2,3\nroad,4,5,6\ncar,7,8,9\nvoid,0,0,0\nIgnored,9,9,9\n');
    expect(shown(colours)).to.equal('car=1,2,3 | road=4,5,6 | car=7,8,9 | -=0,0,0 | -=9,9,9');
    expect(colours?.names).to.deep.equal(['car', 'road']);
  });

  it('names the line that is no name and colour, that has a colour of another, or a name again', () => {
    const at = (text: string, name = 'classes.csv') => {
      const { code, file, message } = thrown(() => read(text, name));
      return `${code} ${file}: ${message}`;
    };
    expect(at('name,r,g,b\nroad,1,2,3\nsky,1,2\n')).to.equal(
      'invalid-data classes.csv:3: "sky,1,2" is not a name and a colour',
    );
    expect(at('road,1,2\nsky,1,2,3\n'), 'the first').to.equal(
      'invalid-data classes.csv:1: "road,1,2" is not a name and a colour',
    );
    expect(at('road,1,2,256\n')).to.equal('invalid-data classes.csv:1: "road,1,2,256" is not a name and a colour');
    expect(at('\nroad,1,2,3\n\nsky,1,2,3\n')).to.equal(
      'invalid-data classes.csv:4: the colour of "sky" stands for another class already',
    );
    expect(at('road\nsky\nroad\n', 'classes.txt')).to.equal('invalid-data classes.txt:3: it names "road" twice');
  });

  it('is looked for in the folder itself, in any letters', () => {
    expect(shown(read('road,1,2,3', 'Class_Dict.CSV'))).to.equal('road=1,2,3');
    expect(shown(read('road,1,2,3', 'label_colours.txt'))).to.equal('road=1,2,3');
    expect(read('road,1,2,3', 'masks/classes.csv')).to.equal(undefined);
    expect(read('road,1,2,3', 'my_classes.csv')).to.equal(undefined);
  });
});
