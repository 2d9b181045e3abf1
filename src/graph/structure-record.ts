/** What a record keeps of a model's structure, made without all of its texts at once: those of 100,000 nodes take half a gigabyte. */
import { sha256 } from '../host/node.ts';
import type { Model } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { joined, NodeTexts, type Part, packTags, tagOf, visitParts } from './fingerprint.ts';

/** What a record says of the parts of a model. */
export interface StructureRecord {
  /** Digest of all parts; see `digestParts`. */
  readonly digest: string;
  /** A tag for each; see `packParts`. */
  readonly parts: string;
}

/** Parts whose texts begin alike: nodes that have theirs made when they are needed, or texts. */
interface Group {
  readonly kind: Part['kind'];
  readonly start: string;
  readonly nodes: NodeProto[];
  readonly texts: string[];
  /** Places of these parts among all. */
  readonly places: number[];
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
  const tags: number[] = [];
  const groupOf = (kind: Part['kind'], start: string): Group => {
    const known = groups.get(start);
    if (known !== undefined) return known;
    const made: Group = { kind, start, nodes: [], texts: [], places: [] };
    groups.set(start, made);
    return made;
  };
  const texts = new NodeTexts(model);
  visitParts(model, {
    node: (node, path) => {
      const group = groupOf('node', texts.start(node, path));
      group.nodes.push(node);
      group.places.push(tags.push(0) - 1);
    },
    part: ({ kind, text }) => {
      groupOf(kind, `["${kind}",`).texts.push(text);
      tags.push(tagOf({ kind, text }));
    },
  });
  const digest = sha256(joined(spelled([...groups.values()], texts, tags)));
  return { digest, parts: packTags(tags) };
}

/** The texts of each group, in the order of their beginnings; the tags of nodes are filled in on the way. */
function* spelled(groups: readonly Group[], texts: NodeTexts, tags: number[]): Generator<string[]> {
  const ordered = groups.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (const { kind, start, nodes, texts: own, places } of ordered) {
    for (let index = 0; index < nodes.length; index++) {
      const text = start + texts.rest(nodes[index] as NodeProto);
      tags[places[index] as number] = tagOf({ kind, text });
      own.push(text);
    }
    yield own;
    own.length = 0;
  }
}
