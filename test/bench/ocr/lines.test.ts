import { expect } from 'chai';
import { accuracy } from '../../../bench/ocr/accuracy.ts';
import { renderLines } from '../../../bench/ocr/lines.ts';
import { MODELS, openSession, run } from '../../../bench/ocr/models.ts';
import { NOTES, PRINT } from '../../../bench/ocr/styles.ts';

describe('bench/ocr/lines', function () {
  this.timeout(20_000);

  it('repeats itself for a seed, whatever the count', async () => {
    const few = await renderLines({ count: 3, seed: 5 });
    const more = await renderLines({ count: 6, seed: 5 });
    expect(few.texts).to.deep.equal(more.texts.slice(0, 3));
    expect(few.data).to.deep.equal(more.data.slice(0, few.data.length));
    expect((await renderLines({ count: 3, seed: 6 })).texts).to.not.deep.equal(few.texts);
  });

  it('turns as many lines as asked, and writes the same either way up', async () => {
    const half = await renderLines({ count: 8, seed: 0 });
    expect([...half.labels]).to.deep.equal([0, 1, 0, 1, 0, 1, 0, 1]);
    const none = await renderLines({ count: 8, seed: 0, turned: 0 });
    expect([...none.labels]).to.deep.equal(Array(8).fill(0));
    expect(none.texts).to.deep.equal(half.texts);
  });

  it('has the shape and range that the models take', async () => {
    const { data, dims } = await renderLines({ count: 2, seed: 0, width: 320 });
    expect(dims).to.deep.equal([2, 3, 48, 320]);
    expect(data).to.have.length(2 * 3 * 48 * 320);
    expect(data.every((x) => x >= -1 && x <= 1)).to.equal(true);
  });

  it('shows another look of the same text', async () => {
    const print = await renderLines({ count: 2, seed: 0 });
    const notes = await renderLines({ count: 2, seed: 0, style: NOTES });
    expect(notes.texts).to.deep.equal(print.texts);
    expect(notes.data).to.not.deep.equal(print.data);
    expect(await renderLines({ count: 2, seed: 0, style: PRINT })).to.deep.equal(print);
  });

  it('shows lines that the source classifier can tell', async () => {
    const { data, dims, labels } = await renderLines({ count: 60, seed: 1 });
    const session = await openSession(MODELS.classifier);
    const scores = await run(session, data, dims.slice(1), 20);
    expect(accuracy(scores.data, labels)).to.be.greaterThan(0.9);
  });
});
