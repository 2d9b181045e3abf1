/** What a record keeps of a model's structure, made without all of its texts at once: those of 100,000 nodes take half a gigabyte. */
import type { Model } from '../onnx/model.ts';
import { gap, gapOf, type NodePattern, type NodeRun } from '../onnx/node-run.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { AsciiList } from './ascii-list.ts';
import { PART_KINDS, type Part, TENSOR_START, tagOfHash, visitParts } from './fingerprint.ts';
import { NodeTexts } from './part-text.ts';
import { recordOfTexts, type StructureRecord, type StructureTexts, type TextGroup } from './structure-texts.ts';
import { type PatternText, TextList } from './text-list.ts';

const NODE = PART_KINDS.indexOf('node');
const TENSOR = PART_KINDS.indexOf('tensor');

/** Digest and tags of the parts of a model. */
export function structureRecordOf(model: Model): StructureRecord {
  return recordOfTexts(structureTextsOf(model));
}

/** Parts whose texts begin alike. */
interface Group {
  readonly list: TextList;
  readonly ofPatterns: TextGroup['ofPatterns'];
}

/** The runs of a pattern. */
interface Runs {
  /** By the pattern's node. */
  readonly starts: readonly string[];
  readonly names: AsciiList;
  readonly places: number[];
  each: number;
}

/**
 * The texts of the parts of a model.
 *
 * Parts are gathered by how their texts begin: a kind, or a kind, a graph and an operator. These beginnings are quoted texts, none of
 * which is the beginning of another, so the order of the groups is that of the texts in them, and one group at a time is sorted and
 * hashed. The texts of runs, which are most, are made then.
 */
export function structureTextsOf(model: Model): StructureTexts {
  const groups = new Map<string, Group>();
  const runs = new Map<NodePattern, Runs>();
  const tags: number[] = [];
  const texts = new NodeTexts(model);
  const groupOf = (start: string): Group => {
    const known = groups.get(start);
    if (known !== undefined) return known;
    const made: Group = { list: new TextList(start), ofPatterns: [] };
    groups.set(start, made);
    return made;
  };
  const runsOf = ({ pattern, names }: NodeRun): Runs => {
    const known = runs.get(pattern);
    if (known !== undefined) return known;
    const starts = pattern.nodes.map((node) => texts.start(node, ''));
    const made: Runs = { starts, names: new AsciiList(), places: [], each: names.length };
    for (const [index, start] of starts.entries()) {
      const text = patternTextOf(texts.rest(pattern.nodes[index] as NodeProto));
      groupOf(start).ofPatterns.push({ runs: runs.size, index, text });
    }
    runs.set(pattern, made);
    return made;
  };
  const add = (kind: number, start: string, rest: string) => {
    tags.push(tagOfHash(kind, groupOf(start).list.add(rest)));
  };
  visitParts(model, {
    node: (node, path) => add(NODE, texts.start(node, path), texts.rest(node)),
    run: (run) => {
      if (!run.names.every(isPlain)) {
        for (const node of run.nodes) add(NODE, texts.start(node, ''), texts.rest(node));
        return;
      }
      const { starts, names, places } = runsOf(run);
      places.push(tags.length);
      for (let index = 0; index < run.names.length; index++) names.add(run.names[index] as string);
      for (let index = 0; index < starts.length; index++) tags.push(0);
    },
    tensor: (_, rest) => add(TENSOR, TENSOR_START, rest),
    part: ({ kind, text }: Part) => {
      const start = `["${kind}",`;
      add(PART_KINDS.indexOf(kind), start, text.slice(start.length));
    },
  });
  const ordered = [...groups.values()].sort((a, b) => (a.list.start < b.list.start ? -1 : 1));
  return {
    groups: ordered.map(({ list: { start, texts: own, others }, ofPatterns }) => ({
      start,
      texts: own,
      others,
      ofPatterns,
    })),
    runs: [...runs.values()].map(({ names, each, places }) => ({ names, each, places: Int32Array.from(places) })),
    tags: Int32Array.from(tags),
  };
}

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
function patternTextOf(text: string): PatternText {
  const [head = '', ...rest] = text.split(MARK);
  const tail = rest.map((it) => ({ gap: gapOf(JSON.parse(`"${MARK}${it[0]}"`)), bytes: encoder.encode(it.slice(1)) }));
  return { head: encoder.encode(head), tail };
}
