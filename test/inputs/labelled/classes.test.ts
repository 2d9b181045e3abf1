import { expect } from 'chai';
import {
  numberedClasses,
  requireDistinctNames,
  requireSeveral,
  resolveLabels,
  resolvePositions,
} from '../../../src/inputs/labelled/classes.ts';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import { thrown } from '../../support/errors.ts';

const resolve = (texts: readonly string[], options: Partial<LabelledOptions> = {}) =>
  resolveLabels(
    texts.map((text, index) => ({ text, place: `t.csv:${index + 1}` })),
    { task: 'classify', ...options },
  );
const refusal = (texts: readonly string[], options: Partial<LabelledOptions> = {}) => {
  const { code, file, message } = thrown(() => resolve(texts, options));
  return `${code} ${file}: ${message}`;
};

describe('labels as they are written', () => {
  it('may be more than a function takes arguments: large tables of numbers', () => {
    const texts = Array.from({ length: 300_000 }, (_, row) => `${row % 1000}`);
    const { classes, labels } = resolve(texts);
    expect(classes).to.have.length(1000);
    expect(labels).to.have.length(300_000);
    expect(labels[299_999]).to.equal(999);
  });

  it('are positions if all are whole numbers, also with zeros before them and classes that nobody has', () => {
    expect(resolve(['007', '2'])).to.deep.equal({ classes: ['0', '1', '2', '3', '4', '5', '6', '7'], labels: [7, 2] });
    expect(resolve(['0', '1'], { headClasses: 1 }).classes, 'one output').to.deep.equal(['0', '1']);
    expect(resolve(['0'], { headClasses: 3 }).classes).to.deep.equal(['0', '1', '2']);
  });

  it('are names if one is, in natural order or in that of the model if it has them all', () => {
    expect(resolve(['c10', 'c2', '7', 'c2'])).to.deep.equal({ classes: ['7', 'c2', 'c10'], labels: [2, 1, 0, 1] });
    const modelClasses = ['dog', 'cat', 'bird'];
    expect(resolve(['cat', 'dog'], { modelClasses })).to.deep.equal({ classes: modelClasses, labels: [1, 0] });
    expect(resolve(['cat', 'ant'], { modelClasses })).to.deep.equal({ classes: ['ant', 'cat'], labels: [1, 0] });
    expect(resolve(['cat', 'constructor'])).to.deep.equal({ classes: ['cat', 'constructor'], labels: [0, 1] });
  });

  it('are names of --classes before they are positions among them', () => {
    const classes = ['1', '0', 'cat'];
    expect(resolve(['0', '1', 'cat'], { classes })).to.deep.equal({ classes, labels: [1, 0, 2] });
    expect(resolve(['0', 'cat', '1'], { classes: ['dog', 'cat'] }).labels).to.deep.equal([0, 1, 1]);
    expect(resolve(['2', '0'], { classes: ['0', '1', '2'] }).labels).to.deep.equal([2, 0]);
  });

  it('are names alone where classes are called by numbers that are not their positions: 0 is none of 1, 2, 3', () => {
    expect(resolve(['1', '3', '2'], { classes: ['1', '2', '3'] }).labels).to.deep.equal([0, 2, 1]);
    expect(refusal(['1', '0'], { classes: ['1', '2', '3'] })).to.equal(
      'invalid-data t.csv:2: "0" is not one of the classes (1, 2, 3)',
    );
    expect(refusal(['0', '2'], { classes: ['1', '0', 'cat'] })).to.equal(
      'invalid-data t.csv:2: "2" is not one of the classes (1, 0, cat)',
    );
  });

  it('are no ids: more than a million classes are refused, not made', () => {
    expect(refusal(['3', '20261130'])).to.equal(
      'invalid-data t.csv:2: the class 20261130 would be one of more than 1000000',
    );
    expect(refusal(['99999999999999999999'])).to.match(/^invalid-data t.csv:1: the class 9{20} would/);
  });

  it('are refused with the first place that does not fit', () => {
    expect(refusal(['cat', '', ''])).to.equal('invalid-data t.csv:2: the label is empty');
    expect(refusal(['0', '1.0'])).to.equal('invalid-data t.csv:2: the class 1.0 is not a whole number from 0');
    expect(refusal(['0', '-1'])).to.equal('invalid-data t.csv:2: the class -1 is not a whole number from 0');
    expect(refusal(['0', '1e0'])).to.equal('invalid-data t.csv:2: the class 1e0 is not a whole number from 0');
    expect(refusal(['0', '2', '1'], { headClasses: 1 })).to.equal(
      'invalid-data t.csv:2: class 2 is out of range: there are 2 classes, 0 to 1',
    );
    expect(refusal(['a', 'Cat'], { classes: ['a', 'cat'] })).to.equal(
      'invalid-data t.csv:2: "Cat" is not one of the classes (a, cat)',
    );
    expect(refusal(['a', '2'], { classes: ['a', 'cat'] })).to.equal(
      'invalid-data t.csv:2: class 2 is out of range: there are 2 classes, 0 to 1',
    );
  });
});

