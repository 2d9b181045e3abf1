/**
 * Bytes → messages.
 *
 * Two ways down, one result. A range that is in memory, or small, is decoded by a protobufjs `Reader`. A large range of
 * a file is walked field by field through a window, and what is a blob there (weights) becomes a {@link Slice} that
 * nobody has read. Every message remembers the bytes it came from ({@link setRawSpan}), so that the encoder can put
 * back what nobody changed byte for byte, whatever wire details its writer chose.
 */
import protobuf from 'protobufjs/minimal.js';
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource, Slice } from './bytes.ts';
import { accepts, DELIMITED, type Origin, put, putPacked, putUnknown, readScalar } from './fields.ts';
import { begin, type Mutable, type RawSpan, setRawSpan } from './messages.ts';
import { type Field, type Message, type MessageName, SCHEMA } from './table.ts';
import { Texts } from './texts.ts';

type Reader = protobuf.Reader;

/** The largest message that protocol buffers allow, in bytes: lengths are signed 32-bit integers. */
export const LARGEST_MESSAGE = 2 ** 31 - 1;
/** Ranges of a file up to this many bytes are read whole. Larger is faster on disk, smaller holds less. */
const WINDOW = 256 << 10;
/** The longest tag and length together: two varints of ten bytes. */
const LONGEST_HEADER = 20;
/** Protocol buffers' own limit. A subgraph takes three levels, so this is 30 graphs inside each other. */
const DEPTH_LIMIT = 100;

const FIELDS = Object.fromEntries(
  Object.entries(SCHEMA).map(([message, fields]) => {
    const table: ([string, Field] | undefined)[] = [];
    for (const [name, field] of Object.entries(fields as Record<string, Field>)) table[field.number] = [name, field];
    return [message, table];
  }),
) as Record<MessageName, ([string, Field] | undefined)[]>;

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
    return decodeRange(type, source, whole, 0, new Texts()) as object as Message<K>;
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
  type: MessageName,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  texts: Texts,
  into?: Mutable,
): Mutable {
  const { start, end } = span;
  let message: Mutable;
  if (source instanceof MemorySource) {
    message = readMessage(
      type,
      protobuf.Reader.create(source.read(start, end)),
      end - start,
      { source, base: start, texts },
      depth,
      into,
    );
  } else if (end - start > WINDOW) {
    message = walk(type, source, span, depth, texts, into);
  } else {
    const { reader, origin } = load(source, start, end, texts);
    message = readMessage(type, reader, end - start, origin, depth, into);
  }
  if (into === undefined) setRawSpan(message, { ...span, source });
  return message;
}

