import { expect } from 'chai';
import { answerWords, boxNamed, classNamed } from '../../src/report/answer-words.ts';

const classes = ['road', 'sky', 'tree'];
const box = (label: number) => ({ box: [0, 0, 1, 1] as const, label, score: 1 });

describe('answers in words', () => {
  it('name a class, with its chance if there is one', () => {
    expect(answerWords({ kind: 'class', label: 1, chance: 0.981 }, classes)).to.equal('sky 98.1 %');
    expect(answerWords({ kind: 'class', label: 7 }, classes)).to.equal('7');
    expect(classNamed(-1, classes)).to.equal('another class');
    expect(classNamed(2, null)).to.equal('2');
  });

  it('count boxes, the most frequent first', () => {
    expect(answerWords({ kind: 'boxes', boxes: [box(0), box(1), box(1)] }, classes)).to.equal('2 × sky, road');
    expect(answerWords({ kind: 'boxes', boxes: [] }, classes)).to.equal('nothing');
    expect(boxNamed({ ...box(0), name: 'moon' }, classes)).to.equal('moon');
  });

  it('tell the shares of a map, of pixels that have a label', () => {
    const map = (labels: number[]) => ({
      kind: 'map' as const,
      width: labels.length,
      height: 1,
      labels: Int16Array.from(labels),
    });
    expect(answerWords(map([0, 0, 1, -1]), classes)).to.equal('road 66.7 %, sky 33.3 % of the pixels');
    expect(answerWords(map([-1, -1]), classes)).to.equal('no pixel has a label');
  });

  it('list a few numbers by the names of their outputs', () => {
    expect(answerWords({ kind: 'values', values: { age: [31.24] } }, null)).to.equal('age 31.2');
    expect(answerWords({ kind: 'values', values: { pose: [1, 2, 3, 4, 5], age: [6] } }, null)).to.equal(
      'pose[0] 1, pose[1] 2, pose[2] 3, pose[3] 4',
    );
    expect(answerWords({ kind: 'values', values: { age: [Number.NaN] } }, null)).to.equal('age not finite');
    expect(answerWords(null, classes)).to.equal('–');
  });
});
