import { expect } from 'chai';
import { renderLines } from '../../../bench/ocr/lines.ts';
import { MODELS, openSession } from '../../../bench/ocr/models.ts';
import { characterAgreement, decode, lineAgreement, readKeys, recognise } from '../../../bench/ocr/recognise.ts';

/** Scores of 1 at the given classes. */
const oneHot = (classes: number, ...steps: number[]) =>
  Float32Array.from(steps.flatMap((at) => Array.from({ length: classes }, (_, c) => +(c === at))));

describe('bench/ocr/recognise', function () {
  this.timeout(20_000);

  it('has a class for the blank, each key and the space', () => {
    const keys = readKeys();
    expect(keys).to.have.length(6625);
    expect([keys[0], keys.at(-1)]).to.deep.equal(['', ' ']);
    expect(keys.slice(1).every((key) => [...key].length === 1)).to.equal(true);
  });

  it('joins repetitions and leaves blanks out', () => {
    const keys = ['', 'a', 'b', ' '];
    const scores = oneHot(4, 1, 1, 0, 1, 3, 2, 0, 0, 2, 2, 2, 1);
    expect(decode(scores, 6, keys)).to.deep.equal(['aa b', 'ba']);
    expect(() => decode(scores, 5, keys)).to.throw(RangeError, 'not whole lines of 5 × 4');
  });

  it('measures the distance between readings, spaces not counted', () => {
    expect(characterAgreement(['kitten'], ['sitting'])).to.be.closeTo(1 - 3 / 7, 1e-12);
    expect(characterAgreement(['a b', 'xyz', ''], ['ab', '', ''])).to.be.closeTo(2 / 3, 1e-12);
    expect(lineAgreement(['a b', 'xyz'], ['ab', 'xyy'])).to.equal(0.5);
    expect(() => characterAgreement(['a'], [])).to.throw(RangeError, '1 readings against 0');
  });

  it('reads upright lines', async () => {
    const lines = await renderLines({ count: 10, seed: 3, width: 320, turned: 0 });
    const session = await openSession(MODELS.recogniser);
    const readings = await recognise(session, lines.data, lines.dims.slice(1), 4);
    expect(readings).to.have.length(10);
    expect(characterAgreement(readings, lines.texts)).to.be.greaterThan(0.9);
  });
});
