/** The texts of a model's parts as bytes, and what a record keeps of them. Nothing of the model is left in them, so that another thread can go on. */
import { sha256 } from '../host/node.ts';
import { AsciiList, type AsciiTexts } from './ascii-list.ts';
import { PART_KINDS, packTags, tagOfHash } from './fingerprint.ts';
import { joined, type PatternText, TextList } from './text-list.ts';

/** What a record says of the parts of a model. */
export interface StructureRecord {
  /** Digest of all parts; see `digestParts`. */
  readonly digest: string;
  /** A tag for each; see `packParts`. */
  readonly parts: string;
}

/** Texts that begin alike. */
export interface TextGroup {
  readonly start: string;
  readonly texts: AsciiTexts;
  /** Those that are not ASCII. */
  readonly others: string[];
  /** Texts of patterns that belong to it, too, one for each of their runs. */
  readonly ofPatterns: { readonly runs: number; readonly index: number; readonly text: PatternText }[];
}

/** The runs of a pattern. */
export interface RunNames {
  /** Their names, those of each run behind one another. */
  readonly names: AsciiTexts;
  /** How many names each has. */
  readonly each: number;
  /** Places of the first node of each among all parts. */
  readonly places: Int32Array<ArrayBuffer>;
}

/** All texts of a model; a plain value, that a thread can be handed. */
export interface StructureTexts {
  /** In the order of their beginnings. */
  readonly groups: readonly TextGroup[];
  readonly runs: readonly RunNames[];
  /** Of all parts in their order; those of runs are still to come. */
  readonly tags: Int32Array<ArrayBuffer>;
}

const NODE = PART_KINDS.indexOf('node');

/** Puts the texts in order and hashes them; the tags of runs are filled in. */
export function recordOfTexts(texts: StructureTexts): StructureRecord {
  const digest = sha256(joined(listsOf(texts)));
  return { digest, parts: packTags(texts.tags) };
}

/** One list at a time is complete, in memory that the next one uses again; the tags of its runs are filled in on the way. */
function* listsOf({ groups, runs, tags }: StructureTexts): Generator<TextList> {
  const all = new AsciiList();
  for (const { start, texts, others, ofPatterns } of groups) {
    all.assign(texts);
    const list = new TextList(start, all, others);
    for (const { runs: of, index, text } of ofPatterns) addRuns(list, runs[of] as RunNames, index, text, tags);
    yield list;
  }
}

/** Characters by which the names of most runs are longer than those of the first, whose numbers are short. */
const SPARE = 24;

/** Adds the texts of one node of a pattern in all its runs. */
function addRuns(list: TextList, runs: RunNames, index: number, text: PatternText, tags: Int32Array): void {
  const { each, places } = runs;
  const names = new AsciiList(runs.names);
  const lengthOf = (at: number) => (names.ends[at] as number) - names.start(at);
  // Names are about as long in all of them.
  const length = text.tail.reduce((sum, { gap, bytes }) => sum + lengthOf(gap) + bytes.length, text.head.length);
  list.expect(places.length, length + SPARE);
  list.addRuns(text, names, each, (run, hash) => {
    tags[(places[run] as number) + index] = tagOfHash(NODE, hash);
  });
}
