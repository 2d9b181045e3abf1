/** Boxes from a detector's raw outputs, what is left of them after non-maximum suppression, and how many another set keeps. */
import type { Values } from '../../src/runtime/session.ts';

/** Corners in pixels of the model's input. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly score: number;
  readonly kind: number;
}

/** Boxes of one picture with a score of `least` or more, not yet suppressed. */
export type Decode = (outputs: Values, least: number) => Box[];

const numbers = (outputs: Values, name: string) => outputs[name]?.data as Float32Array;

/** YOLOv8 and YOLO11: [1, 4 + classes (+ masks), anchors], centre and size in pixels, probabilities. */
export function yolo8(output: string, classes: number): Decode {
  return (outputs, least) => {
    const data = numbers(outputs, output);
    const anchors = outputs[output]?.dims[2] as number;
    const boxes: Box[] = [];
    for (let kind = 0; kind < classes; kind++) {
      for (let a = 0; a < anchors; a++) {
        const score = data[(4 + kind) * anchors + a] as number;
        if (score < least) continue;
        const [x, y, w, h] = [0, 1, 2, 3].map((row) => data[row * anchors + a] as number) as [
          number,
          number,
          number,
          number,
        ];
        boxes.push({ x0: x - w / 2, y0: y - h / 2, x1: x + w / 2, y1: y + h / 2, score, kind });
      }
    }
    return boxes;
  };
}

/** YOLOX before its cells are added: [1, cells, 5 + classes], objectness × class. */
export function yoloX(output: string, size: number): Decode {
  const cells = [8, 16, 32].flatMap((stride) =>
    Array.from({ length: (size / stride) ** 2 }, (_, i) => ({
      stride,
      column: i % (size / stride),
      row: Math.floor(i / (size / stride)),
    })),
  );
  return (outputs, least) => {
    const data = numbers(outputs, output);
    const width = outputs[output]?.dims[2] as number;
    return cells.flatMap(({ stride, column, row }, a): Box[] => {
      const at = (k: number) => data[a * width + k] as number;
      let [score, kind] = [0, 0];
      for (let k = 5; k < width; k++) if (at(4) * at(k) > score) [score, kind] = [at(4) * at(k), k - 5];
      if (score < least) return [];
      const [x, y] = [(at(0) + column) * stride, (at(1) + row) * stride];
      const [w, h] = [Math.exp(at(2)) * stride, Math.exp(at(3)) * stride];
      return [{ x0: x - w / 2, y0: y - h / 2, x1: x + w / 2, y1: y + h / 2, score, kind }];
    });
  };
}

/** RetinaFace of insightface: two square anchors a cell on three strides. */
export const retinaFace: Decode = (outputs, least) =>
  (
    [
      [32, [32, 16]],
      [16, [8, 4]],
      [8, [2, 1]],
    ] as const
  ).flatMap(([stride, scales]) => {
    const score = numbers(outputs, `face_rpn_cls_prob_reshape_stride${stride}`);
    const delta = numbers(outputs, `face_rpn_bbox_pred_stride${stride}`);
    const width = outputs[`face_rpn_bbox_pred_stride${stride}`]?.dims[3] as number;
    const cells = width * (outputs[`face_rpn_bbox_pred_stride${stride}`]?.dims[2] as number);
    const boxes: Box[] = [];
    for (const [q, scale] of scales.entries()) {
      for (let i = 0; i < cells; i++) {
        const p = score[(q + 2) * cells + i] as number;
        if (p < least) continue;
        const at = (k: number) => delta[(q * 4 + k) * cells + i] as number;
        const size = 16 * scale;
        const [x, y] = [8 + (i % width) * stride + size * at(0), 8 + Math.floor(i / width) * stride + size * at(1)];
        const [w, h] = [size * Math.exp(at(2)), size * Math.exp(at(3))];
        boxes.push({ x0: x - w / 2, y0: y - h / 2, x1: x + w / 2, y1: y + h / 2, score: p, kind: 0 });
      }
    }
    return boxes;
  });

function iou(a: Box, b: Box): number {
  const w = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const h = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (w <= 0 || h <= 0) return 0;
  const area = (it: Box) => (it.x1 - it.x0) * (it.y1 - it.y0);
  return (w * h) / (area(a) + area(b) - w * h);
}

/** Class by class, the best first. */
export function suppress(boxes: readonly Box[], limit: number): Box[] {
  const kept: Box[] = [];
  for (const box of boxes.toSorted((a, b) => b.score - a.score).slice(0, 3000)) {
    if (!kept.some((it) => it.kind === box.kind && iou(it, box) > limit)) kept.push(box);
  }
  return kept;
}

/** Of all pictures together. */
export interface Kept {
  readonly recall: number;
  readonly precision: number;
}

/** How many boxes of the source are found, and how many of those found are the source's; each is matched once, the best first. */
export function compare(source: readonly (readonly Box[])[], other: readonly (readonly Box[])[], least: number): Kept {
  let [count, found, matched] = [0, 0, 0];
  for (const [picture, boxes] of source.entries()) {
    const left = new Set(other[picture]?.filter(({ score }) => score >= least));
    count += boxes.length;
    found += left.size;
    for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
      const fits = [...left].filter((it) => it.kind === box.kind && iou(it, box) >= 0.5);
      const [best] = fits.sort((a, b) => iou(b, box) - iou(a, box));
      if (best === undefined) continue;
      left.delete(best);
      matched++;
    }
  }
  return { recall: matched / count, precision: matched / found };
}

/** Average precision over all pictures, with the boxes of the source as the truth: the area under precision as the recall rises. */
export function averagePrecision(
  source: readonly (readonly Box[])[],
  other: readonly (readonly Box[])[],
  overlap: number,
): number {
  const left = source.map((boxes) => new Set(boxes));
  const count = source.flat().length;
  const all = other.flatMap((boxes, picture) => boxes.map((box) => ({ box, picture })));
  const hits = all
    .toSorted((a, b) => b.box.score - a.box.score)
    .map(({ box, picture }) => {
      const own = left[picture] as Set<Box>;
      const fits = [...own].filter((it) => it.kind === box.kind && iou(it, box) >= overlap);
      const [best] = fits.sort((a, b) => iou(b, box) - iou(a, box));
      if (best !== undefined) own.delete(best);
      return best !== undefined;
    });
  let [matched, area] = [0, 0];
  const precisions = hits.map((hit, index) => (hit ? ++matched : matched) / (index + 1));
  // Precision at a recall is the best at that recall or a higher one.
  for (let index = precisions.length - 2; index >= 0; index--) {
    precisions[index] = Math.max(precisions[index] as number, precisions[index + 1] as number);
  }
  for (const [index, hit] of hits.entries()) if (hit) area += (precisions[index] as number) / count;
  return area;
}
