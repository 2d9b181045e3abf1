/**
 * Conv, ConvTranspose, Gemm or MatMul → x: the layer that makes what a norm normalises, where a map of its output's channels
 * may be multiplied into its weight.
 *
 * 1. It stands in the norm's own graph, and is of the standard domain.
 * 2. Nothing but the norm reads its output.
 * 3. Its weight and bias are constant floats of the norm's type; a bias may be computed from constants.
 * 4. Its output's channels are the norm's: of MatMul, which has them last, only at rank 2.
 */

import { constantOf } from '../graph/constants.ts';
import { definingScope, type Scope } from '../graph/scope.ts';
import { floatAttribute, intAttribute } from '../onnx/attributes.ts';
import { normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { dimsOf, type ExternalData, elementCount, valuesOf } from '../onnx/tensor.ts';
import type { SearchContext } from './pattern.ts';
import type { Linear, Site } from './types.ts';

const OPERATORS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** @returns the layer, or in words why there is none that could take the norm in */
export function linearBefore(
  { input, elementType, channels, shape }: Pick<Site, 'input' | 'elementType' | 'channels' | 'shape'>,
  scope: Scope,
  context: SearchContext,
): Linear | string {
  const node = scope.producers.get(input);
  // (1)
  if (node === undefined) return 'its input has no producer in the same graph';
  if (normalDomain(node.domain) !== '' || !OPERATORS.has(node.opType)) {
    return `its input comes from ${node.opType}, not from Conv, ConvTranspose, Gemm or MatMul`;
  }
  // (2)
  if (context.uses.get(input) !== 1) return `the output of the ${node.opType} before it has other readers`;
  // (3)
  const [, weightName = '', biasName = ''] = node.input;
  const constant = (name: string) => constantOf(scope, name, context.model.home.open, context.evaluated);
  const weight = constant(weightName);
  const bias = biasName === '' ? undefined : constant(biasName);
  if (bias === undefined && biasName !== '' && context.mayBeConstant(scope, biasName)) {
    // The site is one without it, too; once it was computed it is seen here.
    context.needsRunning.push(biasName);
    return `the bias of the ${node.opType} before it must be computed first; drop --no-verify`;
  }
  const isKnown = weight?.dataType === elementType && (biasName === '' || bias?.dataType === elementType);
  if (!isKnown) return `the weight or bias of the ${node.opType} before it is not a constant of the same type`;
  // (4)
  const view = splitAxes(node, dimsOf(weight));
  const makes = view?.dims.reduce((product, dim, axis) => (view.reduced.includes(axis) ? product : product * dim), 1);
  const hasLast = node.opType === 'MatMul' && shape?.length !== 2;
  if (view === undefined || makes !== channels || hasLast) {
    return `the ${node.opType} before it has a different number of channels`;
  }
  if (bias !== undefined && elementCount(bias) !== channels && elementCount(bias) !== 1) {
    return `the bias of the ${node.opType} before it is not one number per channel`;
  }
  const factor = node.opType === 'Gemm' ? floatAttribute(node, 'beta', 1) : 1;
  const isShared = (context.uses.get(weightName) ?? 0) > 1;
  const isInitializer = definingScope(scope, weightName)?.initializers.has(weightName) === true;
  return {
    node,
    weight,
    dims: dimsOf(weight),
    bias,
    biasFactor: factor,
    isInitializer,
    isShared,
    view: view.dims,
    reduced: view.reduced,
    valuesOf: readerOf(context.model.home.open),
  };
}

/** The weight's dimensions, split so that each axis is of output channels or of what is summed for one. */
function splitAxes(node: NodeProto, dims: number[]): { dims: number[]; reduced: number[] } | undefined {
  const axes = dims.map((_, axis) => axis);
  switch (node.opType) {
    case 'Conv':
      return dims.length < 3 ? undefined : { dims, reduced: axes.slice(1) };
    case 'ConvTranspose': {
      if (dims.length < 3) return undefined;
      const group = intAttribute(node, 'group', 1);
      if (group === 1) return { dims, reduced: axes.filter((axis) => axis !== 1) };
      const [inputs = 0, ...rest] = dims;
      if (inputs % group !== 0) return undefined;
      return { dims: [group, inputs / group, ...rest], reduced: [1, ...axes.slice(2).map((axis) => axis + 1)] };
    }
    default: {
      if (dims.length !== 2) return undefined;
      const isTransposed = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) !== 0;
      return { dims, reduced: [isTransposed ? 1 : 0] };
    }
  }
}

/** By who opens external data: one for all layers of a model. */
const READERS = new WeakMap<ExternalData, Linear['valuesOf']>();

/** Not within the function above: what it returns would keep all that the search knows in memory. */
function readerOf(external: ExternalData): Linear['valuesOf'] {
  const known = READERS.get(external);
  if (known !== undefined) return known;
  const made: Linear['valuesOf'] = (tensor) => valuesOf(tensor, external);
  READERS.set(external, made);
  return made;
}