/** Reads a range of a file into memory. */
function load(source: ByteSource, start: number, end: number, texts: Texts): { reader: Reader; origin: Origin } {
  let bytes: Uint8Array;
  try {
    bytes = source.read(start, end);
  } catch (cause) {
    if (cause instanceof GnSwapError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('unreadable', `the model cannot be read (${detail})`, { cause });
  }
  if (bytes.length !== end - start) throw new GnSwapError('unreadable', 'the model shrank while it was read');
  return { reader: protobuf.Reader.create(bytes), origin: { source: new MemorySource(bytes), base: 0, texts } };
}

function readMessage(
  type: MessageName,
  reader: Reader,
  end: number,
  origin: Origin,
  depth: number,
  into?: Mutable,
): Mutable {
  const message = into ?? beginAt(type, depth);
  while (reader.pos < end) readField(type, message, reader, end, origin, depth);
  if (reader.pos !== end) throw new RangeError(`a field runs past the end of its ${type}`);
  return message;
}

function beginAt(type: MessageName, depth: number): Mutable {
  if (depth > DEPTH_LIMIT) throw new RangeError(`more than ${DEPTH_LIMIT} messages inside each other`);
  return begin(type);
}

function readField(
  type: MessageName,
  message: Mutable,
  reader: Reader,
  end: number,
  origin: Origin,
  depth: number,
): void {
  const header = reader.pos;
  const tag = reader.tag();
  const [number, wire] = [tag >>> 3, tag & 7];
  const entry = FIELDS[type][number];
  if (entry !== undefined && accepts(entry[1], wire)) {
    const [name, field] = entry;
    if (isMessage(field.type)) {
      const length = reader.size();
      const start = reader.pos;
      const stop = start + length;
      if (stop > end) throw new RangeError(`a ${field.type} runs past the end of its ${type}`);
      const prior = field.repeated ? undefined : message[name];
      const value = readMessage(field.type, reader, stop, origin, depth + 1, thaw(prior));
      if (prior === undefined) {
        const { source, base } = origin;
        setRawSpan(value, { source, header: base + header, start: base + start, end: base + stop, field: number });
      }
      put(message, name, field, value);
    } else {
      readScalar(message, name, field, field.type, wire, reader, end, origin);
    }
    return;
  }
  if (number === 0) throw new RangeError('a field has the number 0');
  // Groups, wire type 3, are how protocol buffers nested before messages. No version of ONNX has any.
  if (wire === 3) throw new RangeError('a field is a group');
  reader.skipType(wire);
  if (reader.pos > end) throw new RangeError(`a field runs past the end of its ${type}`);
  putUnknown(message, reader.raw(header, reader.pos));
}

/** A singular message that comes twice is merged, as the format asks; then it is no longer as decoded. */
function thaw(prior: unknown): Mutable | undefined {
  return prior === undefined ? undefined : { ...(prior as Mutable) };
}

function isMessage(type: Field['type']): type is MessageName {
  return type in SCHEMA;
}

/** Decodes a large message of a file through a window, leaving its blobs on disk. */
function walk(
  type: MessageName,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  texts: Texts,
  into?: Mutable,
): Mutable {
  const message = into ?? beginAt(type, depth);
  const { end } = span;
  let at = span.start;
  let [from, to] = [at, at];
  let window: ReturnType<typeof load> | undefined;
  while (at < end) {
    if (window === undefined || (to < end && at + LONGEST_HEADER > to)) {
      [from, to] = [at, Math.min(at + WINDOW + LONGEST_HEADER, end)];
      window = load(source, from, to, texts);
    }
    const { reader, origin } = window;
    reader.pos = at - from;
    const tag = reader.tag();
    const length = (tag & 7) === DELIMITED ? reader.size() : 0;
    const start = from + reader.pos;
    const stop = start + length;
    if (stop > end) throw new RangeError(`a field runs past the end of its ${type}`);
    if (stop <= to) {
      reader.pos = at - from;
      readField(type, message, reader, to - from, origin, depth);
      at = from + reader.pos;
    } else if (length <= WINDOW) {
      // It fits a window that begins with it.
      window = undefined;
    } else {
      readLarge(type, message, tag, { source, header: at, start, end: stop, field: tag >>> 3 }, depth, texts);
      at = stop;
    }
  }
  return message;
}

/** One length-delimited field that is larger than the window. */
function readLarge(type: MessageName, message: Mutable, tag: number, span: RawSpan, depth: number, texts: Texts): void {
  const entry = FIELDS[type][tag >>> 3];
  const { source, header, start, end } = span;
  if (entry !== undefined && isMessage(entry[1].type)) {
    const [name, field] = entry;
    const prior = field.repeated ? undefined : thaw(message[name]);
    put(message, name, field, decodeRange(field.type as MessageName, source, span, depth + 1, texts, prior));
  } else if (entry?.[1].type === 'blob') {
    message[entry[0]] = new Slice(source, start, end);
  } else if (entry?.[1].type.startsWith('packed ')) {
    putPacked(message, entry[0], new Slice(source, start, end));
  } else {
    const { reader, origin } = load(source, header, end, texts);
    readField(type, message, reader, end - header, origin, depth);
  }
}
