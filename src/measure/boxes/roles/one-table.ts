/** One output with a row for each anchor: four numbers of a box, then scores, as the YOLO family has it. */
import { isFloat } from '../../../onnx/data-type.ts';
import type { Segment } from '../../evidence.ts';
import type { Context, Output } from '../../tasks/types.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder, Roles } from './types.ts';

const BOX = 4;

export const oneTable: RoleFinder = (outputs, context) => {
  for (const output of outputs) {
    if (output.dims.length !== 3 || !isFloat(output.type)) continue;
    const roles = byMakers(output, context);
    if (roles === undefined) continue;
    // Masks' prototypes and the like.
    const others = outputs.filter((it) => it !== output).map(({ name }) => name);
    return { ...roles, beside: others };
  }
  return undefined;
};

/** Four numbers that no Sigmoid made, then some that one did. */
function byMakers({ name, dims }: Output, { evidence }: Context): Roles | undefined {
  for (const axis of [2, 1]) {
    const segments = evidence.segments(name, axis);
    const start = startOf(segments, dims[axis] ?? 0);
    const scores = start === undefined ? [] : run(segments.slice(start));
    const count = scores.reduce((sum, { size = 0 }) => sum + size, 0);
    if (start === undefined || count === 0 || scores.some(({ size }) => size === undefined)) continue;
    const width = dims[axis] ?? 0;
    const objectness = hasObjectness(scores, count, evidence.classes);
    const isRaw = segments.slice(0, start).every(({ made }) => made === 'linear');
    const columns = (from: number, to: number): Columns => ({
      output: name,
      layout: axis === 2 ? 'nrc' : 'ncr',
      from,
      to,
    });
    if (width < BOX + count) continue;
    return {
      boxes: [columns(0, BOX)],
      scores: [columns(BOX, BOX + count)],
      objectness,
      rows: 'anchors',
      // A layer's own numbers are no coordinates yet; with an objectness it is YOLOX without its decoding.
      format: isRaw ? (objectness ? 'yolox' : 'anchors') : undefined,
      kind: 'probability',
      beside: [],
      why: `a Sigmoid produces ${count === 1 ? `column ${BOX}` : `columns ${BOX} to ${BOX + count - 1}`} of ${name}, but not the four before ${count === 1 ? 'it' : 'them'}`,
    };
  }
  return undefined;
}

/** How many segments the first four columns are. */
function startOf(segments: readonly Segment[], total: number): number | undefined {
  const scores = segments.findIndex(({ made }) => made === 'sigmoid');
  const front = segments.slice(0, Math.max(0, scores));
  if (scores < 1 || front.some(({ made }) => made === 'softmax')) return undefined;
  const widthOf = (of: readonly Segment[]) => of.reduce((sum, { size = Number.NaN }) => sum + size, 0);
  const own = widthOf(front);
  // Shapes of decoded boxes may be computed from grids: they are as wide as what is left.
  return (Number.isNaN(own) ? total - widthOf(segments.slice(scores)) : own) === BOX ? scores : undefined;
}

function run(segments: readonly Segment[]): Segment[] {
  const end = segments.findIndex(({ made }) => made !== 'sigmoid');
  return end === -1 ? [...segments] : segments.slice(0, end);
}

function hasObjectness(scores: readonly Segment[], count: number, classes: number | undefined): boolean {
  if (classes !== undefined) return count === classes + 1;
  const [first] = scores;
  // One Sigmoid over all numbers of an anchor, as in YOLOv5: its first score is the objectness.
  return (scores.length > 1 && first?.size === 1) || (count > 1 && first?.carved === true);
}
