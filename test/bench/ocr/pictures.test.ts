import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderLines } from '../../../bench/ocr/lines.ts';
import { writeLines } from '../../../bench/ocr/pictures.ts';
import { Net } from '../../../fixtures/build.ts';
import { imageInput, loadImage } from '../../../src/inputs/images.ts';
import { useScratch } from '../../support/scratch.ts';

describe('writeLines', () => {
  const scratch = useScratch();

  it('writes what is the classifier’s input again when it is read as that was trained', async () => {
    const folder = scratch().path('.');
    await writeLines(folder, 3, 5);
    const files = readdirSync(folder).sort();
    expect(files).to.deep.equal(['00.png', '01.png', '02.png']);
    const { data, dims } = await renderLines({ count: 3, seed: 5 });
    const net = new Net();
    const model = net.output(net.relu(net.input('x', ['N', ...dims.slice(1)]))).model();
    const input = imageInput(model, { mean: [0.5], std: [0.5], channelOrder: 'bgr' });
    const size = data.length / 3;
    for (const [index, file] of files.entries()) {
      const value = await loadImage(readFileSync(scratch().path(file)), input);
      const expected = data.subarray(index * size, (index + 1) * size);
      expect(value.dims).to.deep.equal([1, ...dims.slice(1)]);
      const apart = Math.max(
        ...Array.from(value.data as Float32Array, (it, i) => Math.abs(it - (expected[i] as number))),
      );
      // Half of a byte's step, and rounding.
      expect(apart).to.be.at.most(1 / 255 + 1e-6);
    }
  });
});
