/** Heads of detectors as exporters write them, on pictures of 64 × 64, behind one layer. */
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const CHANNELS = 8;
const STRIDES = [8, 16, 32];
/** 8² + 4² + 2². */
export const ANCHORS = 84;

function trunk(): { net: Net; levels: string[] } {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 3, 64, 64]);
  const levels = STRIDES.map((stride) => {
    const weight = net.weight(`w${stride}`, [CHANNELS, 3, 1, 1]);
    return net.node('Conv', [x, weight], { kernel_shape: [1, 1], strides: [stride, stride] });
  });
  return { net, levels };
}

const ints = (net: Net, name: string, values: readonly number[]) =>
  net.weight(name, [values.length], values, DataType.INT64);

/** Flattened levels side by side, [1, channels, anchors]; with an open batch, which is joined to the shape. */
function flattened(net: Net, parts: readonly string[], channels: number, isOpen = false): string {
  const name = `flat${net.nodes.length}`;
  const joined = () => {
    const batch = net.node('Gather', [net.node('Shape', ['x']), ints(net, `${name}/first`, [0])]);
    return net.node('Concat', [batch, ints(net, `${name}/count`, [channels]), ints(net, `${name}/rest`, [-1])], {
      axis: 0,
    });
  };
  const shape = isOpen ? joined() : ints(net, name, [1, channels, -1]);
  return net.node(
    'Concat',
    parts.map((part) => net.node('Reshape', [part, shape])),
    { axis: 2 },
  );
}

const transposed = (net: Net, x: string) => net.node('Transpose', [x], { perm: [0, 2, 1] }, { outputs: ['output'] });

/** Middles of all cells in pixels, [84][2], and the pixels between cells. */
const CELLS = STRIDES.flatMap((stride) =>
  Array.from({ length: (64 / stride) ** 2 }, (_, cell) => {
    const side = 64 / stride;
    return { x: ((cell % side) + 0.5) * stride, y: (Math.floor(cell / side) + 0.5) * stride, stride };
  }),
);

/** Offsets to anchors of two cells' sides, [1, 84, 4] → corners, or middles and sides, in pixels or as shares of the picture. */
function decoded(
  net: Net,
  offsets: string,
  format: 'xyxy' | 'cxcywh' | 'xywh',
  unit: 'pixels' | 'unit',
  name: string,
): string {
  const scale = unit === 'unit' ? 1 / 64 : 1;
  const column = (label: string, width: number, values: readonly number[]) =>
    net.weight(
      `${label}/${name}`,
      [1, ANCHORS, width],
      values.map((it) => it * scale),
    );
  const parts = [`shift/${name}`, `grow/${name}`];
  net.node('Split', [offsets, ints(net, `halves/${name}`, [2, 2])], { axis: 2 }, { outputs: parts });
  const [shift = '', grow = ''] = parts;
  const side = column(
    'sides',
    1,
    CELLS.map(({ stride }) => 2 * stride),
  );
  const middles = column(
    'middles',
    2,
    CELLS.flatMap(({ x, y }) => [x, y]),
  );
  const middle = net.node('Add', [net.node('Mul', [shift, side]), middles]);
  const most = net.weight(`most/${name}`, [], [4.1]);
  const size = net.node('Mul', [net.node('Exp', [net.node('Clip', [grow, '', most])]), side]);
  const half = net.node('Mul', [size, net.weight(`half/${name}`, [1], [0.5])]);
  const columns =
    format === 'xywh'
      ? [net.node('Sub', [middle, half]), size]
      : format === 'cxcywh'
        ? [middle, size]
        : [net.node('Sub', [middle, half]), net.node('Add', [middle, half])];
  return net.node('Concat', columns, { axis: 2 }, { outputs: [name] });
}

/** YOLOX without its decoding: box, objectness and classes by level, [1, 84, 4 + 1 + classes]. */
export function yolox(classes: number): Model {
  const { net, levels } = trunk();
  const parts = levels.map((level) => {
    const box = net.conv(level, CHANNELS, 4);
    const [object, cls] = [1, classes].map((count) => net.node('Sigmoid', [net.conv(level, CHANNELS, count)]));
    return net.node('Concat', [box, object as string, cls as string], { axis: 1 });
  });
  transposed(net, flattened(net, parts, 5 + classes));
  return net.output('output', [1, ANCHORS, 5 + classes]).model();
}

