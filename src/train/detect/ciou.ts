/**
 * Complete IoU of two boxes and its gradient (arXiv:1911.08287): CIoU = IoU − ρ²/c² − αv, where ρ is the distance of the centres, c the
 * diagonal of the box around both, v = 4/π² (atan W/H − atan w/h)² and α = v / (1 − IoU + v).
 *
 * α is differentiated as well, so that the gradient is exactly that of the value, and finite differences can check it.
 */
import type { Box } from '../../measure/boxes/box.ts';

/** How well a box fits another. */
export interface Fit {
  readonly iou: number;
  /** From −1.5 to 1. */
  readonly ciou: number;
  /** Of `ciou`, by the corners of the first box. */
  readonly gradient: Box;
}

const SHAPE = 4 / Math.PI ** 2;
/** Keeps the angle of a box without an area from dividing by 0. */
const SMALLEST = 1e-9;

/**
 * Compares a predicted box with the right one, both as corners of one unit.
 *
 * @param target has an area
 */
export function fitOf([x1, y1, x2, y2]: Box, [l, t, r, b]: Box): Fit {
  const [w, h] = [x2 - x1, y2 - y1];
  const [width, height] = [r - l, b - t];
  const iw = Math.min(x2, r) - Math.max(x1, l);
  const ih = Math.min(y2, b) - Math.max(y1, t);
  const isApart = iw <= 0 || ih <= 0;
  const inter = isApart ? 0 : iw * ih;
  const union = Math.max(0, w) * Math.max(0, h) + width * height - inter;
  const iou = inter / union;
  // d(I/U) = (dI (U + I) − I dA) / U², A the area of the first box.
  const byInter = isApart ? 0 : (union + inter) / union ** 2;
  const byArea = -inter / union ** 2;
  const sides = [x1 > l ? -ih : 0, y1 > t ? -iw : 0, x2 < r ? ih : 0, y2 < b ? iw : 0];
  const areas = [-h, -w, h, w];

  const [dx, dy] = [(x1 + x2 - l - r) / 2, (y1 + y2 - t - b) / 2];
  const [cw, ch] = [Math.max(x2, r) - Math.min(x1, l), Math.max(y2, b) - Math.min(y1, t)];
  const distance = dx * dx + dy * dy;
  const diagonal = cw * cw + ch * ch;
  const centres = [dx, dy, dx, dy];
  const diagonals = [x1 < l ? -2 * cw : 0, y1 < t ? -2 * ch : 0, x2 > r ? 2 * cw : 0, y2 > b ? 2 * ch : 0];

  const angle = Math.atan2(width, height) - Math.atan2(w, h);
  const v = SHAPE * angle * angle;
  const against = 1 - iou + v;
  const shape = against > 0 ? (v * v) / against : 0;
  const shapeByV = against > 0 ? (2 * v * against - v * v) / against ** 2 : 0;
  const shapeByIou = against > 0 ? (v / against) ** 2 : 0;
  const turn = (2 * SHAPE * angle) / Math.max(w * w + h * h, SMALLEST);
  const angles = [turn * h, -turn * w, -turn * h, turn * w];

  const by = (i: 0 | 1 | 2 | 3): number => {
    const at = (list: readonly number[]) => list[i] as number;
    const dIou = byInter * at(sides) + byArea * at(areas);
    const dDistance = (at(centres) * diagonal - distance * at(diagonals)) / diagonal ** 2;
    return dIou - dDistance - shapeByV * at(angles) - shapeByIou * dIou;
  };
  return { iou, ciou: iou - distance / diagonal - shape, gradient: [by(0), by(1), by(2), by(3)] };
}
