/** Whether pixels are transparent; what WebGL reads is held by test/browser/pictures.browser.ts. */
import { expect } from 'chai';
import { hasTransparency, unmultiplied } from '../../../src/inputs/pictures/unmultiplied.ts';

describe('transparency', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'OffscreenCanvas');
  });

  it('is any fourth byte below 255', () => {
    expect(hasTransparency([])).to.equal(false);
    expect(hasTransparency([0, 0, 0, 255, 1, 2, 3, 255])).to.equal(false);
    expect(hasTransparency([255, 255, 255, 255, 1, 2, 3, 254])).to.equal(true);
  });

  it('is refused in words by a browser that would blend it', () => {
    for (const gl of [null, { getParameter: () => 4096, isContextLost: () => true }]) {
      Object.assign(globalThis, {
        OffscreenCanvas: class {
          getContext = () => gl;
        },
      });
      expect(() => unmultiplied({ height: 10, width: 5000 } as ImageBitmap)).to.throw(
        /blend the transparency of 5000×10 pixels/,
      );
    }
  });
});
