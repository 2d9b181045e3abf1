/** Detectors that choose rows before their boxes are decoded, on pictures of 64 × 64. */
import { Net } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';

const CHANNELS = 8;
const STRIDES = [8, 16, 32];
const SIDE = 64;

/**
 * As torchvision's RetinaNet: each level ranks its scores, and the offsets and anchors of the best rows are taken and decoded, to shares of a
 * picture that the model made smaller; NonMaxSuppression chooses from those, and the boxes go back to pixels at the end.
 */
export function ranked(classes: number, { isTested = false } = {}): Model {
  const net = new Net({ opset: 13 });
  const x = net.input('x', [1, 3, SIDE, SIDE]);
  const ints = (name: string, values: readonly number[]) => net.weight(name, [values.length], values, DataType.INT64);
  const parts = STRIDES.map((stride) => {
    const cells = SIDE / stride;
    const weight = net.weight(`w${stride}`, [CHANNELS, 3, 1, 1]);
    const level = net.node('Conv', [x, weight], { kernel_shape: [1, 1], strides: [stride, stride] });
    const rows = (count: number) => {
      const maps = net.node('Transpose', [net.conv(level, CHANNELS, count)], { perm: [0, 2, 3, 1] });
      return net.node('Reshape', [maps, ints(`rows${stride}/${net.nodes.length}`, [-1, count])]);
    };
    const chances = net.node('Sigmoid', [rows(classes)], {}, { outputs: [`chances${stride}`] });
    const flat = net.node('Reshape', [chances, ints(`flat${stride}`, [-1])]);
    // Scores above a threshold alone are ranked, so a place among the best is one in the list of those.
    const found = () => {
      const passed = net.node('Greater', [flat, net.weight(`threshold${stride}`, [], [0.01])]);
      const [which = '', where = ''] = [0, 1].map(() => net.node('NonZero', [passed]));
      const chosen = net.node('GatherND', [flat, net.node('Transpose', [which], { perm: [1, 0] })]);
      return { scores: chosen, positions: net.node('Squeeze', [where, ints(`first${stride}`, [0])]) };
    };
    const { scores, positions } = isTested ? found() : { scores: flat, positions: undefined };
    net.node('TopK', [scores, ints(`k${stride}`, [4])], { axis: 0 }, { outputs: [`best${stride}`, `at${stride}`] });
    const at = positions === undefined ? `at${stride}` : net.node('Gather', [positions, `at${stride}`], { axis: 0 });
    const count = net.weight(`classes${stride}`, [], [classes], DataType.INT64);
    const row = net.node('Div', [at, count]);
    const label = net.node('Mod', [at, count]);
    const middles = Array.from({ length: cells * cells }, (_, cell) => [
      ((cell % cells) + 0.5) / cells,
      (Math.floor(cell / cells) + 0.5) / cells,
    ]);
    const anchors = net.weight(`anchors${stride}`, [cells * cells, 2], middles.flat());
    const offsets = net.node('Gather', [rows(4), row], { axis: 0 });
    const own = net.node('Gather', [anchors, row], { axis: 0 });
    net.node(
      'Split',
      [offsets, ints(`halves${stride}`, [2, 2])],
      { axis: 1 },
      { outputs: [`xy${stride}`, `wh${stride}`] },
    );
    const side = net.weight(`side${stride}`, [1], [1 / cells]);
    const middle = net.node('Add', [net.node('Mul', [`xy${stride}`, side]), own]);
    const half = net.node('Mul', [net.node('Exp', [`wh${stride}`]), side]);
    const box = net.node('Concat', [net.node('Sub', [middle, half]), net.node('Add', [middle, half])], { axis: 1 });
    return { box, score: `best${stride}`, label };
  });
  const joined = (of: readonly string[]) => net.node('Concat', of, { axis: 0 });
  const boxes = joined(parts.map(({ box }) => box));
  const scores = joined(parts.map(({ score }) => score));
  const labels = joined(parts.map(({ label }) => label));
  const one = (value: string, axes: readonly number[], name: string) =>
    net.node('Unsqueeze', [value, ints(name, axes)]);
  const limits = [ints('most', [100]), net.weight('overlap', [1], [0.5]), net.weight('least', [1], [0])];
  const selected = net.node('NonMaxSuppression', [one(boxes, [0], 'a0'), one(scores, [0, 1], 'a1'), ...limits]);
  const kept = net.node('Gather', [selected, net.weight('third', [], [2], DataType.INT64)], { axis: 1 });
  const shares = net.node('Gather', [boxes, kept], { axis: 0 });
  net.node('Mul', [shares, net.weight('pixels', [1], [SIDE])], {}, { outputs: ['boxes'] });
  net.node('Gather', [scores, kept], { axis: 0 }, { outputs: ['scores'] });
  net.node('Gather', [labels, kept], { axis: 0 }, { outputs: ['labels'] });
  net.output('boxes', ['k', 4]).output('scores', ['k']);
  return net.output('labels', ['k'], DataType.INT64).model();
}

/** As Faster R-CNN behind its first stage: features of regions, and a box for each of two classes. */
export function twoStages(): Model {
  const net = new Net({ opset: 16 });
  const x = net.input('x', [1, 3, SIDE, SIDE]);
  const level = net.conv(x, 3, CHANNELS);
  const regions = net.weight(
    'regions',
    [6, 4],
    Array.from({ length: 24 }, (_, at) => 4 * (at % 4) + at),
  );
  const pictures = net.weight('pictures', [6], new Array<number>(6).fill(0), DataType.INT64);
  const pooled = net.node('RoiAlign', [level, regions, pictures], { output_height: 2, output_width: 2 });
  const flat = net.node('Flatten', [pooled], { axis: 1 });
  const rows = (name: string, width: number) =>
    net.node('MatMul', [flat, net.weight(`to/${name}`, [4 * CHANNELS, width])], {}, { outputs: [name] });
  rows('boxes', 8);
  net.node('Softmax', [rows('logits', 3)], { axis: 1 }, { outputs: ['scores'] });
  return net.output('boxes', [6, 8]).output('scores', [6, 3]).model();
}
