/** The one file that touches the disk: random access to files, and outputs that appear whole or not at all. */
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { GnSwapError } from '../errors.ts';
import { type ByteSource, Slice } from '../onnx/bytes.ts';
import type { Encoded } from '../onnx/encode.ts';

/** Copies go through buffers of this size. */
const CHUNK = 4 << 20;

/** A file, read on demand. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly fd: number;

  /** @throws GnSwapError `unreadable` for what is no regular file, is missing, or may not be read */
  constructor(file: string) {
    this.path = file;
    try {
      // Asked first: opening a pipe or a device would wait for a writer.
      const found = fs.statSync(file);
      if (!found.isFile()) throw new GnSwapError('unreadable', whatIsNoFile(found), { file });
      this.fd = fs.openSync(file, 'r');
      this.size = fs.fstatSync(this.fd).size;
    } catch (cause) {
      throw unreadable(file, cause);
    }
  }

  read(start: number, end: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(end - start);
    this.readInto(bytes, start);
    return bytes;
  }

  /** Fills the target with the bytes from `start` on. */
  readInto(target: Uint8Array, start: number): void {
    for (let done = 0; done < target.length; ) {
      const count = fs.readSync(this.fd, target, done, target.length - done, start + done);
      if (count === 0) throw new GnSwapError('unreadable', 'it became shorter while it was read', { file: this.path });
      done += count;
    }
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

function whatIsNoFile(found: Pick<fs.BigIntStats, 'isDirectory'>): string {
  return found.isDirectory() ? 'it is a folder, not a file' : 'it is no regular file';
}

function unreadable(file: string, cause: unknown): GnSwapError {
  if (cause instanceof GnSwapError) return cause;
  return new GnSwapError('unreadable', reasonOf(cause), {
    file,
    remedy: 'Give the path of a file you can read',
    cause,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  EEXIST: 'something else has its name',
};

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

/** All bytes of a file of data, such as `.npz`. */
export function readWhole(file: string): Uint8Array {
  const source = new FileSource(file);
  try {
    return source.read(0, source.size);
  } catch (cause) {
    throw unreadable(file, cause);
  } finally {
    source.close();
  }
}

/** What is at a path, links followed; `undefined` where nothing is. Other failures are thrown, as by `fs`. */
function statOf(file: string): fs.BigIntStats | undefined {
  try {
    return fs.statSync(file, { bigint: true });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw cause;
  }
}

/** Paths of all files in a folder and in those below it, sorted; hidden ones are left out. Of a file, its own path. */
export function listFiles(file: string): string[] {
  try {
    if (!fs.statSync(file).isDirectory()) return [file];
    const entries = fs.readdirSync(file, { recursive: true, withFileTypes: true });
    const visible = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
    return visible.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Opens files of external data in a model's folder; refuses links, which could lead anywhere. */
export class ExternalFolder {
  readonly #folder: string;
  readonly #open = new Map<string, FileSource>();

  constructor(model: string) {
    this.#folder = path.dirname(path.resolve(model));
  }

  /**
   * @throws GnSwapError `invalid-data` where a part of the path is a link, `unreadable` where there is no file to read; both
   *   without `file`, which is the model's
   */
  readonly open = (location: string): FileSource => {
    const known = this.#open.get(location);
    if (known !== undefined) return known;
    const source = this.#openNew(location);
    this.#open.set(location, source);
    return source;
  };

  #openNew(location: string): FileSource {
    let at = this.#folder;
    try {
      for (const step of location.split('/')) {
        at = path.join(at, step);
        if (fs.lstatSync(at).isSymbolicLink()) {
          throw new GnSwapError('invalid-data', `it keeps data in ${JSON.stringify(location)}, which is a link`, {
            remedy: 'Put the file itself beside the model',
          });
        }
      }
      return new FileSource(at);
    } catch (cause) {
      if (cause instanceof GnSwapError && cause.code === 'invalid-data') throw cause;
      const reason = cause instanceof GnSwapError ? cause.message : reasonOf(cause);
      throw new GnSwapError('unreadable', `it keeps data in ${JSON.stringify(location)}, but ${reason}`, {
        remedy: 'Put the files that came with the model beside it',
        cause,
      });
    }
  }

  close(): void {
    for (const source of this.#open.values()) source.close();
  }
}

/** What became of a model's external data. */
export type Carried = 'left in place' | 'hard-linked' | 'copied';

/**
 * An output in the making: a folder beside the target, which holds the model, its external data and whatever is written
 * to look into it. Nothing appears under its final name before {@link commit}.
 */
export class Staging {
  /** Path of the model in the making. */
  readonly model: string;
  readonly #folder: string;
  readonly #target: string;
  readonly #external: { readonly location: string; readonly from: string; readonly how: Carried }[] = [];
  readonly #linked = new Map<FileSource, string | undefined>();
  #extras = 0;

  /**
   * @param target path of the output
   * @throws GnSwapError `unwritable` where its folder can't be written to
   */
  constructor(target: string) {
    this.#target = target;
    const folder = path.dirname(target);
    removeAbandoned(folder);
    this.#folder = path.join(folder, `${PREFIX}${process.pid}-${live.size}-${Date.now().toString(36)}`);
    this.model = path.join(this.#folder, path.basename(target));
    try {
      fs.mkdirSync(this.#folder);
    } catch (cause) {
      throw unwritable(target, cause);
    }
    live.add(this);
  }

  /**
   * Brings the files of external data into the folder, so that the model in the making loads.
   *
   * @param force whether other files of their names beside the output will be replaced
   * @throws GnSwapError what {@link ExternalFolder.open} throws, `output-exists`, `unwritable`, `invalid-arguments` where the
   *   output has the name of one of them
   */
  carry(locations: readonly string[], source: ExternalFolder, force: boolean): void {
    for (const location of locations) {
      const { path: from } = source.open(location);
      const final = path.join(path.dirname(this.#target), location);
      const inPlace = path.resolve(from) === path.resolve(final);
      if (path.resolve(final) === path.resolve(this.#target)) {
        throw new GnSwapError(
          'invalid-arguments',
          'a file of data that belongs to the model has the name of the output',
          {
            file: this.#target,
            remedy: 'Choose another name with --output',
          },
        );
      }
      const to = path.join(this.#folder, location);
      try {
        if (!force && statOf(final) !== undefined && !isSameFile(from, final)) throw outputExists(final);
        fs.mkdirSync(path.dirname(to), { recursive: true });
        const how = linkOrCopy(from, to);
        this.#external.push({ location, from, how: inPlace ? 'left in place' : how });
      } catch (cause) {
        throw unwritable(final, cause);
      }
    }
  }

  /** What became of the external data; `undefined` where there is none. */
  get carried(): Carried | undefined {
    const all = this.#external.map(({ how }) => how);
    return (['copied', 'hard-linked', 'left in place'] as const).find((how) => all.includes(how));
  }

  /** Writes the model, part by part. */
  write(encoded: Encoded): Promise<void> {
    return writeParts(this.model, encoded, this.#target, true);
  }

  /**
   * The name that a file has, or is given by a hard link, beside the model in the making; `undefined` for what is no file, and
   * where there can be no link. For models that say where their weights are instead of holding them.
   */
  readonly nameOf = (source: ByteSource): string | undefined => {
    if (!(source instanceof FileSource)) return undefined;
    if (path.resolve(source.path) === path.resolve(this.model)) return path.basename(this.model);
    if (!this.#linked.has(source)) this.#linked.set(source, this.#link(source.path));
    return this.#linked.get(source);
  };

  #link(file: string): string | undefined {
    const name = `${path.basename(this.model)}.weights-${this.#linked.size + 1}`;
    try {
      // A link to a link would lead out of the folder.
      fs.linkSync(fs.realpathSync(file), path.join(this.#folder, name));
      return name;
    } catch {
      return undefined;
    }
  }

  /** Writes another model into the folder, for the runtime to load. */
  async writeExtra(encoded: Encoded): Promise<{ file: string; remove(): void }> {
    const file = path.join(this.#folder, `${path.basename(this.model)}.${++this.#extras}`);
    await writeParts(file, encoded, this.#target, false);
    return { file, remove: () => fs.rmSync(file, { force: true }) };
  }

  /**
   * Gives everything its final name.
   *
   * @param force whether an existing output is replaced
   * @throws GnSwapError `output-exists`, `unwritable`
   */
  commit(force: boolean): void {
    const placed: string[] = [];
    try {
      for (const { location, from, how } of this.#external) {
        const to = path.join(path.dirname(this.#target), location);
        if (how === 'left in place' || isSameFile(from, to)) continue;
        this.#move(path.join(this.#folder, location), to, force);
        placed.push(to);
      }
      this.#move(this.model, this.#target, force);
    } catch (cause) {
      // What is replaced can't be brought back; what is new can go.
      if (!force) for (const file of placed) fs.rmSync(file, { force: true });
      throw cause;
    }
    this.discard();
  }

  /** As {@link commit}, without the external data: for an output that is no model, and only borrowed them. */
  commitAlone(force: boolean): void {
    this.#move(this.model, this.#target, force);
    this.discard();
  }

  #move(from: string, to: string, force: boolean): void {
    try {
      fs.mkdirSync(path.dirname(to), { recursive: true });
      if (force) fs.renameSync(from, to);
      else fs.linkSync(from, to);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : '';
      if (code === 'EEXIST') throw outputExists(to);
      if (force || code === 'EACCES' || code === 'ENOSPC') throw unwritable(to, cause);
      // A file system without hard links: the small window between look and rename is all that is left to it.
      if (fs.existsSync(to)) throw outputExists(to);
      try {
        fs.renameSync(from, to);
      } catch (again) {
        throw unwritable(to, again);
      }
    }
  }

  /** Removes the folder and all that is in it. */
  discard(): void {
    live.delete(this);
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Stagings that a signal must clear away. */
const live = new Set<Staging>();
/** A process is known by its number on one machine alone, and a folder may be shared by several. */
const PREFIX = `.gn-swap-${hostname().replace(/[^A-Za-z0-9]+/g, '_')}-`;

/** Removes every output in the making; for when the process is about to end. */
export function discardAll(): void {
  for (const staging of live) staging.discard();
}

/** Removes what runs left that were killed: their folders name their process, which is no more. */
function removeAbandoned(folder: string): void {
  let entries: string[];
  try {
    entries = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const entry of entries) {
    const pid = entry.startsWith(PREFIX) ? /^\d+(?=-)/.exec(entry.slice(PREFIX.length))?.[0] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      fs.rmSync(path.join(folder, entry), { recursive: true, force: true });
    } catch {
      // Somebody else's: whoever may remove it will.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function linkOrCopy(from: string, to: string): Carried {
  try {
    fs.linkSync(from, to);
    return 'hard-linked';
  } catch {
    // Another file system, or one without hard links.
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
    return 'copied';
  }
}

/** @param target to blame; @param lasting whether it must outlive a loss of power */
async function writeParts(file: string, { parts }: Encoded, target: string, lasting: boolean): Promise<void> {
  try {
    const output = await fs.promises.open(file, 'wx');
    try {
      const writer = new OverlappedWriter(output);
      for (const part of parts) await writer.write(part);
      await writer.end();
      if (lasting) await output.sync();
    } finally {
      // Waits for what is still being written.
      await output.close();
    }
  } catch (cause) {
    throw unwritable(target, cause);
  }
}

/** Writes through two buffers: while one is filled, the other is written. Many small parts make one write. */
class OverlappedWriter {
  readonly #output: fs.promises.FileHandle;
  #filling = Buffer.allocUnsafe(CHUNK);
  #spare = Buffer.allocUnsafe(CHUNK);
  #filled = 0;
  #writing = Promise.resolve();

  constructor(output: fs.promises.FileHandle) {
    this.#output = output;
  }

  async write(part: Uint8Array | Slice): Promise<void> {
    if (part instanceof Slice && part.source instanceof FileSource) {
      const { source, start } = part;
      await this.#put(part.length, (target, done) => source.readInto(target, start + done));
    } else {
      const bytes = part instanceof Slice ? part.bytes() : part;
      await this.#put(bytes.length, (target, done) => target.set(bytes.subarray(done, done + target.length)));
    }
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async #put(length: number, fill: (target: Uint8Array, done: number) => void): Promise<void> {
    for (let done = 0; done < length; ) {
      if (this.#filled === CHUNK) await this.#flush();
      const target = this.#filling.subarray(this.#filled, this.#filled + length - done);
      fill(target, done);
      this.#filled += target.length;
      done += target.length;
    }
  }

  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = writeAll(this.#output, this.#filling.subarray(0, this.#filled));
    // It is thrown where it is awaited; where something else fails first, that is what is told.
    this.#writing.catch(() => {});
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#filled = 0;
  }
}

async function writeAll(output: fs.promises.FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await output.write(bytes, done)).bytesWritten;
}

function unwritable(file: string, cause: unknown): GnSwapError {
  if (cause instanceof GnSwapError) return cause;
  return new GnSwapError('unwritable', `it can't be written: ${reasonOf(cause)}`, {
    file,
    remedy: 'Choose another place with --output',
    cause,
  });
}

function outputExists(file: string): GnSwapError {
  return new GnSwapError('output-exists', 'it exists already', {
    file,
    remedy: 'Pass --force to replace it, or choose another name with --output',
  });
}

/**
 * Refuses a target that can't or must not be written, before any work is done.
 *
 * @throws GnSwapError `invalid-arguments` where it is the source, `output-exists`, `unwritable`
 */
export function checkTarget(target: string, source: string, force: boolean): void {
  try {
    const found = statOf(target);
    // Of these there is no other to put in their place: a device, a pipe, a folder of somebody's files.
    if (found !== undefined && !found.isFile()) throw unwritable(target, new Error(whatIsNoFile(found)));
    if (isSameFile(source, target)) {
      throw new GnSwapError('invalid-arguments', 'the output is the source itself, which is never changed', {
        file: target,
        remedy: 'Choose another name with --output',
      });
    }
    if (found !== undefined && !force) throw outputExists(target);
    const folder = path.dirname(target);
    if (statOf(folder)?.isDirectory() === false) throw unwritable(target, new Error(REASONS.ENOTDIR));
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    throw unwritable(target, cause);
  }
}

/** What two paths have in common that lead to one file, by links of either kind; `undefined` where nothing can be found. */
export function identityOf(file: string): string | undefined {
  try {
    const found = statOf(file);
    return found && `${found.dev}:${found.ino}`;
  } catch {
    return undefined;
  }
}

function isSameFile(a: string, b: string): boolean {
  const identity = identityOf(a);
  return identity !== undefined && identity === identityOf(b);
}

/** Whether a path is a folder. */
export function isFolder(file: string): boolean {
  try {
    return statOf(file)?.isDirectory() ?? false;
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** Makes a folder and those around it. */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
