/** Maps of scores and maps of boxes at several sizes, relative to anchors that are not in the file, as RetinaFace has them. */
import { isFloat } from '../../../onnx/data-type.ts';
import type { Context, Output } from '../../tasks/types.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder } from './types.ts';

interface Level {
  readonly boxes: Columns;
  readonly scores: Columns;
}

export const maps: RoleFinder = (outputs, context) => {
  const all = outputs.filter(({ type, dims }) => isFloat(type) && dims.length === 4);
  const sizes = new Map(all.map((it) => [sizeOf(it), all.filter((other) => sizeOf(other) === sizeOf(it))]));
  if (sizes.size < 2) return undefined;
  const levels = [...sizes.values()].map((list) => levelOf(list, context));
  if (!levels.every((it): it is Level => it !== undefined)) return undefined;
  const used = new Set(levels.flatMap(({ boxes, scores }) => [boxes.output, scores.output]));
  return {
    boxes: levels.map(({ boxes }) => boxes),
    scores: levels.map(({ scores }) => scores),
    objectness: false,
    rows: 'anchors',
    format: 'anchors',
    kind: 'probability',
    beside: outputs.map(({ name }) => name).filter((name) => !used.has(name)),
    why: `maps of scores and of boxes at ${sizes.size} sizes`,
  };
};

function sizeOf({ dims }: Output): string {
  return dims.slice(2).join('×');
}

function levelOf(outputs: readonly Output[], { evidence }: Context): Level | undefined {
  for (const { name, dims } of outputs) {
    const [, channels = 0] = dims;
    const isBinary = evidence.softmaxClasses(name) === 2 && channels % 2 === 0;
    if (!isBinary && evidence.made(name, 1) !== 'sigmoid') continue;
    const boxes = outputs.find((it) => it.name !== name && isBoxes(it, isBinary ? channels / 2 : undefined));
    if (boxes === undefined) continue;
    const anchors = (boxes.dims[1] ?? 0) / 4;
    if (!isBinary && channels % anchors !== 0) continue;
    const each = isBinary ? 1 : channels / anchors;
    return {
      boxes: { output: boxes.name, layout: 'maps', from: 0, to: 4, each: 4 },
      scores: { output: name, layout: isBinary ? 'halves' : 'maps', from: 0, to: each, each },
    };
  }
  return undefined;

  function isBoxes({ name, dims }: Output, anchors: number | undefined): boolean {
    const [, channels = 0] = dims;
    const isFit = anchors === undefined ? channels % 4 === 0 : channels === 4 * anchors;
    return isFit && evidence.made(name, 1) === 'linear';
  }
}
