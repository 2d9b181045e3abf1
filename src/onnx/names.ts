/** Names that nothing in a model has yet. */
import { subgraphsOf } from './attributes.ts';
import { Folder } from './folder.ts';
import type { GraphProto } from './schema.ts';

/** Names of a model, in whatever tables it has them. */
export interface Taken extends Iterable<string> {
  has(name: string): boolean;
}

/** Hands out names. Values and nodes have separate name spaces in ONNX; one of these serves one space. */
export class Names {
  readonly #taken: Taken;
  /** Names that were given since, where others than a Set say what is taken. */
  readonly #given: Set<string>;
  /** Where to go on counting, by wanted name: a model may hold any number of names that count already. */
  readonly #next = new Map<string, number>();
  readonly #folders = new Map<string, Folder>();
  /** What was taken at once, by prefix; many have the same list. */
  readonly #lists = new Map<string, readonly string[]>();
  #prefixes: Set<string> | undefined;
  /** One for all folders. */
  readonly #elsewhere = (wanted: string) => this.fresh(wanted);

  /** @param taken a Set is kept as it is, and added to: it may have a million names */
  constructor(taken: Iterable<string> | Taken) {
    this.#taken = 'has' in taken ? taken : new Set(taken);
    this.#given = this.#taken instanceof Set ? this.#taken : new Set();
  }

  /** The wanted name, or it with the smallest number behind it that makes it new. Taken from then on. */
  fresh(wanted: string): string {
    let name = wanted;
    if (this.#isTaken(wanted)) {
      let n = this.#next.get(wanted) ?? 2;
      while (this.#isTaken(`${wanted}_${n}`)) n++;
      name = `${wanted}_${n}`;
      this.#next.set(wanted, n + 1);
    }
    this.#given.add(name);
    const prefix = this.#prefixes && prefixOf(name);
    if (prefix !== undefined) {
      const folder = this.#lists.has(prefix) ? this.under(prefix) : this.#folders.get(prefix);
      this.#prefixes?.add(prefix);
      folder?.note(name.slice(prefix.length + 1));
    }
    return name;
  }

  /** Whether no name begins with `prefix/`. */
  isFree(prefix: string): boolean {
    this.#prefixes ??= this.#allPrefixes();
    return !this.#prefixes.has(prefix) && !this.#folders.has(prefix) && !this.#lists.has(prefix);
  }

  /** Takes `prefix/base` for each of these, where the prefix {@link isFree}. */
  takeAll(prefix: string, bases: readonly string[]): void {
    this.#lists.set(prefix, bases);
  }

  /** The names `prefix/…`. To give one of them takes no look at all names where the model has none that begins so. */
  under(prefix: string): Folder {
    const known = this.#folders.get(prefix);
    if (known !== undefined) return known;
    this.#prefixes ??= this.#allPrefixes();
    const made = new Folder(prefix, this.#elsewhere, !this.#prefixes.has(prefix));
    for (const base of this.#lists.get(prefix) ?? []) made.note(base);
    this.#lists.delete(prefix);
    this.#folders.set(prefix, made);
    return made;
  }

  #allPrefixes(): Set<string> {
    const prefixes = new Set<string>();
    for (const names of new Set([this.#taken, this.#given]))
      for (const name of names) prefixes.add(prefixOf(name) ?? '');
    return prefixes;
  }

  #isTaken(name: string): boolean {
    if (this.#given.has(name) || (this.#taken !== this.#given && this.#taken.has(name))) return true;
    const prefix = this.#folders.size + this.#lists.size === 0 ? undefined : prefixOf(name);
    if (prefix === undefined) return false;
    const base = name.slice(prefix.length + 1);
    return this.#lists.get(prefix)?.includes(base) === true || this.#folders.get(prefix)?.has(base) === true;
  }
}

/** All of a name up to its last slash; `undefined` where it has no slash. */
function prefixOf(name: string): string | undefined {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? undefined : name.slice(0, slash);
}

/** The names of all values and all nodes of a graph and its subgraphs. */
export function namesOf(graph: GraphProto): { values: Names; nodes: Names } {
  const values = new Set<string>();
  const nodes = new Set<string>();
  const pending = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const list of [at.input, at.output, at.initializer, at.valueInfo])
      for (const { name } of list) values.add(name);
    for (const { values: sparse } of at.sparseInitializer) if (sparse !== undefined) values.add(sparse.name);
    for (const node of at.node) {
      nodes.add(node.name);
      for (const name of node.input) values.add(name);
      for (const name of node.output) values.add(name);
      for (const inner of subgraphsOf(node)) pending.push(inner.graph);
    }
  }
  return { values: new Names(values), nodes: new Names(nodes) };
}
