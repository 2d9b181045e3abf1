/// <reference lib="dom" />
/** Pixels of a bitmap with the colours under its transparency, which a canvas multiplies into them: read by WebGL. */
import { GnSwapError } from '../../errors.ts';

/** Whether a pixel lets something through. @param rgba four bytes for each pixel */
export function hasTransparency(rgba: ArrayLike<number>): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return true;
  return false;
}

/** Four bytes for each pixel, as the file has them. @throws GnSwapError `invalid-data` if the browser cannot tell them */
export function unmultiplied(bitmap: ImageBitmap): Uint8Array {
  const { height, width } = bitmap;
  const gl = drawing();
  if (gl === null || Math.max(height, width) > (gl.getParameter(gl.MAX_TEXTURE_SIZE) as number)) {
    throw new GnSwapError('invalid-data', `this browser would blend the transparency of ${width}×${height} pixels`, {
      remedy: 'Save the picture as PNG, or without transparency',
    });
  }
  const texture = gl.createTexture();
  const frame = gl.createFramebuffer();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const rgba = new Uint8Array(4 * height * width);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  gl.deleteFramebuffer(frame);
  gl.deleteTexture(texture);
  return rgba;
}

let context: WebGLRenderingContext | null = null;

/** One for all pictures: a page may have few. */
function drawing(): WebGLRenderingContext | null {
  if (context === null || context.isContextLost()) context = new OffscreenCanvas(1, 1).getContext('webgl');
  return context;
}
