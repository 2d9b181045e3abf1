/** Heads of detectors that answer distances from cells to the sides of boxes, as exporters write them, on pictures of 64 × 64. */
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';

const CHANNELS = 8;
const STRIDES = [8, 16, 32];
const BINS = 8;
/** 8² + 4² + 2². */
const CELLS = 84;

function trunk(): { net: Net; levels: { maps: string; side: number; stride: number }[] } {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 3, 64, 64]);
  const levels = STRIDES.map((stride) => {
    const weight = net.weight(`w${stride}`, [CHANNELS, 3, 1, 1]);
    const maps = net.node('Conv', [x, weight], { kernel_shape: [1, 1], strides: [stride, stride] });
    return { maps, side: 64 / stride, stride };
  });
  return { net, levels };
}

const ints = (net: Net, name: string, values: readonly number[]) =>
  net.weight(name, [values.length], values, DataType.INT64);

/** Scores and distances of one layer: classes first, as NanoDet has them, or last. */
function shared(net: Net, maps: string, classes: number, isLast = false): { scores: string; boxes: string } {
  const at = `${net.nodes.length}`;
  const outputs = isLast ? [`boxes${at}`, `scores${at}`] : [`scores${at}`, `boxes${at}`];
  const sizes = isLast ? [4 * BINS, classes] : [classes, 4 * BINS];
  const all = net.conv(maps, CHANNELS, classes + 4 * BINS);
  net.node('Split', [all, ints(net, `sizes${at}`, sizes)], { axis: 1 }, { outputs });
  return { scores: net.node('Sigmoid', [`scores${at}`]), boxes: `boxes${at}` };
}

/** [1, c, side, side] → [1, side², c]. */
function rows(net: Net, maps: string, width: number, name: string): void {
  const flat = net.node('Reshape', [maps, ints(net, `flat/${name}`, [1, width, -1])]);
  net.node('Transpose', [flat], { perm: [0, 2, 1] }, { outputs: [name] });
}

/** NanoDet: one table of chances and distributions, [1, 84, classes + 32]; `isLast`: chances behind them. */
export function nanoDet(classes: number, isLast = false): Model {
  const { net, levels } = trunk();
  const flat = levels.map(({ maps }) => {
    const { scores, boxes } = shared(net, maps, classes, isLast);
    const joined = net.node('Concat', isLast ? [boxes, scores] : [scores, boxes], { axis: 1 });
    return net.node('Reshape', [joined, ints(net, `flat${net.nodes.length}`, [1, classes + 4 * BINS, -1])]);
  });
  const all = net.node('Concat', flat, { axis: 2 });
  net.node('Transpose', [all], { perm: [0, 2, 1] }, { outputs: ['output'] });
  return net.output('output', [1, CELLS, classes + 4 * BINS]).model();
}

/** PicoDet: for each level a table of chances and one of distributions, from one layer. */
export function picoDet(classes: number): Model {
  const { net, levels } = trunk();
  for (const { maps, side, stride } of levels) {
    const { scores, boxes } = shared(net, maps, classes);
    rows(net, scores, classes, `scores${stride}`);
    rows(net, boxes, 4 * BINS, `boxes${stride}`);
    net.output(`scores${stride}`, [1, side * side, classes]).output(`boxes${stride}`, [1, side * side, 4 * BINS]);
  }
  return net.model();
}

/** GFL: maps of chances and of distributions, the coarsest first. */
export function gfl(classes: number): Model {
  const { net, levels } = trunk();
  for (const { maps, side, stride } of levels.toReversed()) {
    net.node('Sigmoid', [net.conv(maps, CHANNELS, classes)], {}, { outputs: [`scores${stride}`] });
    net.conv(maps, CHANNELS, 4 * BINS, { options: { outputs: [`boxes${stride}`] } });
    net.output(`scores${stride}`, [1, classes, side, side]).output(`boxes${stride}`, [1, 4 * BINS, side, side]);
  }
  return net.model();
}

/** FCOS in tables: chances, and exponentials, in cells or, times the stride, in pixels. */
export function fcos(classes: number, { isPixels = false } = {}): Model {
  return distancesIn(classes, { isPixels });
}

/** SCRFD: two anchors a cell, tables without a batch, and five points beside each box. */
export function scrfd(): Model {
  return distancesIn(1, { each: 2, points: 10 });
}

function distancesIn(classes: number, { each = 1, isPixels = false, points = 0 }): Model {
  const { net, levels } = trunk();
  const batch = points > 0 ? [] : [1];
  for (const { maps, side, stride } of levels) {
    const count = each * side * side;
    const tableOf = (width: number, name?: string) => {
      const layer = net.conv(maps, CHANNELS, each * width);
      const last = net.node('Transpose', [layer], { perm: [0, 2, 3, 1] });
      const shape = ints(net, `rows${net.nodes.length}`, [...batch, count, width]);
      return net.node('Reshape', [last, shape], {}, name === undefined ? {} : { outputs: [name] });
    };
    net.node('Sigmoid', [tableOf(classes)], {}, { outputs: [`scores${stride}`] });
    const scale = net.weight(`scale${stride}`, [1], [isPixels ? stride : 1.5]);
    net.node('Mul', [net.node('Exp', [tableOf(4)]), scale], {}, { outputs: [`boxes${stride}`] });
    net.output(`scores${stride}`, [...batch, count, classes]).output(`boxes${stride}`, [...batch, count, 4]);
    if (points === 0) continue;
    tableOf(points, `points${stride}`);
    net.output(`points${stride}`, [...batch, count, points]);
  }
  return net.model();
}
