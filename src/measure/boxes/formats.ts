/** Ways to write a box as four numbers, and how each becomes corners. */
import type { Box } from './box.ts';
import type { Anchor } from './grid.ts';

export const BOX_FORMATS = ['xyxy', 'cxcywh', 'xywh', 'ltrb', 'yolox', 'anchors'] as const;
export type BoxFormat = (typeof BOX_FORMATS)[number];

export const BOX_UNITS = ['pixels', 'unit', 'cells'] as const;
/** What coordinates count: pixels of the input, shares of its sides, or cells of the grid that the anchor stands on. */
export type BoxUnit = (typeof BOX_UNITS)[number];

type Decode = (a: number, b: number, c: number, d: number) => Box;

const FORMATS: Readonly<Record<BoxFormat, Decode>> = {
  // Whichever corners they are: exporters of TensorFlow begin with y, and NonMaxSuppression takes any diagonal.
  xyxy: (a, b, c, d) => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)],
  cxcywh: (x, y, w, h) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2],
  xywh: (x, y, w, h) => [x, y, x + w, y + h],
  // arXiv:1904.01355: distances to the left, upper, right and lower side.
  ltrb: (l, t, r, b) => [-l, -t, r, b],
  // arXiv:2107.08430: sizes are logarithms.
  yolox: (x, y, w, h) => FORMATS.cxcywh(x, y, Math.exp(w), Math.exp(h)),
  // arXiv:1506.01497, equation 2, on an anchor around 0 with sides of 1.
  anchors: (x, y, w, h) => FORMATS.cxcywh(x, y, Math.exp(w), Math.exp(h)),
};

/**
 * Turns four numbers into corners.
 *
 * @param anchor what they count from, and by; corners are in pixels then
 */
export function cornersOf(format: BoxFormat, [a, b, c, d]: readonly number[], anchor?: Anchor): Box {
  const [x1, y1, x2, y2] = FORMATS[format](a as number, b as number, c as number, d as number);
  if (anchor === undefined) return [x1, y1, x2, y2];
  const { x, y, width, height } = anchor;
  return [x + x1 * width, y + y1 * height, x + x2 * width, y + y2 * height];
}