/** YOLOv8: decoded boxes above probabilities, [1, 4 + classes (+ masks), 84]. `isOpen`: as exported with an open batch. */
export function yolov8(classes: number, masks = 0, isOpen = false): Model {
  const { net, levels } = trunk();
  const boxes = flattened(
    net,
    levels.map((level) => net.conv(level, CHANNELS, 4)),
    4,
  );
  const split = ints(net, 'sides', [2, 2]);
  net.node('Split', [net.node('Softplus', [boxes]), split], { axis: 1 }, { outputs: ['before', 'behind'] });
  const points = net.weight(
    'points',
    [1, 2, ANCHORS],
    [CELLS.map(({ x, stride }) => x / stride), CELLS.map(({ y, stride }) => y / stride)].flat(),
  );
  const [start, end] = [net.node('Sub', [points, 'before']), net.node('Add', [points, 'behind'])];
  const middle = net.node('Div', [net.node('Add', [start, end]), net.weight('two', [1], [2])]);
  const cells = net.node('Concat', [middle, net.node('Sub', [end, start])], { axis: 1 });
  const strides = net.weight(
    'strides',
    [1, 1, ANCHORS],
    CELLS.map(({ stride }) => stride),
  );
  const decodedBoxes = net.node('Mul', [cells, strides]);
  const scores = flattened(
    net,
    levels.map((level) => net.conv(level, CHANNELS, classes)),
    classes,
    isOpen,
  );
  const parts = [decodedBoxes, net.node('Sigmoid', [scores])];
  if (masks > 0)
    parts.push(
      flattened(
        net,
        levels.map((level) => net.conv(level, CHANNELS, masks)),
        masks,
      ),
    );
  net.node('Concat', parts, { axis: 1 }, { outputs: ['output'] });
  return net.output('output', [1, 4 + classes + masks, ANCHORS]).model();
}

/** YOLOv5: one Sigmoid over all numbers of an anchor, split into centre, size and scores, [1, 84, 5 + classes]. */
export function yolov5(classes: number): Model {
  const { net, levels } = trunk();
  const width = 5 + classes;
  const parts = levels.map((level, index) => {
    const side = 64 / (STRIDES[index] as number);
    const shape = ints(net, `s${index}`, [1, 1, width, side, side]);
    const back = ints(net, `b${index}`, [1, -1, width]);
    const split = ints(net, `p${index}`, [2, 2, 1 + classes]);
    const maps = net.node('Reshape', [net.conv(level, CHANNELS, width), shape]);
    const all = net.node('Sigmoid', [net.node('Transpose', [maps], { perm: [0, 1, 3, 4, 2] })]);
    const outputs = ['xy', 'wh', 'conf'].map((name) => `${name}${index}`);
    net.node('Split', [all, split], { axis: 4 }, { outputs });
    const two = net.weight(`two${index}`, [1], [2]);
    const stride = STRIDES[index] as number;
    const corners = CELLS.filter((it) => it.stride === stride).flatMap(({ x, y }) => [x / stride - 1, y / stride - 1]);
    const grid = net.weight(`grid${index}`, [1, 1, side, side, 2], corners);
    const cells = net.node('Add', [net.node('Mul', [outputs[0] as string, two]), grid]);
    const xy = net.node('Mul', [cells, net.weight(`stride${index}`, [1], [stride])]);
    const sides = net.node('Pow', [net.node('Mul', [outputs[1] as string, two]), two]);
    const wh = net.node('Mul', [sides, net.weight(`anchor${index}`, [2], [2 * stride, 3 * stride])]);
    return net.node('Reshape', [net.node('Concat', [xy, wh, outputs[2] as string], { axis: 4 }), back]);
  });
  net.node('Concat', parts, { axis: 1 }, { outputs: ['output'] });
  return net.output('output', [1, ANCHORS, width]).model();
}

/** What a grid of an old exporter is laid out by. */
export interface Yolov3Options {
  /** NonZero of ones, of a size that is computed: as PyTorch wrote `arange` before opset 11. */
  readonly isComputed?: boolean;
}

