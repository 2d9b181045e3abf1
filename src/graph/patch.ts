/** A change of a graph, as a value: what applyEdit does. */
import type { NodeRun } from '../onnx/node-run.ts';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';

/** What is to change, in the main graph and its subgraphs. Graphs and nodes are named by identity. */
export interface Patch {
  /** What takes a node's place. */
  readonly replace: ReadonlyMap<NodeProto, readonly NodeProto[] | NodeRun>;
  /** Nodes to put before all others of a graph. */
  readonly prepend: ReadonlyMap<GraphProto, readonly NodeProto[]>;
  readonly addInitializers: ReadonlyMap<GraphProto, readonly TensorProto[]>;
  /** Types to state for values that the replacements make. */
  readonly addValueInfo?: ReadonlyMap<GraphProto, readonly ValueInfoProto[]>;
  /** Names of added initializers whose former definition is to go. Nothing but replaced nodes may read it. */
  readonly redefined: ReadonlySet<string>;
  /** Whether an initializer added to the main graph is to be listed among its inputs, as IR < 4 demands. */
  listAsInput(tensor: TensorProto): boolean;
}
