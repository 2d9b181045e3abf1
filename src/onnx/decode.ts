/**
 * Bytes → messages.
 *
 * Two ways down, one result. A range that is in memory, or small, is decoded by a {@link WireReader}. A large range of
 * a file is walked field by field through a window, and what is a blob there (weights) becomes a {@link Slice} that
 * nobody has read. Every message remembers the bytes it came from ({@link setRawSpan}), so that the encoder can put
 * back what nobody changed byte for byte, whatever wire details its writer chose.
 */
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource, Slice } from './bytes.ts';
import { DELIMITED, type Origin, put, putPacked, putUnknown, readScalar, wiresOf } from './fields.ts';
import { begin, type Mutable, type RawSpan, setRawSpan } from './messages.ts';
import { Repeats } from './repeats.ts';
import { type Field, type Message, type MessageName, SCHEMA, type ScalarType } from './table.ts';
import { Texts } from './texts.ts';
import { WireReader } from './wire-reader.ts';

/** The largest message that protocol buffers allow, in bytes: lengths are signed 32-bit integers. */
export const LARGEST_MESSAGE = 2 ** 31 - 1;
/** Ranges of a file up to this many bytes are read whole. Larger is faster on disk, smaller holds less. */
const WINDOW = 64 << 10;
/** The longest tag and length together: two varints of ten bytes. */
const LONGEST_HEADER = 20;
/** Protocol buffers' own limit. A subgraph takes three levels, so this is 30 graphs inside each other. */
const DEPTH_LIMIT = 100;

/** A field of a message; `inner` is the table of the message that it holds, if it holds one. */
interface Entry {
  readonly name: string;
  readonly field: Field;
  /** A bit for each wire type that it may have. */
  readonly wires: number;
  readonly inner: Table | undefined;
}

/** What a file repeats. */
type Known = Pick<Origin, 'texts' | 'repeats'>;

/** The fields of one type of message, by number. */
interface Table {
  readonly type: MessageName;
  readonly entries: (Entry | undefined)[];
}

const TABLES: ReadonlyMap<string, Table> = tables();

function tables(): Map<string, Table> {
  const made = new Map<string, Table>();
  for (const type of Object.keys(SCHEMA) as MessageName[]) made.set(type, { type, entries: [] });
  for (const { type, entries } of made.values()) {
    for (const [name, field] of Object.entries(SCHEMA[type] as Record<string, Field>)) {
      while (entries.length <= field.number) entries.push(undefined);
      entries[field.number] = { name, field, wires: wiresOf(field), inner: made.get(field.type) };
    }
  }
  return made;
}

/**
 * Decodes the bytes of `source` as one message of the given type.
 *
 * @throws GnSwapError `invalid-model` where the bytes are not such a message: truncated, lying about lengths, nested
 *   deeper than 100 messages, or text that is not UTF-8. `unsupported-model` where they are more than a message can
 *   have. `unreadable` where the source does not give them.
 */