/** YOLOv3: three anchors a cell of one layer; a Sigmoid of their middle, and another of objectness and classes, [1, 252, 5 + classes]. */
export function yolov3(classes: number, { isComputed = false }: Yolov3Options = {}): Model {
  const { net, levels } = trunk();
  const width = 5 + classes;
  const parts = levels.map((level, index) => {
    const [stride, side] = [STRIDES[index] as number, 64 / (STRIDES[index] as number)];
    const maps = net.node('Reshape', [
      net.conv(level, CHANNELS, 3 * width),
      ints(net, `s${index}`, [1, 3, width, side, side]),
    ]);
    const rows = net.node('Transpose', [maps], { perm: [0, 1, 3, 4, 2] });
    const part = (from: number, to: number) =>
      net.node('Slice', [rows, ...[from, to, 4].map((it, at) => ints(net, `at${index}_${from}_${at}`, [it]))]);
    const corners = CELLS.filter((it) => it.stride === stride).flatMap(({ x, y }) => [
      x / stride - 0.5,
      y / stride - 0.5,
    ]);
    const stored = net.weight(`grid${index}`, [1, 1, side, side, 2], corners);
    const grid = isComputed ? net.node('Add', [stored, noughts(net, level)]) : stored;
    const cells = net.node('Add', [net.node('Sigmoid', [part(0, 2)]), grid]);
    const xy = net.node('Mul', [cells, net.weight(`stride${index}`, [1], [stride])]);
    const wh = net.node('Mul', [
      net.node('Exp', [part(2, 4)]),
      net.weight(`anchor${index}`, [2], [2 * stride, 3 * stride]),
    ]);
    const scores = net.node('Sigmoid', [part(4, width)]);
    return net.node('Reshape', [
      net.node('Concat', [xy, wh, scores], { axis: 4 }),
      ints(net, `b${index}`, [1, -1, width]),
    ]);
  });
  net.node('Concat', parts, { axis: 1 }, { outputs: ['output'] });
  return net.output('output', [1, 3 * ANCHORS, width]).model();
}

/** 0, from how many columns a map has. */
function noughts(net: Net, level: string): string {
  const width = net.node('Slice', [
    net.node('Shape', [level]),
    ...[3, 4].map((it) => ints(net, `w${level}${it}`, [it])),
  ]);
  const places = net.node('NonZero', [
    net.node('ConstantOfShape', [width], { value: makeTensor('', DataType.INT64, [1], [1]) }),
  ]);
  const numbers = net.node('Cast', [places], { to: DataType.FLOAT });
  return net.node('ReduceMin', [numbers], { keepdims: 0 });
}

/** SSD: boxes and a Softmax of scores, [1, 84, 4] and [1, 84, classes]; boxes decoded or not. */
export function ssd(classes: number, isDecoded: boolean): Model {
  const { net, levels } = trunk();
  const rows = (count: number) =>
    net.node(
      'Transpose',
      [
        flattened(
          net,
          levels.map((level) => net.conv(level, CHANNELS, count)),
          count,
        ),
      ],
      {
        perm: [0, 2, 1],
      },
    );
  net.node('Softmax', [rows(classes)], { axis: 2 }, { outputs: ['scores'] });
  const boxes = rows(4);
  if (isDecoded) decoded(net, boxes, 'cxcywh', 'unit', 'boxes');
  else net.node('Identity', [boxes], {}, { outputs: ['boxes'] });
  return net.output('scores', [1, ANCHORS, classes]).output('boxes', [1, ANCHORS, 4]).model();
}

