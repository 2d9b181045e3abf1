import type { Scope } from '../graph/scope.ts';
import type { View } from '../graph/view.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import type { Refusal, Site } from './types.ts';

/** What a pattern may ask about the model around a node. */
export interface SearchContext extends View {
  /** Constants that were found by running their part of the graph, by value name. */
  readonly evaluated: ReadonlyMap<string, TensorProto>;
  /** Collects the values that a site needs and that are not evaluated yet. */
  readonly needsRunning: string[];
  mayBeConstant(scope: Scope, name: string): boolean;
  /** A name that no value has yet. */
  freshValue(wanted: string): string;
  /** Whether the user named a node outright, by the name that it is called by. */
  isNamed(name: string): boolean;
  /** The rank that readers of a value demand, where one does. */
  consumerRank(name: string): number | undefined;
}

/** Why a node is no site. */
export type Reason = Pick<Refusal, 'code' | 'reason' | 'remedy'>;

/** One way a normalisation shows in a graph. */
export interface Pattern {
  readonly name: string;
  /** Norms that stand in the graph, or places where one was folded into another node; both where its statistics are lost. */
  readonly kind: readonly ('batchnorm' | 'folded')[];
  readonly summary: string;
  /** Whether this is such a node at all. Cheap: asked of every node. */
  matches(node: NodeProto): boolean;
  /** Whether a node that matches is looked at further; all are if absent. What does not look like a norm is not reported. */
  looks?(node: NodeProto, scope: Scope, context: SearchContext): boolean;
  /** The site, or why not; `'unevaluated'` where {@link SearchContext.needsRunning} must be known first. */
  check(node: NodeProto, scope: Scope, name: string, context: SearchContext): Site | Reason | 'unevaluated';
}
