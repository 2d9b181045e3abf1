import { expect } from 'chai';
import { paddedLarge, slicesOf } from '../../../src/operators/conv/windows.ts';
import { BATCH, CHANNELS, SETTINGS, upTo, windowsOf } from '../support/windows.ts';
import { Written } from '../support/written.ts';

describe('operators/conv/windows', () => {
  for (const setting of SETTINGS) {
    it(`gives each kernel position what it sees of the map: ${setting.title}`, async () => {
      const g = new Written();
      const { it: windows, small, seen } = windowsOf(setting, g);
      const slices = slicesOf(g, windows);
      const [rows, width] = setting.kernel;
      expect(slices).to.have.lengthOf(rows * width);
      for (const [index, slice] of slices.entries()) {
        const [i, j] = [Math.floor(index / width), index % width];
        const expected = upTo(BATCH * CHANNELS).flatMap((plane) =>
          upTo(small[0]).flatMap((row) => upTo(small[1]).map((column) => seen(plane, i, j, row, column))),
        );
        const found = await g.run(slice);
        expect(found.dims.map(Number)).to.deep.equal([BATCH, CHANNELS, ...small]);
        expect(found.values, `${i}, ${j}`).to.deep.equal(expected);
      }
    });
  }

  it('pads no more than the windows reach, and leaves a map without a border alone', async () => {
    const g = new Written();
    const plain = windowsOf({ title: '', large: [5, 5], kernel: [2, 2] }, g).it;
    expect(paddedLarge(g, plain)).to.deep.equal({ name: 'large', dims: plain.largeDims });
    const wide = new Written();
    // The window at the end begins before the second row of zeros.
    const { it: windows } = windowsOf(
      { title: '', large: [4, 4], kernel: [2, 2], strides: [2, 2], pads: [0, 0, 2, 1] },
      wide,
    );
    const { name, dims } = paddedLarge(wide, windows);
    expect(dims).to.deep.equal([BATCH, CHANNELS, 6, 4]);
    expect((await wide.run(name)).dims.map(Number)).to.deep.equal([...dims]);
  });
});
