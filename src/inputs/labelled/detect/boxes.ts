/** Boxes on a picture → boxes in the model's input. */
import type { PictureSize } from '../../images.ts';
import type { Placement } from '../../picture-fit.ts';
import type { LabelledBox } from '../types.ts';

/** Less of a box than this share does not show what it was drawn around. */
const LEAST_KEPT = 0.2;

/** Cuts a box at the edges of an input; undefined if less than a fifth of its area is left. */
export function clippedBox<T extends LabelledBox>(box: T, { width, height }: PictureSize): T | undefined {
  const { left, top, right, bottom } = box;
  const clipped = {
    ...box,
    left: Math.min(width, Math.max(0, left)),
    top: Math.min(height, Math.max(0, top)),
    right: Math.min(width, Math.max(0, right)),
    bottom: Math.min(height, Math.max(0, bottom)),
  };
  const area = (clipped.right - clipped.left) * (clipped.bottom - clipped.top);
  return area > 0 && area >= LEAST_KEPT * (right - left) * (bottom - top) ? clipped : undefined;
}

/** Brings boxes to where the picture lies in the input. */
export function placedBoxes<T extends LabelledBox>(
  boxes: readonly T[],
  picture: PictureSize,
  { left, top, width, height, input }: Placement,
): T[] {
  const [scaleX, scaleY] = [width / picture.width, height / picture.height];
  return boxes.flatMap((given) => {
    // First at the edges of the picture: with `contain`, there is padding behind them.
    const box = clippedBox(given, picture);
    if (box === undefined) return [];
    const placed = {
      ...box,
      left: left + box.left * scaleX,
      top: top + box.top * scaleY,
      right: left + box.right * scaleX,
      bottom: top + box.bottom * scaleY,
    };
    return clippedBox(placed, input) ?? [];
  });
}

/** For each picture the class, from 1, that fewest pictures have of those in it, which a split then keeps in proportion; 0 without boxes. */
export function rarestClasses(labels: readonly (readonly number[])[]): number[] {
  const counts = new Map<number, number>();
  for (const of of labels) for (const label of new Set(of)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const count = (label: number) => counts.get(label) ?? 0;
  return labels.map((of) => {
    if (of.length === 0) return 0;
    return 1 + of.reduce((rarest, label) => (count(label) < count(rarest) ? label : rarest));
  });
}