describe('labels that are positions by their format', () => {
  const positions = (texts: readonly string[], options: Partial<LabelledOptions> = {}) =>
    resolvePositions(
      texts.map((text, index) => ({ text, place: `a.txt:${index + 1}` })),
      { task: 'detect', ...options },
    );

  it('are positions whatever the classes are called', () => {
    const classes = ['1', '2', '3'];
    expect(positions(['1', '0', '2'], { classes })).to.deep.equal({ classes, labels: [1, 0, 2] });
    expect(positions(['1'], { headClasses: 3 })).to.deep.equal({ classes: ['0', '1', '2'], labels: [1] });
    // More classes than the model has, if they are named.
    expect(positions(['2'], { classes, headClasses: 2 }).labels).to.deep.equal([2]);
  });

  it('are refused if they are none, or too many', () => {
    for (const [text, options, message] of [
      ['NaN', {}, 'the class NaN is not a whole number from 0'],
      ['NaN', { classes: ['a', 'b'] }, 'the class NaN is not a whole number from 0'],
      ['3', { classes: ['1', '2', '3'] }, 'class 3 is out of range: there are 3 classes, 0 to 2'],
      ['2', { headClasses: 2 }, 'class 2 is out of range: there are 2 classes, 0 to 1'],
      ['4294967296', {}, 'the class 4294967296 would be one of more than 1000000'],
    ] as const) {
      const error = thrown(() => positions(['0', text], options));
      expect(error, text).to.include({ code: 'invalid-data', file: 'a.txt:2', message });
    }
  });
});

describe('lists of classes', () => {
  it('have numbers as names where there are no others, as many as the model or the data has', () => {
    expect(numberedClasses(2, { task: 'segment' })).to.deep.equal(['0', '1', '2']);
    expect(numberedClasses(0, { task: 'segment', headClasses: 2 })).to.deep.equal(['0', '1']);
    expect(numberedClasses(3, { task: 'segment', headClasses: 2 })).to.deep.equal(['0', '1', '2', '3']);
  });

  it('have no name twice: the place of the second is told', () => {
    const list = (...names: readonly string[]) => names.map((text, at) => ({ text, place: `c.txt:${at + 1}` }));
    requireDistinctNames(list('a', 'A', 'b'));
    const error = thrown(() => requireDistinctNames(list('a', 'b', 'c', 'b', 'a')));
    expect(error).to.include({ code: 'invalid-data', file: 'c.txt:4', message: 'it names "b" twice' });
  });

  it('need two classes in what is learned; what is measured on may have one', () => {
    requireSeveral([0, 1, 1], ['a', 'b'], 'd', { task: 'classify' });
    requireSeveral([1, 1], ['a', 'b'], 'd', { task: 'classify', heldOut: true });
    const error = thrown(() => requireSeveral([1, 1], ['a', 'b'], 'd', { task: 'classify' }));
    expect(error).to.include({ code: 'invalid-data', file: 'd', message: 'all samples are of one class, "b"' });
  });
});
