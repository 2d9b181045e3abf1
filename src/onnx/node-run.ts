/**
 * Nodes that differ from those of a pattern in names alone. The norms of a large graph are the same dozen nodes at each of 50,000 sites:
 * a run of them is its pattern and a few names, is written and described as it is, and becomes nodes only if somebody asks for them.
 */
import { createNode } from './messages.ts';
import type { GraphProto, NodeProto } from './schema.ts';

/** No exporter puts it into a name; what does is built node by node. */
const MARK = '\0';
const MARK_CODE = 0;
/** Of the character behind the mark, for the first gap. */
const FIRST_CODE = 0x30;

/** Stands in a pattern, at the beginning of a name, for the run's name of that number. */
export function gap(index: number): string {
  return MARK + String.fromCharCode(FIRST_CODE + index);
}

/** The number of the gap that a pattern's name begins with; −1 if it is a name as it stands. */
export function gapOf(name: string): number {
  return name.charCodeAt(0) === MARK_CODE ? name.charCodeAt(1) - FIRST_CODE : -1;
}

/** What stands behind the gap that a name begins with. */
export function behindGap(name: string): string {
  return name.slice(gap(0).length);
}

/** A name of a pattern, in a run with these names. */
function filled(name: string, names: readonly string[]): string {
  const index = gapOf(name);
  return index < 0 ? name : names[index] + behindGap(name);
}

/** Nodes with gaps in their names. They have inputs, outputs, a name, an operator and attributes, and nothing else. */
export class NodePattern {
  readonly nodes: readonly NodeProto[];
  /** What its nodes read that none before them makes, each time that it is read. */
  readonly reads: readonly string[];
  /** Its nodes' outputs, the last one first: that is nearly always the one asked for. */
  readonly makes: readonly string[];

  constructor(nodes: readonly NodeProto[]) {
    this.nodes = nodes;
    const made = new Set<string>();
    const reads: string[] = [];
    for (const { input, output } of nodes) {
      for (const name of input) if (!made.has(name)) reads.push(name);
      for (const name of output) made.add(name);
    }
    this.reads = reads;
    this.makes = [...made].reverse();
  }
}

/** The nodes of a pattern, with names in its gaps, none of which is empty. */
export class NodeRun {
  readonly pattern: NodePattern;
  readonly names: readonly string[];
  #nodes: readonly NodeProto[] | undefined;

  constructor(pattern: NodePattern, names: readonly string[]) {
    this.pattern = pattern;
    this.names = names;
  }

  /** Made when they are asked for; the same ones from then on. */
  get nodes(): readonly NodeProto[] {
    this.#nodes ??= this.pattern.nodes.map(({ opType, input, output, name, attribute }) =>
      createNode(opType, this.#filled(input), this.#filled(output), filled(name, this.names), attribute),
    );
    return this.#nodes;
  }

  /** What they are called, without making them. */
  get nodeNames(): readonly string[] {
    return this.#nodes?.map(({ name }) => name) ?? this.pattern.nodes.map(({ name }) => filled(name, this.names));
  }

  #filled(list: readonly string[]): string[] {
    return list.map((name) => filled(name, this.names));
  }

  /** Calls back with each value that its nodes read and do not make. */
  forEachRead(of: (name: string) => void): void {
    const { reads } = this.pattern;
    for (let index = 0; index < reads.length; index++) of(filled(reads[index] as string, this.names));
  }

  /** Whether one of its nodes makes a value of that name. */
  makes(value: string): boolean {
    const { makes } = this.pattern;
    for (let index = 0; index < makes.length; index++)
      if (filled(makes[index] as string, this.names) === value) return true;
    return false;
  }
}

/** Nodes of a graph, some of them as runs. */
export type NodeList = readonly (NodeProto | NodeRun)[];

const LIST = Symbol('nodes and runs');

/** A graph of these nodes: who asks for its nodes gets those of its runs too, and they are made then. */
export function withNodeList(graph: GraphProto, list: NodeList): GraphProto {
  const made: GraphProto & { [LIST]?: NodeList } = { ...graph };
  let nodes: readonly NodeProto[] | undefined;
  const all = () => {
    nodes ??= list.flatMap((it) => (it instanceof NodeRun ? it.nodes : [it]));
    return nodes;
  };
  // A copy of the graph has them as an ordinary list, as it would have it of any graph.
  Object.defineProperty(made, 'node', { enumerable: true, get: all });
  Object.defineProperty(made, LIST, { value: list });
  return made;
}

/** The nodes of a graph; as runs those that it has as runs. */
export function nodeListOf(graph: GraphProto): NodeList {
  return (graph as { readonly [LIST]?: NodeList })[LIST] ?? graph.node;
}
