/** Which values stay constants once some of them are to be trained. */
import { readsWithin } from '../graph/scope.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { type Forward, SIZES_ONLY } from './forward.ts';

/**
 * Takes what hangs on a wanted value out of the constants, and drops the nodes whose outputs are all constants.
 *
 * @param wrt names of inputs and stored tensors whose gradient is wanted
 */
export function fold(forward: Forward, wrt: ReadonlySet<string>): Forward {
  const constants = new Map(forward.constants);
  const live = new Set(wrt);
  for (const name of wrt) constants.delete(name);
  const nodes: NodeProto[] = [];
  for (const node of forward.nodes) {
    const hangs = !SIZES_ONLY.has(node.opType) && readsWithin(node).some((name) => live.has(name));
    if (hangs) {
      for (const name of node.output) {
        live.add(name);
        constants.delete(name);
      }
    }
    // A parameter that a Constant node held is an input from here on.
    const isGiven = (name: string) => name === '' || constants.has(name) || wrt.has(name);
    if (!node.output.every(isGiven)) nodes.push(node);
  }
  return { ...forward, nodes, constants };
}
