/** Which model-local functions call which. */
import { subgraphsOf } from '../onnx/attributes.ts';
import { normalDomain } from '../onnx/model.ts';
import type { FunctionProto, NodeProto } from '../onnx/schema.ts';

/** Called functions, and how often. */
export type Calls = ReadonlyMap<FunctionProto, number>;

export class CallGraph {
  readonly #byKey = new Map<string, FunctionProto>();
  readonly #calls = new Map<FunctionProto, Calls>();

  constructor(functions: readonly FunctionProto[]) {
    for (const it of functions) this.#byKey.set(keyOf(it.domain, it.name, it.overload), it);
    for (const it of functions) this.#calls.set(it, this.calledBy([it.node]));
  }

  /** The function that a node calls. */
  callee(node: NodeProto): FunctionProto | undefined {
    return this.#byKey.get(keyOf(node.domain, node.opType, node.overload));
  }

  /** What a function calls, from its subgraphs too. */
  calls(it: FunctionProto): Calls {
    return this.#calls.get(it) ?? new Map();
  }

  /** What lists of nodes call, from their subgraphs too. */
  calledBy(bodies: readonly (readonly NodeProto[])[]): Calls {
    const calls = new Map<FunctionProto, number>();
    for (const node of nodesIn(bodies)) {
      const target = this.callee(node);
      if (target !== undefined) calls.set(target, (calls.get(target) ?? 0) + 1);
    }
    return calls;
  }

  /** Nodes of a function and its subgraphs. */
  size(it: FunctionProto): number {
    let size = 0;
    for (const _ of nodesIn([it.node])) size++;
    return size;
  }

  /** The given functions and all that they call, directly or through others. */
  reachable(from: Iterable<FunctionProto>): Set<FunctionProto> {
    const found = new Set(from);
    // A set grows while it is walked.
    for (const it of found) for (const target of this.calls(it).keys()) found.add(target);
    return found;
  }

  /** The functions among the given that hold such a node, directly or through calls. */
  holders(wanted: (node: NodeProto) => boolean, among: ReadonlySet<FunctionProto>): Set<FunctionProto> {
    const callers = this.#callers(among);
    const found = new Set<FunctionProto>();
    for (const it of among) for (const node of nodesIn([it.node])) if (wanted(node)) found.add(it);
    for (const it of found) for (const caller of callers.get(it) ?? []) found.add(caller);
    return found;
  }

  /** The given functions, each after those it calls; apart from them those whose calls lead into a circle. */
  calleesFirst(among: ReadonlySet<FunctionProto>): { order: FunctionProto[]; cyclic: FunctionProto[] } {
    const callers = this.#callers(among);
    const waiting = new Map<FunctionProto, number>();
    for (const it of among) {
      waiting.set(it, [...this.calls(it).keys()].filter((target) => among.has(target)).length);
    }
    const order = [...among].filter((it) => waiting.get(it) === 0);
    // Grows while it is walked.
    for (const it of order) {
      for (const caller of callers.get(it) ?? []) {
        const left = (waiting.get(caller) ?? 0) - 1;
        waiting.set(caller, left);
        if (left === 0) order.push(caller);
      }
    }
    const ordered = new Set(order);
    return { order, cyclic: [...among].filter((it) => !ordered.has(it)) };
  }

  #callers(among: ReadonlySet<FunctionProto>): Map<FunctionProto, FunctionProto[]> {
    const callers = new Map<FunctionProto, FunctionProto[]>();
    for (const it of among) {
      for (const target of this.calls(it).keys()) {
        const known = callers.get(target);
        if (known === undefined) callers.set(target, [it]);
        else known.push(it);
      }
    }
    return callers;
  }
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([normalDomain(domain), name, overload]);
}

/** Nodes of lists and of their subgraphs. */
function* nodesIn(bodies: readonly (readonly NodeProto[])[]): Generator<NodeProto> {
  const pending = [...bodies];
  for (const nodes of pending) {
    for (const node of nodes) {
      yield node;
      for (const { graph } of subgraphsOf(node)) pending.push(graph.node);
    }
  }
}
