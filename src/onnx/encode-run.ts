/** Runs of nodes → bytes. The nodes are not made: what all runs of a pattern have in common is encoded once, and names are put between. */

import { copyFew } from './bytes.ts';
import type { Entry } from './encode-small.ts';
import { type Fields, PLAIN, writeMessage } from './encode-small.ts';
import { behindGap, gapOf, type NodePattern, type NodeRun } from './node-run.ts';
import type { NodeProto } from './schema.ts';
import { putVarint, varintSize, WireWriter } from './wire-writer.ts';

/** A field that is a text which begins with one of the run's names; or, without a name, any fields. */
interface Piece {
  /** Number of the name; −1 if there is none. */
  readonly gap: number;
  /** Of the field with the name. */
  readonly tag: number;
  /** What stands behind the name, or is all. */
  readonly bytes: Uint8Array;
}

/** A node of a pattern. */
interface NodePieces {
  readonly pieces: readonly Piece[];
  /** Bytes of the pieces without a name. */
  readonly fixed: number;
}

/** How the runs of a pattern are written. */
interface Stamp {
  readonly nodes: readonly NodePieces[];
  /** How long the names of the last run were, in bytes. */
  readonly lengths: number[];
  /** Bytes of a run with names of those lengths. */
  total: number;
  /** The bytes of a run with names of those lengths, once there were two; others differ from it where names are. */
  bytes: Uint8Array | undefined;
  /** Where in those bytes names are: place and number of each. */
  readonly slots: number[];
}

const STAMPS = new WeakMap<NodePattern, Stamp>();
const encoder = new TextEncoder();

/** Writes the nodes of a run as fields of their graph. */
export function writeRun({ pattern, names }: NodeRun, { tag }: Entry, out: WireWriter): void {
  const stamp = stampOf(pattern);
  putNames(names);
  const isAlike = hasLengths(stamp, names.length);
  if (isAlike && stamp.bytes !== undefined) {
    writeAgain(stamp, stamp.bytes, out);
    return;
  }
  stamp.total = measure(stamp.nodes, tag);
  const { block, at } = out.room(stamp.total);
  writeNodes(stamp, tag, block, at);
  stamp.bytes = isAlike ? block.slice(at, at + stamp.total) : undefined;
}

/** How many bytes {@link writeRun} writes. */
export function runLength({ pattern, names }: NodeRun, { tag }: Entry): number {
  const stamp = stampOf(pattern);
  putNames(names);
  if (hasLengths(stamp, names.length)) return stamp.total;
  stamp.bytes = undefined;
  stamp.total = measure(stamp.nodes, tag);
  return stamp.total;
}

function stampOf(pattern: NodePattern): Stamp {
  const known = STAMPS.get(pattern);
  if (known !== undefined) return known;
  const made: Stamp = { nodes: pattern.nodes.map(piecesOf), lengths: [], total: 0, bytes: undefined, slots: [] };
  STAMPS.set(pattern, made);
  return made;
}

/** Whether the names are as long as those before; from now on those are these. */
function hasLengths({ lengths: known }: Stamp, count: number): boolean {
  let isAlike = known.length === count;
  for (let name = 0; name < count; name++) {
    const length = (ends[name] as number) - startOf(name);
    if (known[name] !== length) isAlike = false;
    known[name] = length;
  }
  return isAlike;
}

/** Writes what the run before was, with other names in it. */
function writeAgain({ slots }: Stamp, bytes: Uint8Array, out: WireWriter): void {
  const { block, at } = out.room(bytes.length);
  block.set(bytes, at);
  for (let index = 0; index < slots.length; index += 2) {
    const name = slots[index + 1] as number;
    copyFew(scratch, startOf(name), ends[name] as number, block, at + (slots[index] as number));
  }
}

