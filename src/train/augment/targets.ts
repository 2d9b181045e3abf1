/** What was drawn on a picture follows its pixels. */
import { clippedBox } from '../../inputs/labelled/detect/boxes.ts';
import { type LabelledBox, type Target, UNLABELLED } from '../../inputs/labelled/types.ts';
import { type Affine, inverse, type Size } from './affine.ts';

/** A target, moved as its picture was. Classes and numbers stay. */
export function movedTarget(target: Target, map: Affine, size: Size): Target {
  switch (target.kind) {
    case 'map':
      return { ...target, labels: movedLabels(target.labels, map, target) };
    case 'boxes': {
      const moved = <T extends LabelledBox>(boxes: readonly T[]) =>
        boxes.flatMap((box) => movedBox(box, map, size) ?? []);
      const { boxes, leftOut } = target;
      return { kind: 'boxes', boxes: moved(boxes), ...(leftOut && { leftOut: moved(leftOut) }) };
    }
    default:
      return target;
  }
}

/** The nearest pixel's class; nobody drew what comes from outside. */
function movedLabels(labels: Int16Array, map: Affine, { height, width }: Size): Int16Array {
  const back = inverse(map);
  const moved = new Int16Array(labels.length).fill(UNLABELLED);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const column = Math.floor(back.xx * (x + 0.5) + back.xy * (y + 0.5) + back.x0);
      const row = Math.floor(back.yx * (x + 0.5) + back.yy * (y + 0.5) + back.y0);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      moved[to] = labels[row * width + column] as number;
    }
  }
  return moved;
}

/** The box around the moved corners, within the picture; undefined if less than a fifth of it is left. */
function movedBox<T extends LabelledBox>(given: T, map: Affine, size: Size): T | undefined {
  const { left, top, right, bottom } = given;
  const corners = [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ] as const;
  const xs = corners.map(([x, y]) => map.xx * x + map.xy * y + map.x0);
  const ys = corners.map(([x, y]) => map.yx * x + map.yy * y + map.y0);
  const box = {
    ...given,
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
  return clippedBox(box, size);
}
