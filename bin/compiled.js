'use strict';
const { isAscii } = require('node:buffer');
const {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

// From so many milliseconds on, a run may take the ten that it takes to store more than the runs before it.
const LONG = 1500;

// So much more, as a share, is worth to be stored after a long run.
const MORE = 1.05;

// More kinds of runs than anybody has; to store takes ten milliseconds for each.
const MOST_KINDS = 100;

/**
 * Loads a bundle like `require`, with what V8 made of its code in the runs before: to compile it again is a quarter of a start.
 *
 * That is stored beside the bundle, so that it goes where the package goes, and so that whoever can write it could have written the bundle. Where
 * that folder can't be written, all is compiled as ever. Node's own cache (`module.enableCompileCache`) is not in Node 20, and keeps
 * what the first run compiled, even if that run ended with a complaint.
 */
function load(file) {
  const bytes = readFileSync(file);
  // V8 compares versions and flags, but of the source its length alone.
  const stored = join(
    dirname(file),
    'compiled',
    `${basename(file)}-${process.version}-${process.arch}-${crc32(bytes)}`,
  );
  const script = new Script(wrapped(bytes), {
    filename: file,
    cachedData: existsSync(stored) ? readFileSync(stored) : undefined,
  });
  process.once('exit', (status) => {
    const isNew = script.cachedDataRejected ?? true;
    // A run that complains has not seen much of the code.
    if (status >= 2) return;
    const kind = kindOfRun();
    const isOther = isNew || isUnseen(kind, stored);
    if (isOther || process.uptime() * 1000 > LONG) store(script, stored, isNew, isOther ? kind : undefined);
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

/** The function that Node makes of a script. Put together as bytes: joined strings would stay in memory beside the whole. */
function wrapped(bytes) {
  if (!isAscii(bytes)) return wrap(bytes.toString());
  const [before, behind] = wrap('|').split('|');
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from(behind)]).latin1Slice();
}

/** What the command line asks for, without its values: to ask for something else runs code that no run before did. */
function kindOfRun() {
  const [first = '', ...rest] = process.argv.slice(2);
  const command = /^[a-z]+(-[a-z]+)*$/.test(first) ? [first] : [];
  const options = [first, ...rest].flatMap((word) => word.match(/^--?[a-z][a-z-]*/) ?? []);
  return [...command, ...new Set(options.sort())].join(' ');
}

const kindsFile = (stored) => `${stored}-kinds`;

/** Whether a run of this kind has not stored what it compiled, as far as that is known. */
function isUnseen(kind, stored) {
  try {
    const kinds = readFileSync(kindsFile(stored), 'utf8').split('\n');
    return kinds.length < MOST_KINDS && !kinds.includes(kind);
  } catch {
    return false;
  }
}

/** Stores what is compiled by now, unless that is no more than before, and the kind of the run if it is another one. */
function store(script, target, isNew, kind) {
  const temporary = `${target}-${process.pid}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    // First, as what can't be written need not be made.
    writeFileSync(temporary, '');
    const data = script.createCachedData();
    const isMore = isNew || data.length > (kind === undefined ? MORE : 1) * statSync(target).size;
    if (isMore) {
      writeFileSync(temporary, data);
      renameSync(temporary, target);
    }
    if (isNew) writeFileSync(kindsFile(target), kind);
    else if (kind !== undefined) appendFileSync(kindsFile(target), `\n${kind}`);
    if (isMore) return;
  } catch {
    // Read-only, full, or gone: the next start takes a little longer.
  }
  try {
    rmSync(temporary);
  } catch {
    // It has not come to be.
  }
}

module.exports = { load };
