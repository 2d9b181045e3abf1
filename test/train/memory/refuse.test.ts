import { expect } from 'chai';
import { tooLittle } from '../../../src/train/memory/refuse.ts';

const MB = 1e6;
const needed = { needed: 900 * MB, limit: 500 * MB, isTyped: true };
/** A smallest run of 100 MB and a step that takes so much. */
const smallest = (step: number, more: { norms?: number; pictures?: readonly number[] } = {}) => {
  const { norms = Number.POSITIVE_INFINITY, pictures } = more;
  return tooLittle(needed, { fixed: 100 * MB, step: step * MB, norms, pictures }).next?.set;
};

describe('train/memory/refuse', () => {
  it('names the batch that fits, and the runs that make up for it', () => {
    const error = tooLittle(needed, { batch: 2, accumulate: 8 });
    expect(error).to.include({ code: 'invalid-arguments', node: '--memory', remedy: 'Use --batch 2 --accumulate 8' });
    expect(error.message).to.equal('training takes about 900 MB, and --memory is 500 MB');
    expect(error.next?.set).to.deep.equal({ batch: '2', accumulate: '8' });
    expect(tooLittle({ ...needed, isTyped: false }, { batch: 1, accumulate: 1 }).message).to.match(/500 MB is free$/);
  });

  it('names a size of pictures whose step fits, a multiple of 32, as high and wide in proportion', () => {
    // 0.9 · 400 MB of 800 are 0.45 of the pixels: 0.67 of each side.
    const set = smallest(800, { pictures: [1, 3, 320, 640] });
    expect(set).to.deep.equal({ size: '192x416' });
    const [h = 0, w = 0] = (set?.size ?? '').split('x').map(Number);
    expect(((h * w) / (320 * 640)) * 800).to.be.at.most(0.9 * 400);
  });

  it('names norms alone where pictures would be less than half as high or can’t be others, if those fit', () => {
    expect(smallest(1700, { pictures: [1, 3, 320, 640], norms: 300 * MB })).to.deep.equal({ train: 'norms' });
    expect(smallest(800, { norms: 300 * MB })).to.deep.equal({ train: 'norms' });
    expect(smallest(800, { pictures: [1, 3, 40, 640], norms: 300 * MB })).to.deep.equal({ train: 'norms' });
  });

  it('names the memory that it takes where nothing else would do, never less than that', () => {
    expect(smallest(800, { norms: 400 * MB })).to.deep.equal({ memory: '900MB' });
    const more = tooLittle(
      { ...needed, needed: 901 * MB },
      { fixed: 600 * MB, step: MB, norms: 1, pictures: [1, 3, 64, 64] },
    );
    // What is left of the limit is less than nothing.
    expect(more.next?.set).to.deep.equal({ memory: '910MB' });
  });
});
