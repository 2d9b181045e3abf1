import { expect } from 'chai';
import { drawText, FACES, type Face } from '../../../bench/ocr/text.ts';

const sans = FACES[0] as Face;

describe('bench/ocr/text', () => {
  it('draws the same mask twice', async () => {
    const style = { face: sans, size: 30, tilt: 0.02, slant: 0.1, blur: 0.7 };
    expect(await drawText('Twice', style)).to.deep.equal(await drawText('Twice', style));
  });

  it('draws every face differently', async () => {
    const masks = await Promise.all(FACES.map((face) => drawText('Hamburg', { face, size: 40 })));
    expect(new Set(masks.map(({ data }) => data.join())).size).to.equal(FACES.length);
  });

  it('crops to the ink and covers part of it', async () => {
    const { data, width, height } = await drawText('lll', { face: sans, size: 40 });
    expect(data).to.have.length(width * height);
    expect(height).to.be.within(28, 34);
    const covered = data.reduce((sum, x) => sum + x, 0) / 255 / data.length;
    expect(covered).to.be.within(0.3, 0.9);
  });

  it('draws characters that are special in markup', async () => {
    const [alone, both] = await Promise.all(['a', 'a<&>'].map((text) => drawText(text, { face: sans, size: 20 })));
    expect(both?.width).to.be.greaterThan(2 * (alone?.width as number));
  });
});
