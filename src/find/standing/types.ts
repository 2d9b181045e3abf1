import type { GraphView, Parameter } from '../../graph/graph-view.ts';
import type { DataType } from '../../onnx/data-type.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import type { Shape } from '../../onnx/value-type.ts';

/** What is wrong with nodes that are a norm but for that. */
export interface Flaw {
  readonly what: 'axes' | 'groups' | 'shape' | 'constants';
  /** Name of the node, or of its output. */
  readonly node: string;
  readonly message: string;
}

/** A norm over groups of channels as it stands in a graph, found by its nodes: y = γ (x − m)/√(v + ε) + β. */
export interface StandingNorm {
  /** Name of the recogniser. */
  readonly recogniser: string;
  /** Name of the node that it was found by. */
  readonly name: string;
  /** Name of the norm whose form it is: of an operator its own, else `group`, which all are. */
  readonly norm: 'group' | 'layer' | 'instance';
  /** Name of the form that it is spelled in. */
  readonly form: string;
  /** Where its graph hangs; `''` is the main graph. */
  readonly path: string;
  readonly input: string;
  readonly output: string;
  readonly elementType: DataType;
  /** Of x; `undefined` where the rank is not known. */
  readonly shape: Shape | undefined;
  /** C. */
  readonly channels: number;
  /** G: 1 is layer norm, C is instance norm. */
  readonly groups: number;
  readonly epsilon: number;
  /** `undefined` where it has none, which is as γ = 1. */
  readonly scale: Parameter | undefined;
  /** `undefined` where it has none, which is as β = 0. */
  readonly bias: Parameter | undefined;
  /** All nodes between x and y, constants left out, in the order of the graph. */
  readonly nodes: readonly NodeProto[];
  readonly flaws: readonly Flaw[];
}

/** What a recogniser finds; the rest follows from the graph. */
export type Recognised = Omit<
  StandingNorm,
  'recogniser' | 'name' | 'path' | 'nodes' | 'elementType' | 'shape' | 'flaws'
> & {
  readonly flaws?: readonly Flaw[];
  /** Of x, where the spelling demands one. */
  readonly rank?: number | undefined;
};

/** One way that a norm is spelled. */
export interface Recogniser {
  readonly name: string;
  readonly summary: string;
  /** Whether this node may be the heart of such a norm. Cheap: asked of every node. */
  anchors(node: NodeProto): boolean;
  /** The norm around the node; `undefined` where it is none. */
  recognise(node: NodeProto, view: GraphView): Recognised | undefined;
}
