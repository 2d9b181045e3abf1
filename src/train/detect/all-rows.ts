/**
 * A model that chooses rows and decodes their boxes afterwards → the same boxes of all rows, and the scores that it chooses by.
 *
 *     Gather(offsets, best) → decode → Gather(boxes, kept)      becomes      offsets → decode → boxes of all rows
 *
 * torchvision's RetinaNet and FCOS rank the rows of each level first, and decode those that are left, with anchors that they compute.
 * A choice of rows computes nothing, so what follows it is written a second time without it: the file's own decoding, with the file's own
 * anchors and its way back to the size of the picture, in every row.
 *
 * 1. `Gather` and `GatherND` by indices that were chosen hand on their table whole.
 * 2. A node is written again if all that was chosen of its inputs comes from such tables of the same rows, or if it is a `Concat` of levels.
 * 3. The scores of a level are what its indices were chosen by.
 */
import type { Lookup } from '../../graph/scope.ts';
import { viewOf } from '../../graph/view.ts';
import { type Model, normalDomain, withGraph } from '../../onnx/model.ts';
import { namesOf } from '../../onnx/names.ts';
import { nameAt } from '../../onnx/operands.ts';
import { create, type NodeProto } from '../../onnx/schema.ts';
import { type Choice, choiceOf, formatsOf, readsOf, unmoved } from './cut.ts';

/** Values that may be boxes, and those that may be their scores. */
export interface RowsOf {
  readonly boxes: string;
  /** By level: values that the rows of the level were chosen by. */
  readonly levels: readonly (readonly string[])[];
}

/** A model that gives every row of what it chooses from. */
export interface AllRows {
  readonly model: Model;
  /** What the file answers comes first. */
  readonly found: readonly RowsOf[];
  /** How NonMaxSuppression reads boxes, by their name. */
  readonly formats: ReadonlyMap<string, 'xyxy' | 'cxcywh'>;
  /** Whether the file suppresses boxes that overlap; one that only ranks gives each object one row. */
  readonly suppresses: boolean;
}

/** A value of all rows: its name now, and the indices that chose from each of its levels. */
interface Whole {
  readonly name: string;
  readonly indices: readonly string[];
  readonly isReached: boolean;
}

const NO_COPY = new Set(['If', 'Loop', 'Scan', 'TopK', 'NonZero', 'NonMaxSuppression', 'Unique', 'Compress', 'ArgMax']);

/** Operators that compare scores with what is enough. */
const TESTS = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Not']);

/** Undoes the choice of rows at the end of a model; undefined if it makes none, or nothing can be had without it. */
export function withAllRows(model: Model): AllRows | undefined {
  const choice = choiceOf(model);
  if (choice === undefined) return undefined;
  const { graph } = model.proto;
  const writer = new Writer(choice, namesOf(graph));
  for (const node of graph.node) if (choice.tail.has(node)) writer.visit(node);
  const producers = viewOf(model).scopes[0]?.producers ?? new Map<string, NodeProto>();
  const answers = new Set(graph.output.map(({ name }) => name));
  const candidates = [...writer.whole]
    .filter(([, { isReached }]) => isReached)
    .reverse()
    .sort(([a], [b]) => Number(answers.has(b)) - Number(answers.has(a)));
  const by = new Map(
    candidates.flatMap(([, { indices }]) => indices.map((it) => [it, chosenBy(it, choice, producers)] as const)),
  );
  const formats = formatsOf(choice.choosers, producers);
  const found = new Map<string, RowsOf>();
  for (const [, { name, indices }] of candidates) {
    const levels = indices.map((index) => (by.get(index) ?? []).filter((it) => it !== name));
    if (!found.has(name) && levels.every((it) => it.length > 0)) found.set(name, { boxes: name, levels });
  }
  if (found.size === 0) return undefined;
  const names = new Set([...found.values()].flatMap(({ boxes, levels }) => [boxes, ...levels.flat()]));
  return {
    model: withGraph(model, {
      ...graph,
      node: [...graph.node, ...writer.added],
      output: [...names].map((name) => create('ValueInfoProto', { name })),
    }),
    found: [...found.values()],
    formats: new Map(
      [...found.keys()].flatMap((name) => {
        const format = formats.get(unmoved(name, producers));
        return format === undefined ? [] : [[name, format] as const];
      }),
    ),
    suppresses: choice.suppresses,
  };
}

/** Writes nodes again, without the choice. */
class Writer {
  readonly whole = new Map<string, Whole>();
  readonly added: NodeProto[] = [];
  readonly #choice: Choice;
  readonly #names: ReturnType<typeof namesOf>;

  constructor(choice: Choice, names: ReturnType<typeof namesOf>) {
    this.#choice = choice;
    this.#names = names;
  }

  visit(node: NodeProto): void {
    const [x = '', index = ''] = node.input;
    const { chosen, reached } = this.#choice;
    const isGather = node.opType === 'Gather' || node.opType === 'GatherND';
    // 1. Indices are chosen, or are those of an earlier choice.
    if (isGather && chosen.has(index) && !this.whole.has(index)) {
      const table = this.whole.get(x);
      const output = nameAt(node.output, 0);
      if (table !== undefined) this.whole.set(output, table);
      else if (!chosen.has(x)) this.whole.set(output, { name: x, indices: [index], isReached: reached.has(x) });
      return;
    }
    if (!node.input.some((name) => this.whole.has(name))) return;
    if (NO_COPY.has(node.opType) || normalDomain(node.domain) !== '') return;
    if (readsOf(node).some((name) => chosen.has(name) && !this.whole.has(name))) return;
    this.#again(node);
  }

  /** 2. */
  #again(node: NodeProto): void {
    const parts = node.input.flatMap((name) => this.whole.get(name) ?? []);
    const [first, ...others] = parts as [Whole, ...Whole[]];
    const isSame = others.every(({ indices }) => indices.join('\n') === first.indices.join('\n'));
    if (!isSame && (node.opType !== 'Concat' || parts.length < node.input.length)) return;
    const isReached = parts.some((it) => it.isReached) || node.input.some((name) => this.#choice.reached.has(name));
    // Each class of an SSD chooses from the same boxes, and their rows are counted once.
    if (!isSame && others.every(({ name }) => name === first.name)) {
      this.whole.set(nameAt(node.output, 0), first);
      return;
    }
    const indices = isSame ? first.indices : parts.flatMap((it) => it.indices);
    const output = node.output.map((name) => (name === '' ? '' : this.#names.values.fresh(`${name}/all`)));
    const input = node.input.map((name) => this.whole.get(name)?.name ?? name);
    this.added.push({ ...node, input, output, name: this.#names.nodes.fresh(`${node.name}/all`) });
    for (const [i, name] of node.output.entries()) {
      if (name !== '') this.whole.set(name, { name: output[i] as string, indices, isReached });
    }
  }
}

/** 3. Values right before the choice that an index comes from. */
function chosenBy(index: string, { chosen, reached }: Choice, producers: Lookup<NodeProto>): readonly string[] {
  const values = new Set<string>();
  const seen = new Set<string>();
  const pending = [index];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    const node = producers.get(value);
    const isTest = node !== undefined && TESTS.has(node.opType);
    if (!chosen.has(value) && !isTest) {
      if (reached.has(value)) values.add(unmoved(value, producers)).add(value);
    } else if (node?.opType === 'NonMaxSuppression') pending.push(nameAt(node.input, 1));
    else if (node !== undefined && node.opType !== 'Shape') pending.push(...readsOf(node));
  }
  return [...values];
}