/** RetinaFace: maps of scores, boxes and landmarks of two anchors a cell, at three sizes. */
export function retinaFace(): Model {
  const { net, levels } = trunk();
  for (const [index, level] of levels.entries()) {
    const side = 64 / (STRIDES[index] as number);
    const pairs = net.node('Reshape', [
      net.conv(level, CHANNELS, 4),
      ints(net, `pair${index}`, [1, 2, 2 * side, side]),
    ]);
    const last = net.node('Transpose', [pairs], { perm: [0, 2, 3, 1] });
    const scores = net.node('Transpose', [net.node('Softmax', [last], { axis: -1 })], { perm: [0, 3, 1, 2] });
    net.node('Reshape', [scores, ints(net, `back${index}`, [1, 4, side, side])], {}, { outputs: [`score${index}`] });
    net.conv(level, CHANNELS, 8, { options: { outputs: [`box${index}`] } });
    net.conv(level, CHANNELS, 20, { options: { outputs: [`landmark${index}`] } });
    for (const [name, channels] of [
      ['score', 4],
      ['box', 8],
      ['landmark', 20],
    ] as const) {
      net.output(`${name}${index}`, [1, channels, side, side]);
    }
  }
  return net.model();
}

/** DETR: queries that attend to the picture, [1, 10, 4] as shares of it, and scores with "nothing" behind the classes, [1, 10, classes + 1]. */
export function detr(classes: number): Model {
  const { net, levels } = trunk();
  const tokens = net.node('Transpose', [flattened(net, levels, CHANNELS)], { perm: [0, 2, 1] });
  const queries = net.weight('queries', [1, 10, CHANNELS]);
  const [keys, values] = ['keys', 'values'].map((name) =>
    net.node('MatMul', [tokens, net.weight(name, [CHANNELS, CHANNELS])]),
  ) as [string, string];
  const fit = net.node('MatMul', [queries, net.node('Transpose', [keys], { perm: [0, 2, 1] })]);
  const seen = net.node('MatMul', [net.node('Softmax', [fit], { axis: -1 }), values]);
  const state = net.node('Add', [seen, queries]);
  net.node('MatMul', [state, net.weight('logit', [CHANNELS, classes + 1])], {}, { outputs: ['pred_logits'] });
  const boxes = net.node('MatMul', [state, net.weight('box', [CHANNELS, 4])]);
  net.node('Sigmoid', [boxes], {}, { outputs: ['pred_boxes'] });
  return net
    .output('pred_logits', [1, 10, classes + 1])
    .output('pred_boxes', [1, 10, 4])
    .model();
}

/** RetinaNet: decoded corners in pixels, [1, 84, 4], and a Sigmoid for each class, [1, 84, classes]. */
export function retinaNet(classes: number): Model {
  const { net, levels } = trunk();
  const rows = (count: number) => {
    const maps = levels.map((level) => net.conv(level, CHANNELS, count));
    return net.node('Transpose', [flattened(net, maps, count)], { perm: [0, 2, 1] });
  };
  net.node('Sigmoid', [rows(classes)], {}, { outputs: ['scores'] });
  decoded(net, rows(4), 'xyxy', 'pixels', 'boxes');
  return net.output('scores', [1, ANCHORS, classes]).output('boxes', [1, ANCHORS, 4]).model();
}

/** Boxes behind NonMaxSuppression: [k, 4], and the scores and classes of those rows if they are wanted. */
export function suppressed(classes: number, { rows = 'selected' as 'selected' | 'scores' } = {}): Model {
  const { net, levels } = trunk();
  const offsets = flattened(
    net,
    levels.map((level) => net.conv(level, CHANNELS, 4)),
    4,
  );
  const corners = decoded(net, net.node('Transpose', [offsets], { perm: [0, 2, 1] }), 'xyxy', 'pixels', 'corners');
  const logits = flattened(
    net,
    levels.map((level) => net.conv(level, CHANNELS, classes)),
    classes,
  );
  const scores = net.node('Sigmoid', [logits], {}, { outputs: ['chances'] });
  const limits = [ints(net, 'most', [100]), net.weight('overlap', [1], [0.5]), net.weight('least', [1], [0.5])];
  const selected = net.node('NonMaxSuppression', [corners, scores, ...limits], {}, { outputs: ['selected'] });
  const column = (at: number) =>
    net.node('Gather', [selected, net.weight(`c${at}`, [], [at], DataType.INT64)], { axis: 1 });
  const box = column(2);
  const zero = ints(net, 'first', [0]);
  net.node('Gather', [net.node('Squeeze', [corners, zero]), box], { axis: 0 }, { outputs: ['boxes'] });
  net.output('boxes', ['k', 4]);
  if (rows === 'selected') return net.output('selected', ['k', 3], DataType.INT64).model();
  net.node('Identity', [column(1)], {}, { outputs: ['labels'] });
  const pairs = net.node('Slice', [selected, ints(net, 'from', [1]), ints(net, 'to', [3]), ints(net, 'along', [1])]);
  net.node('GatherND', [net.node('Squeeze', [scores, zero]), pairs], {}, { outputs: ['scores'] });
  return net.output('labels', ['k'], DataType.INT64).output('scores', ['k']).model();
}

