import { expect } from 'chai';
import type { KeyPoints } from '../../../../src/inputs/labelled/detect/data-yaml.ts';
import { readYoloLabels } from '../../../../src/inputs/labelled/detect/yolo-line.ts';
import { thrown } from '../../../support/errors.ts';

const read = (text: string, keyPoints?: KeyPoints) =>
  readYoloLabels(text, 'a.txt', keyPoints).map(({ label, left, top, right, bottom, place }) => {
    const sides = [left, top, right, bottom].map((it) => Math.round(it * 1e6) / 1e6);
    return `${place}: ${label} ${sides.join(' ')}`;
  });
const refusal = (text: string, keyPoints?: KeyPoints) => {
  const { code, file, message } = thrown(() => readYoloLabels(text, 'a.txt', keyPoints));
  return `${code} ${file}: ${message}`;
};

describe('a line of YOLO', () => {
  it('is a box from its middle, told by the line that it is on, whatever ends lines and parts fields', () => {
    expect(read('3 0.5 0.5 0.2 0.4')).to.deep.equal(['a.txt:1: 3 0.4 0.3 0.6 0.7']);
    expect(read('\r\n 0\t0.5  0.5 1 1 \r\n\n1 .25 2.5e-1 0.5 0.5\r')).to.deep.equal([
      'a.txt:2: 0 0 0 1 1',
      'a.txt:4: 1 0 0 0.5 0.5',
    ]);
    expect(read('2.0 0.5 0.5 0.2 0.4'), 'numpy.savetxt').to.deep.equal(['a.txt:1: 2 0.4 0.3 0.6 0.7']);
    expect(read('')).to.deep.equal([]);
  });

  it('may reach out of the picture with its sides, and past it by what rounding does', () => {
    expect(read('0 0 1 0.5 0.5')).to.deep.equal(['a.txt:1: 0 -0.25 0.75 0.25 1.25']);
    expect(read('0 -0.0009 1.0009 0.5 0.5')).to.deep.equal(['a.txt:1: 0 -0.2509 0.7509 0.2491 1.2509']);
    expect(refusal('0 -0.0011 0.5 0.5 0.5')).to.match(/: -0.0011 is not a share of the picture, from 0 to 1$/);
    expect(refusal('0 0.5 1.0011 0.5 0.5')).to.match(/: 1.0011 is not a share/);
  });

  it('of a polygon is the box around it; four corners are those of a turned box', () => {
    expect(read('1 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5')).to.deep.equal(['a.txt:1: 1 0.1 0.1 0.9 0.9']);
    expect(read('1 0.2 0.2 0.4 0.2 0.3 0.6')).to.deep.equal(['a.txt:1: 1 0.2 0.2 0.4 0.6']);
  });

  it('of a pose is its box: by kpt_shape, or if its visibilities can be nothing else', () => {
    const box = 'a.txt:1: 1 0.4 0.3 0.6 0.7';
    // Six points without visibility, and four with: both have as many numbers as a polygon of eight corners.
    const twelve = '0.45 0.35 0.55 0.35 0.5 0.5 0.45 0.6 0.55 0.6 0.5 0.65';
    expect(read(`1 0.5 0.5 0.2 0.4 ${twelve}`, { count: 6, numbers: 2 })).to.deep.equal([box]);
    expect(read('1 0.5 0.5 0.2 0.4 0.45 0.35 1 0.9 0.9 0', { count: 2, numbers: 3 })).to.deep.equal([box]);
    expect(read('1 0.5 0.5 0.2 0.4', { count: 6, numbers: 2 }), 'without points').to.deep.equal([box]);
    expect(read(`1 0.5 0.5 0.2 0.4 ${'0.5 0.6 2 '.repeat(17)}`), 'an odd count').to.deep.equal([box]);
    expect(read('1 0.5 0.5 0.2 0.4 0.45 0.35 0'), 'one point').to.deep.equal([box]);
    expect(read('1 0.5 0.5 0.2 0.4 0.45 0.35 2 0 0 0'), 'a 2 is no share').to.deep.equal([box]);
    expect(read('1 0.5 0.5 0.2 0.4 -0.1 1.7 2 0 0 0'), 'a point beside the picture').to.deep.equal([box]);
    // Without kpt_shape, corners at the edges are corners.
    expect(read('1 0.2 0.2 0.4 0.2 0.6 0.6 1 0.3 0.4 0')).to.deep.equal(['a.txt:1: 1 0.2 0 1 0.6']);
    expect(refusal('1 0.2 0.2 0.4 0.2 0.3 0.6', { count: 17, numbers: 3 })).to.equal(
      'invalid-data a.txt:1: the line has 7 fields; by kpt_shape [17, 3] a pose has 56',
    );
  });

  it('of a prediction with a score is refused with what to remove', () => {
    expect(thrown(() => readYoloLabels('0 0.5 0.5 0.2 0.4 0.93', 'a.txt')).describe()).to.include(
      'Remove the last number if it is a score',
    );
  });

  it('is refused if it is none: by what is wrong, where', () => {
    const wrong: readonly [text: string, message: string][] = [
      ['0 0.5 0.5', 'the line has 3 fields, and a box has 5'],
      ['0 0.5 0.5 0.2', 'the line has 4 fields, and a box has 5'],
      ['0 0.5 0.5 0.2 0.2 0.9', 'the line has 6 fields, and a box has 5'],
      ['0 0.5 0.5 0.2 0.2 0.9 0.1 0.3', 'the line has 8 fields, and a box has 5'],
      ['cat 0.5 0.5 0.2 0.2', '"cat" is not a number'],
      ['0,0.5,0.5,0.2,0.2', '"0,0.5,0.5,0.2,0.2" is not a number'],
      ['0 nan 0.5 0.2 0.2', '"nan" is not a number'],
      ['0 0.5 Infinity 0.2 0.2', '"Infinity" is not a number'],
      ['-1 0.5 0.5 0.2 0.2', 'the class -1 is not a whole number from 0'],
      ['1.5 0.5 0.5 0.2 0.2', 'the class 1.5 is not a whole number from 0'],
      ['0 0.5 0.5 0 0.2', 'the box has no area'],
      ['0 0.5 0.5 0.2 0', 'the box has no area'],
      ['0 0.2 0.2 0.2 0.4 0.2 0.6', 'the box has no area'],
      ['0 320 240 64 48', '320 is not a share of the picture, from 0 to 1'],
    ];
    for (const [text, message] of wrong) {
      expect(refusal(`0 0.5 0.5 0.2 0.2\n${text}\n`), text).to.equal(`invalid-data a.txt:2: ${message}`);
    }
  });
});
