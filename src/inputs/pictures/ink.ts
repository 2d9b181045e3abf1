/** Pictures in cyan, magenta, yellow and black → red, green and blue. */

/**
 * What is left of light behind two inks, without a colour profile: as `convert("RGB")` of Pillow (Convert.c: cmyk2rgb), OpenCV and Chromium have it.
 *
 * @param step bytes a pixel: four, or more if transparency follows
 */
export function coloursOfInk(ink: ArrayLike<number>, step: number): Uint8Array {
  const colours = new Uint8Array((ink.length / step) * 3);
  for (let from = 0, to = 0; from < ink.length; from += step, to += 3) {
    const light = 255 - (ink[from + 3] as number);
    for (let c = 0; c < 3; c++) colours[to + c] = Math.round(((255 - (ink[from + c] as number)) * light) / 255);
  }
  return colours;
}
