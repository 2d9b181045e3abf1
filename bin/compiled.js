'use strict';
const { isAscii } = require('node:buffer');
const { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

// From so many milliseconds on, a run may take the ten that it takes to store more than the runs before it.
const LONG = 1500;

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
  const script = new Script(wrap(isAscii(bytes) ? bytes.latin1Slice() : bytes.toString()), {
    filename: file,
    cachedData: existsSync(stored) ? readFileSync(stored) : undefined,
  });
  process.once('exit', (status) => {
    const isNew = script.cachedDataRejected ?? true;
    // A run that complains has not seen much of the code.
    if (status < 2 && (isNew || process.uptime() * 1000 > LONG)) store(script, stored, isNew);
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

function store(script, target, isNew) {
  const temporary = `${target}-${process.pid}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    // First, as what can't be written need not be made.
    writeFileSync(temporary, '');
    const data = script.createCachedData();
    if (isNew || data.length > 1.05 * statSync(target).size) {
      writeFileSync(temporary, data);
      renameSync(temporary, target);
      return;
    }
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