/** How many rows {@link endToEnd} answers. */
export const CHOSEN = 20;

/**
 * YOLOv10 and YOLO26 as Ultralytics exports them: the best rows, of these the best pairs of row and class, [1, 20, 6] with corners, score and
 * class. `table`: all rows before, [1, 84, 4 + classes].
 */
export function endToEnd(classes: number): Model {
  const { net, levels } = trunk();
  const layer = (width: number) =>
    flattened(
      net,
      levels.map((level) => net.conv(level, CHANNELS, width)),
      width,
    );
  const corners = decoded(net, net.node('Transpose', [layer(4)], { perm: [0, 2, 1] }), 'xyxy', 'pixels', 'corners');
  const scores = net.node('Transpose', [net.node('Sigmoid', [layer(classes)])], { perm: [0, 2, 1] });
  net.node('Concat', [corners, scores], { axis: -1 }, { outputs: ['table'] });
  net.node('Split', ['table', ints(net, 'sides', [4, classes])], { axis: -1 }, { outputs: ['all', 'each'] });
  const [most, last] = [ints(net, 'most', [CHOSEN]), ints(net, 'last', [-1])];
  const best = net.node('ReduceMax', ['each'], { axes: [-1], keepdims: 0 });
  net.node('TopK', [best, most], { axis: -1 }, { outputs: ['best', 'rows'] });
  const indices = net.node('Unsqueeze', ['rows', last]);
  const repeated = (count: number) => net.node('Tile', [indices, ints(net, `times${count}`, [1, 1, count])]);
  const chosen = net.node('GatherElements', ['each', repeated(classes)], { axis: 1 });
  net.node('TopK', [net.node('Flatten', [chosen]), most], { axis: -1 }, { outputs: ['score', 'position'] });
  const by = net.weight('classes', [], [classes], DataType.INT64);
  const [row, label] = [net.node('Div', ['position', by]), net.node('Mod', ['position', by])];
  const boxes = net.node('GatherElements', ['all', repeated(4)], { axis: 1 });
  const own = net.node('Tile', [net.node('Unsqueeze', [row, last]), ints(net, 'sideways', [1, 1, 4])]);
  const parts = [
    net.node('GatherElements', [boxes, own], { axis: 1 }),
    net.node('Unsqueeze', ['score', last]),
    net.node('Cast', [net.node('Unsqueeze', [label, last])], { to: DataType.FLOAT }),
  ];
  net.node('Concat', parts, { axis: -1 }, { outputs: ['output'] });
  return net.output('output', [1, CHOSEN, 6]).model();
}

/** Scores in front of boxes under names that tell nothing: rows or columns, with or without a Sigmoid, corners top left. */
export function unnamed(
  classes: number,
  { isTransposed = false, isLogit = false, format = 'cxcywh' as 'xyxy' | 'cxcywh' | 'xywh' } = {},
): Model {
  const { net, levels } = trunk();
  const columns = (count: number) =>
    flattened(
      net,
      levels.map((level) => net.conv(level, CHANNELS, count)),
      count,
    );
  const last = (value: string, perm: boolean, name: string) =>
    net.node(perm ? 'Transpose' : 'Identity', [value], perm ? { perm: [0, 2, 1] } : {}, { outputs: [name] });
  const scores = columns(classes);
  last(isLogit ? scores : net.node('Sigmoid', [scores]), !isTransposed, 'o1');
  const offsets = net.node('Transpose', [columns(4)], { perm: [0, 2, 1] });
  last(decoded(net, offsets, format, 'pixels', 'made'), isTransposed, 'o2');
  const dims = (width: number) => (isTransposed ? [1, width, ANCHORS] : [1, ANCHORS, width]);
  return net.output('o1', dims(classes)).output('o2', dims(4)).model();
}
