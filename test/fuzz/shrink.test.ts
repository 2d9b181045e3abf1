import { expect } from 'chai';
import { shrink } from '../../fuzz/shrink.ts';

describe('shrink', () => {
  it('leaves what fails, and nothing else', async () => {
    const input = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);
    const fails = async (bytes: Uint8Array) => bytes.includes(17) && bytes.includes(200);
    expect([...(await shrink(input, fails))].sort((a, b) => a - b)).to.deep.equal([17, 200]);
  });

  it('asks no more than it may', async () => {
    let asked = 0;
    const least = await shrink(
      new Uint8Array(100),
      async () => {
        asked++;
        return false;
      },
      10,
    );
    expect([asked, least.length]).to.deep.equal([10, 100]);
  });
});
