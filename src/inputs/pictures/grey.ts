/** Colours → grey, as models are trained on it. */

/**
 * Makes three bytes a pixel one: 0.299 R + 0.587 G + 0.114 B of the bytes as they are. So do `convert("L")` of Pillow (Convert.c: L24), `cvtColor` of
 * OpenCV and TensorFlow; libvips would sum light instead, in which pure red is 127 and not 76.
 */
export function greyOf(colours: ArrayLike<number>): Uint8Array {
  const grey = new Uint8Array(colours.length / 3);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += 3) {
    const sum =
      (colours[at] as number) * 19595 + (colours[at + 1] as number) * 38470 + (colours[at + 2] as number) * 7471;
    grey[pixel] = (sum + 0x8000) >> 16;
  }
  return grey;
}