export function decode<K extends MessageName>(type: K, source: ByteSource): Message<K> {
  if (source.size > LARGEST_MESSAGE) throw tooLarge(source.size);
  try {
    const whole = { header: 0, start: 0, end: source.size, field: 0 };
    return decodeRange(TABLES.get(type) as Table, source, whole, 0, {
      texts: new Texts(),
      repeats: new Repeats(),
    }) as object as Message<K>;
  } catch (cause) {
    if (cause instanceof GnSwapError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('invalid-model', `not an ONNX file, or a damaged one (${detail})`, {
      remedy: 'Export or download the model again',
      cause,
    });
  }
}

/** The error for a message of more bytes than protocol buffers allow. */
export function tooLarge(size: number): GnSwapError {
  return new GnSwapError(
    'unsupported-model',
    `the model has ${size} bytes in one file; the limit of the format is 2 GiB`,
    {
      remedy: 'Save it with external data: onnx.save_model(model, path, save_as_external_data=True)',
    },
  );
}

function decodeRange(
  table: Table,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  known: Known,
  into?: Mutable,
): Mutable {
  const { start, end } = span;
  let message: Mutable;
  if (source instanceof MemorySource) {
    message = readMessage(
      table,
      new WireReader(source.read(start, end)),
      end - start,
      { source, base: start, ...known },
      depth,
      into,
    );
  } else if (end - start > WINDOW) {
    message = walk(table, source, span, depth, known, into);
  } else {
    const { reader, origin } = load(source, start, end, known);
    message = readMessage(table, reader, end - start, origin, depth, into);
  }
  if (into === undefined) setRawSpan(message, { ...span, source });
  return message;
}

/** Reads a range of a file into memory. */
function load(source: ByteSource, start: number, end: number, known: Known): { reader: WireReader; origin: Origin } {
  let bytes: Uint8Array;
  try {
    bytes = source.read(start, end);
  } catch (cause) {
    if (cause instanceof GnSwapError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('unreadable', `the model cannot be read (${detail})`, { cause });
  }
  if (bytes.length !== end - start) throw new GnSwapError('unreadable', 'the model shrank while it was read');
  return { reader: new WireReader(bytes), origin: { source: new MemorySource(bytes), base: 0, ...known } };
}

function readMessage(
  table: Table,
  reader: WireReader,
  end: number,
  origin: Origin,
  depth: number,
  into?: Mutable,
): Mutable {
  const message = into ?? beginAt(table.type, depth);
  while (reader.pos < end) readField(table, message, reader, end, origin, depth);
  if (reader.pos !== end) throw new RangeError(`a field runs past the end of its ${table.type}`);
  return message;
}

function beginAt(type: MessageName, depth: number): Mutable {
  if (depth > DEPTH_LIMIT) throw new RangeError(`more than ${DEPTH_LIMIT} messages inside each other`);
  return begin(type);
}

/** Small, and without anything that iterates: most of a short run is spent here before it is compiled. */
function readField(
  table: Table,
  message: Mutable,
  reader: WireReader,
  end: number,
  origin: Origin,
  depth: number,
): void {
  const header = reader.pos;
  const tag = reader.tag();
  const entry = table.entries[tag >>> 3];
  if (entry === undefined || ((entry.wires >> (tag & 7)) & 1) === 0) {
    readUnknown(table, message, reader, end, header, tag);
  } else if (entry.inner === undefined) {
    const { name, field } = entry;
    readScalar(message, name, field, field.type as ScalarType, tag & 7, reader, end, origin);
  } else {
    readInner(table, message, entry, entry.inner, reader, end, origin, depth, header);
  }
}

function readInner(
  table: Table,
  message: Mutable,
  { name, field }: Entry,
  inner: Table,
  reader: WireReader,
  end: number,
  origin: Origin,
  depth: number,
  header: number,
): void {
  const length = reader.size();
  const start = reader.pos;
  const stop = start + length;
  if (stop > end) throw new RangeError(`a ${inner.type} runs past the end of its ${table.type}`);
  const { bytes } = reader;
  const repeats = inner.type === 'AttributeProto' && depth < DEPTH_LIMIT ? origin.repeats : undefined;
  const known = repeats?.find(bytes, header, stop);
  if (known !== undefined) {
    reader.pos = stop;
    put(message, name, field, known);
    return;
  }
  const prior = field.repeated ? undefined : message[name];
  const value = readMessage(inner, reader, stop, origin, depth + 1, thaw(prior));
  if (prior === undefined) {
    const { source, base } = origin;
    setRawSpan(value, { source, header: base + header, start: base + start, end: base + stop, field: field.number });
  }
  repeats?.keep(bytes, header, stop, value);
  put(message, name, field, value);
}

function readUnknown(
  table: Table,
  message: Mutable,
  reader: WireReader,
  end: number,
  header: number,
  tag: number,
): void {
  if (tag >>> 3 === 0) throw new RangeError('a field has the number 0');
  // Groups, wire type 3, are how protocol buffers nested before messages. No version of ONNX has any.
  if ((tag & 7) === 3) throw new RangeError('a field is a group');
  reader.skip(tag & 7);
  if (reader.pos > end) throw new RangeError(`a field runs past the end of its ${table.type}`);
  putUnknown(message, reader.bytes.subarray(header, reader.pos));
}

/** A singular message that comes twice is merged, as the format asks; then it is no longer as decoded. */
function thaw(prior: unknown): Mutable | undefined {
  return prior === undefined ? undefined : { ...(prior as Mutable) };
}

/** Decodes a large message of a file through a window, leaving its blobs on disk. */
function walk(
  table: Table,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  known: Known,
  into?: Mutable,
): Mutable {
  const message = into ?? beginAt(table.type, depth);
  const { end } = span;
  let at = span.start;
  let [from, to] = [at, at];
  let window: ReturnType<typeof load> | undefined;
  while (at < end) {
    if (window === undefined || (to < end && at + LONGEST_HEADER > to)) {
      [from, to] = [at, Math.min(at + WINDOW + LONGEST_HEADER, end)];
      window = load(source, from, to, known);
    }
    const { reader, origin } = window;
    reader.pos = at - from;
    const tag = reader.tag();
    const length = (tag & 7) === DELIMITED ? reader.size() : 0;
    const start = from + reader.pos;
    const stop = start + length;
    if (stop > end) throw new RangeError(`a field runs past the end of its ${table.type}`);
    if (stop <= to) {
      reader.pos = at - from;
      readField(table, message, reader, to - from, origin, depth);
      at = from + reader.pos;
    } else if (length <= WINDOW) {
      // It fits a window that begins with it.
      window = undefined;
    } else {
      readLarge(table, message, tag, { source, header: at, start, end: stop, field: tag >>> 3 }, depth, known);
      at = stop;
    }
  }
  return message;
}

/** One length-delimited field that is larger than the window. */
function readLarge(table: Table, message: Mutable, tag: number, span: RawSpan, depth: number, known: Known): void {
  const entry = table.entries[tag >>> 3];
  const { source, header, start, end } = span;
  if (entry?.inner !== undefined) {
    const { name, field, inner } = entry;
    const prior = field.repeated ? undefined : thaw(message[name]);
    put(message, name, field, decodeRange(inner, source, span, depth + 1, known, prior));
  } else if (entry?.field.type === 'blob') {
    message[entry.name] = new Slice(source, start, end);
  } else if (entry?.field.type.startsWith('packed ')) {
    putPacked(message, entry.name, new Slice(source, start, end));
  } else {
    const { reader, origin } = load(source, header, end, known);
    readField(table, message, reader, end - header, origin, depth);
  }
}
