/** What ONNX Runtime ends the process on, or fills the memory with, where it should refuse: looked for before it loads a model. */

import { GnSwapError } from '../errors.ts';
import { CallGraph } from '../graph/call-graph.ts';
import { constantInts } from '../graph/constants.ts';
import { viewOf } from '../graph/view.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, SparseTensorProto } from '../onnx/schema.ts';

/** Elements of a constant that takes no room in the file; far more than a parameter or an index of one has. */
const MOST_ELEMENTS = 2 ** 26;

/**
 * 1. A call of a function that gives it more inputs than it takes: with a function that takes none, an assertion fails.
 * 2. A sparse constant of very many elements, which is made dense.
 * 4. A BatchNormalization in training mode that leaves out the mean or the variance of its batch by an empty name: it writes both.
 *
 * @throws GnSwapError `runtime-failed` naming the node or tensor
 */
export function refuseHazards(model: Model): void {
  const calls = new CallGraph(model.proto.functions);
  const scopes = viewOf(model).scopes;
  const bodies = [...scopes.map(({ graph }) => graph.node), ...model.proto.functions.map(({ node }) => node)];
  const sparse: (SparseTensorProto | undefined)[] = scopes.flatMap(({ graph }) => [...graph.sparseInitializer]);
  for (const node of bodies.flat()) {
    const target = calls.callee(node);
    if (target !== undefined && node.input.length > target.input.length) {
      const given = `it gives ${node.input.length} inputs to the function ${target.domain}.${target.name}`;
      throw hazard(node.name || node.opType, `${given}, which takes ${target.input.length}`);
    }
    if (trainsInPart(node))
      throw hazard(
        node.name || node.output[0],
        'it normalises by its batch, and does not give both the mean and the variance of that',
      );
    for (const { sparseTensor, sparseTensors } of node.attribute) sparse.push(sparseTensor, ...sparseTensors);
  }
  for (const it of sparse) {
    const count = it?.dims.reduce<number>((product, dim) => product * Number(dim), 1) ?? 0;
    if (count > MOST_ELEMENTS)
      throw hazard(it?.values?.name, `a sparse tensor of ${count} elements cannot be computed with`);
  }
}

function trainsInPart({ opType, output, attribute }: NodeProto): boolean {
  const trains =
    opType === 'BatchNormalization' && attribute.some(({ name, i }) => name === 'training_mode' && Number(i) !== 0);
  // With fewer outputs than three it is not loaded, and ONNX Runtime says why.
  return trains && output.length > 2 && (nameAt(output, 1) === '' || nameAt(output, 2) === '');
}

/** Which input is the shape that a node fills or widens to, out of a few bytes. */
const SHAPE_INPUT = new Map([
  ['ConstantOfShape', 0],
  ['Expand', 1],
]);

/**
 * 3. Of a model that consists of constants: a value of a stated shape that is too large to compute.
 *
 * @throws GnSwapError `runtime-failed` naming the value
 */
export function refuseLargeValues(model: Model): void {
  for (const scope of viewOf(model).scopes) {
    for (const { opType, input, output } of scope.graph.node) {
      const dims = constantInts(scope, nameAt(input, SHAPE_INPUT.get(opType) ?? -1), model.home.open) ?? [];
      const count = dims.reduce((product, dim) => product * dim, 1);
      if (count > MOST_ELEMENTS) throw hazard(output[0], `a constant of ${count} elements cannot be computed`);
    }
  }
}

function hazard(node: string | undefined, message: string): GnSwapError {
  const remedy = 'Check the model with onnx.checker, or export it again';
  return new GnSwapError('runtime-failed', message, { ...(node ? { node } : {}), remedy });
}