/** Notes how long each node is. @returns bytes of all, with their tags and lengths */
function measure(nodes: readonly NodePieces[], tag: number): number {
  if (nodes.length > lengths.length) lengths = new Int32Array(2 * nodes.length);
  let total = 0;
  for (let index = 0; index < nodes.length; index++) {
    const { pieces, fixed } = nodes[index] as NodePieces;
    let length = fixed;
    for (let place = 0; place < pieces.length; place++) {
      const piece = pieces[place] as Piece;
      if (piece.gap < 0) continue;
      const own = lengthOf(piece);
      length += varintSize(piece.tag) + varintSize(own) + own;
    }
    lengths[index] = length;
    total += varintSize(tag) + varintSize(length) + length;
  }
  return total;
}

function writeNodes({ nodes, slots }: Stamp, tag: number, block: Uint8Array, at: number): void {
  slots.length = 0;
  let next = at;
  for (let index = 0; index < nodes.length; index++) {
    next = putVarint(block, putVarint(block, next, tag), lengths[index] as number);
    const { pieces } = nodes[index] as NodePieces;
    for (let place = 0; place < pieces.length; place++) {
      const piece = pieces[place] as Piece;
      if (piece.gap >= 0) {
        next = putVarint(block, putVarint(block, next, piece.tag), lengthOf(piece));
        slots.push(next - at, piece.gap);
        next = copyFew(scratch, startOf(piece.gap), ends[piece.gap] as number, block, next);
      }
      next = copyFew(piece.bytes, 0, piece.bytes.length, block, next);
    }
  }
}

/** Of a field that begins with a name, without its tag and length. */
function lengthOf({ gap, bytes }: Piece): number {
  return (ends[gap] as number) - startOf(gap) + bytes.length;
}

/** The fields of a node in the order in which nodes are written. */
function piecesOf({ input, output, name, opType, attribute }: NodeProto): NodePieces {
  const pieces: Piece[] = [];
  const out = new WireWriter(FIRST_BLOCK);
  const settle = () => {
    if (out.length > 0) pieces.push({ gap: -1, tag: 0, bytes: out.take().slice() });
  };
  const text = ({ tag }: Entry, value: string) => {
    const gap = gapOf(value);
    if (gap < 0) {
      out.varint(tag);
      out.string(value);
      return;
    }
    settle();
    pieces.push({ gap, tag, bytes: encoder.encode(behindGap(value)) });
  };
  for (const value of input) text(PLAIN.input, value);
  for (const value of output) text(PLAIN.output, value);
  text(PLAIN.name, name);
  text(PLAIN.opType, opType);
  for (const it of attribute) writeMessage(PLAIN.attribute, 'AttributeProto', it as object as Fields, out);
  settle();
  return { pieces, fixed: pieces.reduce((sum, { gap, bytes }) => sum + (gap < 0 ? bytes.length : 0), 0) };
}

const FIRST_BLOCK = 256;

/** The names of the run that is being written, one behind another, and where each ends: used again for each run, as there are many. */
let scratch = new Uint8Array(1024);
let ends = new Int32Array(16);
/** Of its nodes, in bytes. */
let lengths = new Int32Array(16);

function startOf(name: number): number {
  return name === 0 ? 0 : (ends[name - 1] as number);
}

/** Puts names there, in UTF-8. */
function putNames(names: readonly string[]): void {
  let most = 0;
  // The most that a UTF-16 unit takes.
  for (let index = 0; index < names.length; index++) most += 3 * (names[index] as string).length;
  if (most > scratch.length) scratch = new Uint8Array(2 * most);
  if (names.length > ends.length) ends = new Int32Array(2 * names.length);
  let at = 0;
  for (let index = 0; index < names.length; index++) {
    at = putText(names[index] as string, at);
    ends[index] = at;
  }
}

function putText(text: string, start: number): number {
  let at = start;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return start + encoder.encodeInto(text, scratch.subarray(start)).written;
    scratch[at++] = unit;
  }
  return at;
}
