import { expect } from 'chai';
import { Random } from '../../../bench/ocr/random.ts';
import { randomText } from '../../../bench/ocr/words.ts';

describe('bench/ocr/words', () => {
  it('never exceeds the length asked for, and has no stray space', () => {
    for (let stream = 0; stream < 300; stream++) {
      const text = randomText(new Random(0, stream), 12);
      expect(text.length).to.be.within(1, 12);
      expect(text).to.match(/^\S+( \S+)*$/);
    }
  });
});
