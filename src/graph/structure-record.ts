/** What a record keeps of a model's structure, made without all of its texts at once: those of 100,000 nodes take half a gigabyte. */
import { sha256 } from '../host/node.ts';
import type { Model } from '../onnx/model.ts';
import { gap, gapOf, type NodePattern, type NodeRun } from '../onnx/node-run.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { AsciiList } from './ascii-list.ts';
import { PART_KINDS, type Part, packTags, tagOfHash, visitParts } from './fingerprint.ts';
import { NodeTexts } from './part-text.ts';
import { joined, TextList, type TextPiece } from './text-list.ts';

/** What a record says of the parts of a model. */
export interface StructureRecord {
  /** Digest of all parts; see `digestParts`. */
  readonly digest: string;
  /** A tag for each; see `packParts`. */
  readonly parts: string;
}

const NODE = PART_KINDS.indexOf('node');

/** Parts whose texts begin alike. Those of nodes are made when they are needed. */
interface Group {
  readonly kind: Part['kind'];
  readonly start: string;
  readonly nodes: NodeProto[];
  /** Places of the nodes among all parts. */
  readonly places: number[];
  /** Nodes of patterns, by their number in the pattern. */
  readonly inPatterns: { readonly runs: Runs; readonly index: number }[];
  /** Of parts that are not nodes. */
  readonly texts: TextList;
}

/** The runs of a pattern. */
interface Runs {
  readonly pattern: NodePattern;
  readonly all: NodeRun[];
  /** Of the first node of each. */
  readonly places: number[];
  /** Their names, those of each run behind one another; empty where they are not {@link isPlain}. */
  readonly names: AsciiList;
}

/**
 * Digest and tags of the parts of a model.
 *
 * Parts are gathered by how their texts begin: a kind, or a kind, a graph and an operator. These beginnings are quoted texts, none of
 * which is the beginning of another, so the order of the groups is that of the texts in them, and one group at a time is spelled,
 * sorted and hashed.
 */
export function structureRecordOf(model: Model): StructureRecord {
  const groups = new Map<string, Group>();
  const runs = new Map<NodePattern, Runs>();
  const tags: number[] = [];
  const groupOf = (kind: Part['kind'], start: string): Group => {
    const known = groups.get(start);
    if (known !== undefined) return known;
    const made: Group = { kind, start, nodes: [], places: [], inPatterns: [], texts: new TextList(start) };
    groups.set(start, made);
    return made;
  };
  const texts = new NodeTexts(model);
  const runsOf = (pattern: NodePattern): Runs => {
    const known = runs.get(pattern);
    if (known !== undefined) return known;
    const made: Runs = { pattern, all: [], places: [], names: new AsciiList() };
    runs.set(pattern, made);
    for (const [index, node] of pattern.nodes.entries()) {
      groupOf('node', texts.start(node, '')).inPatterns.push({ runs: made, index });
    }
    return made;
  };
  visitParts(model, {
    node: (node, path) => {
      const group = groupOf('node', texts.start(node, path));
      group.nodes.push(node);
      group.places.push(tags.push(0) - 1);
    },
    run: (run) => {
      const { all, places, names } = runsOf(run.pattern);
      all.push(run);
      places.push(tags.length);
      const arePlain = run.names.every(isPlain);
      for (const name of run.names) names.add(arePlain ? name : '');
      for (let index = 0; index < run.pattern.nodes.length; index++) tags.push(0);
    },
    part: ({ kind, text }) => {
      const { start, texts: list } = groupOf(kind, `["${kind}",`);
      tags.push(tagOfHash(PART_KINDS.indexOf(kind), list.add(text.slice(start.length))));
    },
  });
  const digest = sha256(joined(spelled([...groups.values()], texts, tags)));
  return { digest, parts: packTags(tags) };
}

/** The texts of each group, in the order of their beginnings; the tags of nodes are filled in on the way. */
function* spelled(groups: readonly Group[], texts: NodeTexts, tags: number[]): Generator<TextList> {
  const ordered = groups.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (const { kind, start, nodes, places, inPatterns, texts: own } of ordered) {
    if (kind !== 'node') {
      yield own;
      continue;
    }
    const list = new TextList(start);
    for (let index = 0; index < nodes.length; index++) {
      tags[places[index] as number] = tagOfHash(NODE, list.add(texts.rest(nodes[index] as NodeProto)));
    }
    for (const { runs, index } of inPatterns) addRuns(list, runs, index, texts, tags);
    yield list;
  }
}

/** Adds the texts of one node of a pattern in all its runs. */
function addRuns(list: TextList, runs: Runs, index: number, texts: NodeTexts, tags: number[]): void {
  const { pattern, all, places, names } = runs;
  const pieces = piecesOf(texts.rest(pattern.nodes[index] as NodeProto));
  // Names are about as long in all of them.
  const [{ names: first } = { names: [] }] = all;
  const length = pieces.reduce((sum, { gap: at, bytes }) => sum + bytes.length + (first[at]?.length ?? 0), 0);
  list.expect(all.length, length + SPARE);
  let before = 0;
  for (let at = 0; at < all.length; at++) {
    const run = all[at] as NodeRun;
    // No name of a run that has its names here is empty, such as the first.
    const arePlain = names.start(before) < (names.ends[before] as number);
    const hash = arePlain ? list.addPieces(pieces, names, before) : list.add(texts.rest(run.nodes[index] as NodeProto));
    before += run.names.length;
    tags[(places[at] as number) + index] = tagOfHash(NODE, hash);
  }
}

/** Characters by which the names of most runs are longer than those of the first, whose numbers are short. */
const SPARE = 24;

/** Names that JSON has as they are, in ASCII. */
function isPlain(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false;
  }
  return true;
}

const encoder = new TextEncoder();

/** What the mark of a gap is in JSON. */
const MARK = JSON.stringify(gap(0)).slice(1, -2);

/** The text of a node of a pattern, cut at its gaps. */
function piecesOf(text: string): TextPiece[] {
  const [first = '', ...rest] = text.split(MARK);
  return [
    { gap: -1, bytes: encoder.encode(first) },
    ...rest.map((it) => ({ gap: gapOf(JSON.parse(`"${MARK}${it[0]}"`)), bytes: encoder.encode(it.slice(1)) })),
  ];
}
