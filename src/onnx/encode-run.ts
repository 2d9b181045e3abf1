/** Runs of nodes → bytes. The nodes are not made: what all runs of a pattern have in common is encoded once, and names are put between. */

import { copyFew } from './bytes.ts';
import type { Entry } from './encode-small.ts';
import { type Fields, PLAIN, writeMessage } from './encode-small.ts';
import { behindGap, gapOf, type NodePattern, type NodeRun } from './node-run.ts';
import type { NodeProto } from './schema.ts';
import { putVarint, WireWriter } from './wire-writer.ts';

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

const PIECES = new WeakMap<NodePattern, readonly NodePieces[]>();
const encoder = new TextEncoder();

/** Writes the nodes of a run as fields of their graph. */
export function writeRun({ pattern, names }: NodeRun, { tag }: Entry, out: WireWriter): void {
  let nodes = PIECES.get(pattern);
  if (nodes === undefined) {
    nodes = pattern.nodes.map(piecesOf);
    PIECES.set(pattern, nodes);
  }
  putNames(names);
  if (nodes.length > lengths.length) lengths = new Int32Array(2 * nodes.length);
  let total = 0;
  for (let index = 0; index < nodes.length; index++) {
    const { pieces, fixed } = nodes[index] as NodePieces;
    let length = fixed;
    for (let place = 0; place < pieces.length; place++) {
      const piece = pieces[place] as Piece;
      if (piece.gap < 0) continue;
      const own = lengthOf(piece);
      length += sizeOf(piece.tag) + sizeOf(own) + own;
    }
    lengths[index] = length;
    total += sizeOf(tag) + sizeOf(length) + length;
  }
  const { block, at } = out.room(total);
  let next = at;
  for (let index = 0; index < nodes.length; index++) {
    next = putVarint(block, putVarint(block, next, tag), lengths[index] as number);
    const { pieces } = nodes[index] as NodePieces;
    for (let place = 0; place < pieces.length; place++) {
      const piece = pieces[place] as Piece;
      if (piece.gap >= 0) {
        next = putVarint(block, putVarint(block, next, piece.tag), lengthOf(piece));
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

/** Bytes of an unsigned integer in wire format. */
function sizeOf(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : value < 2 ** 28 ? 4 : 5;
}
