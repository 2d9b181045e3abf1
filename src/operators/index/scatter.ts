/** Gradients of operators that write at positions which an input, or the data itself, names. */
import { intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, linear } from '../gradient-rule.ts';
import { zerosLike } from '../shaping.ts';

/** Without a reduction the updates take the place of the data, which then has no gradient there. */
function isAdded(g: GradientContext): boolean {
  const reduction = stringAttribute(g.node, 'reduction') ?? 'none';
  if (reduction !== 'none' && reduction !== 'add')
    g.refuse(`its reduction is ${reduction}; none and add have a gradient`);
  return reduction === 'add';
}

export const scatterND = linear((g, dy) => {
  const [indices, updates] = [g.input(1), g.input(2)];
  return [
    isAdded(g) || !g.wants(0) ? dy : g.op('ScatterND', [dy, indices, zerosLike(g, updates)]),
    undefined,
    g.wants(2) ? g.op('GatherND', [dy, indices]) : undefined,
  ];
});

export const scatterElements = linear((g, dy) => {
  const [indices, updates] = [g.input(1), g.input(2)];
  const axis = intAttribute(g.node, 'axis', 0);
  return [
    isAdded(g) || !g.wants(0) ? dy : g.op('ScatterElements', [dy, indices, zerosLike(g, updates)], { axis }),
    undefined,
    g.wants(2) ? g.op('GatherElements', [dy, indices], { axis }) : undefined,
  ];
});

/** The values go back to the positions that they had. */
export const topK = linear((g, dy) => {
  const axis = intAttribute(g.node, 'axis', -1);
  return [g.op('ScatterElements', [zerosLike(g, g.input(0)), g.output(1), dy], { axis })];
});
