import { expect } from 'chai';
import { MODELS, openSession, run } from '../../../bench/ocr/models.ts';
import { shareFound, textShare } from '../../../bench/ocr/overlap.ts';
import { renderPages } from '../../../bench/ocr/pages.ts';
import { DUSK } from '../../../bench/ocr/styles.ts';

describe('bench/ocr/pages', function () {
  this.timeout(20_000);

  it('repeats itself for a seed, whatever the count', async () => {
    const one = await renderPages({ count: 1, seed: 5, size: 320 });
    const two = await renderPages({ count: 2, seed: 5, size: 320 });
    expect(one.boxes[0]).to.deep.equal(two.boxes[0]);
    // Compared as bytes: chai walks typed arrays one element at a time.
    expect(Buffer.from(one.data.buffer).equals(Buffer.from(two.data.buffer, 0, one.data.byteLength))).to.be.true;
    expect((await renderPages({ count: 1, seed: 6, size: 320 })).boxes).to.not.deep.equal(one.boxes);
  });

  it('keeps every line inside of its page', async () => {
    const { boxes } = await renderPages({ count: 4, seed: 0, size: 320 });
    for (const { x, y, width, height } of boxes.flat()) {
      expect(Math.min(x, y)).to.be.at.least(0);
      expect(Math.max(x + width, y + height)).to.be.at.most(320);
    }
  });

  it('moves nothing in another light', async () => {
    const [clear, dusk] = [
      await renderPages({ count: 1, seed: 5, size: 320 }),
      await renderPages({ count: 1, seed: 5, size: 320, light: DUSK }),
    ];
    expect(dusk.boxes).to.deep.equal(clear.boxes);
    expect(Buffer.from(dusk.data.buffer).equals(Buffer.from(clear.data.buffer))).to.be.false;
  });

  it('shows lines that the source detector finds', async () => {
    const { data, dims, boxes } = await renderPages({ count: 2, seed: 1 });
    const session = await openSession(MODELS.detector);
    const map = await run(session, data, dims.slice(1), 1);
    expect(map.dims).to.deep.equal([2, 1, 640, 640]);
    expect(shareFound(map.data, 640, boxes)).to.be.greaterThan(0.9);
    expect(textShare(map.data)).to.be.within(0.03, 0.4);
  });

  it('refuses a size that the detector cannot take', async () => {
    const error = await renderPages({ count: 1, seed: 0, size: 100 }).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'size 100 is no multiple of 32');
  });
});
