import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { KEYS, MODELS, openSession, run } from '../../../bench/ocr/models.ts';

const LINE = [3, 48, 192];
const SIZE = 3 * 48 * 192;

describe('bench/ocr/models', () => {
  it('finds the models and the keys', () => {
    for (const path of [...Object.values(MODELS), KEYS]) expect(existsSync(path), path).to.equal(true);
  });

  it('answers the same in any batch, from a file and from bytes', async () => {
    const data = Float32Array.from({ length: 5 * SIZE }, (_, i) => Math.sin(i / 7));
    const session = await openSession(MODELS.classifier);
    const alone = await run(session, data, LINE, 1);
    expect(alone.dims).to.deep.equal([5, 2]);
    const bytes = await openSession(readFileSync(MODELS.classifier));
    const paired = await run(bytes, data, LINE, 2);
    expect(paired.dims).to.deep.equal([5, 2]);
    // Kernels may block sums differently by batch: float32 rounding through some 50 layers.
    paired.data.forEach((x, i) => {
      expect(x).to.be.closeTo(alone.data[i] as number, 1e-4);
    });
  });

  it('refuses half samples and empty batches', async () => {
    const session = await openSession(MODELS.classifier);
    const refusal = (length: number, batch: number) =>
      run(session, new Float32Array(length), LINE, batch).catch((error: unknown) => error);
    expect(await refusal(SIZE + 1, 1)).to.be.instanceOf(RangeError);
    expect(await refusal(0, 1)).to.be.instanceOf(RangeError);
    expect(await refusal(SIZE, 0)).to.be.instanceOf(RangeError);
  });
});
