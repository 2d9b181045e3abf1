/** What a program hands over for a model. JavaScript lets anything through, and a path or an ArrayBuffer is handed over first of all. */
import { GnSwapError } from '../errors.ts';
import type { ByteSource } from './bytes.ts';

/**
 * Tells bytes from anything else: also those of another realm, as in Jest, where `instanceof` does not know them.
 */
export function isBytes(given: unknown): given is Uint8Array {
  return Object.prototype.toString.call(given) === '[object Uint8Array]';
}

/**
 * Returns what was given for the file of a model, if it can be read.
 *
 * @throws GnSwapError `invalid-arguments` if it is neither bytes nor a {@link ByteSource}
 */
export function sourceGiven(given: unknown): ByteSource {
  if (isSource(given)) return given;
  const [what, remedy] = describe(given);
  throw new GnSwapError('invalid-arguments', `the bytes of a model are needed, and ${what} was given`, { remedy });
}

/**
 * Makes sure that a model was given, before anything is looked for in it.
 *
 * @param by the function that needs it
 * @throws GnSwapError `invalid-arguments`
 */
export function requireModel(given: unknown, by: string): void {
  if (typeof given === 'object' && given !== null && 'proto' in given) return;
  const [what, remedy] = isBytes(given)
    ? ['the bytes of a file were given', 'Read them first: readModel(bytes)']
    : [`${describe(given)[0]} was given`, 'Make one of the bytes of a file: readModel(bytes)'];
  throw new GnSwapError('invalid-arguments', `${by} needs a model, and ${what}`, { remedy });
}

function isSource(given: unknown): given is ByteSource {
  if (typeof given !== 'object' || given === null) return false;
  return 'size' in given && typeof given.size === 'number' && 'read' in given && typeof given.read === 'function';
}

/** What was given, in words, and how to make bytes of it. */
function describe(given: unknown): readonly [what: string, remedy: string] {
  if (typeof given === 'string') return ['text', 'If it is a path, read the file first: await readFile(path)'];
  if (given instanceof Promise) return ['a promise', 'Put await before it'];
  if (given === undefined || given === null) return [String(given), 'Give a Uint8Array'];
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') return [`an ${kind}`, 'Give new Uint8Array(buffer)'];
  if (kind === 'Blob' || kind === 'File') return [`a ${kind}`, 'Give new Uint8Array(await file.arrayBuffer())'];
  if (typeof given === 'object' && 'proto' in given)
    return ['a model', 'Give the bytes of a file, or writeModel(model)'];
  return [typeof given === 'object' ? `an ${kind}` : `a ${typeof given}`, 'Give a Uint8Array'];
}
