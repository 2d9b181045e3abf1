/** Gradients of operators that read or write at positions: joining, cutting, padding, gathering, scattering, running sums. */
import { intAttribute } from '../../onnx/attributes.ts';
import { ends, type Gradients, linear } from '../gradient-rule.ts';
import { gather, gatherElements, gatherND } from './gather.ts';
import { pad } from './pad.ts';
import { concat, slice, split } from './pieces.ts';
import { scatterElements, scatterND, topK } from './scatter.ts';

/** Each sum's gradient arrives at all that it ran over: the same sum from the other end. */
const cumSum = linear((g, dy) => {
  const exclusive = intAttribute(g.node, 'exclusive', 0);
  const reverse = 1 - intAttribute(g.node, 'reverse', 0);
  return [g.op('CumSum', [dy, g.input(1)], { exclusive, reverse })];
});

const trilu = linear((g, dy) => {
  return [g.op('Trilu', [dy, ...g.node.input.slice(1)], { upper: intAttribute(g.node, 'upper', 1) })];
});

/** A sequence that is turned round twice is what it was. */
const reverseSequence = linear((g, dy) => {
  const [batch, time] = [intAttribute(g.node, 'batch_axis', 1), intAttribute(g.node, 'time_axis', 0)];
  return [g.op('ReverseSequence', [dy, g.input(1)], { batch_axis: batch, time_axis: time })];
});

/** Operators that read no more of a float than its shape, or make integers of it. */
const ENDS = ['ConstantOfShape', 'EyeLike', 'Range', 'NonZero', 'NonMaxSuppression', 'Bernoulli', 'Multinomial'];
const RANDOM = ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike'];

export const index: Gradients = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
  TopK: topK,
  CumSum: cumSum,
  Trilu: trilu,
  ReverseSequence: reverseSequence,
  ...Object.fromEntries([...ENDS, ...RANDOM].map((name) => [name, ends])),
};
