import { expect } from 'chai';
import { depthwise } from '../../../src/operators/conv/depthwise.ts';
import { BATCH, CHANNELS, SETTINGS, upTo, windowsOf } from '../support/windows.ts';
import { distance, Written } from '../support/written.ts';

describe('operators/conv/depthwise', () => {
  for (const setting of SETTINGS) {
    it(`gives each channel the gradient of its own kernel: ${setting.title}`, async () => {
      const g = new Written();
      const { it: windows, small, seen } = windowsOf(setting, g);
      const arrived = g.stored('small');
      const [rows, width] = setting.kernel;
      // dW[c, i, j] is what arrives at each window, times what the kernel position sees there.
      const expected = upTo(CHANNELS).flatMap((c) =>
        upTo(rows).flatMap((i) =>
          upTo(width).map((j) => {
            let sum = 0;
            for (const n of upTo(BATCH)) {
              const plane = n * CHANNELS + c;
              for (const row of upTo(small[0]))
                for (const column of upTo(small[1]))
                  sum +=
                    (arrived[(plane * small[0] + row) * small[1] + column] as number) * seen(plane, i, j, row, column);
            }
            return sum;
          }),
        ),
      );
      const found = await g.run(depthwise(g, windows, [CHANNELS, 1, rows, width]));
      expect(found.dims.map(Number)).to.deep.equal([CHANNELS, 1, rows, width]);
      // Sums of at most 640 products of float32: some √640 roundings.
      expect(distance(found.values, expected)).to.be.below(2e-6);
    });
  }

  it('gives kernels of one axis theirs, too', async () => {
    const g = new Written();
    const largeDims = [1, 2, 9];
    const smallDims = [1, 2, 7];
    const geometry = { kernel: [3], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] };
    const [large, small] = [g.value('large', largeDims), g.value('small', smallDims)];
    const [x, dy] = [g.stored('large'), g.stored('small')];
    const expected = [0, 1].flatMap((c) =>
      upTo(3).map((i) =>
        upTo(7).reduce((sum, at) => sum + (dy[7 * c + at] as number) * (x[9 * c + at + i] as number), 0),
      ),
    );
    const name = depthwise(g, { large, largeDims, small, smallDims, geometry, group: 2 }, [2, 1, 3]);
    expect(distance((await g.run(name)).values, expected)).to.be.below(2e-6);
  });
});
