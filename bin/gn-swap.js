#!/usr/bin/env node
// A script, not a module: Node starts it faster.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const bundle = (name) => join(__dirname, '../dist/cli', name);
const words = process.argv.slice(2);
const asks =
  /^(help|completion|__complete)$/.test(words[0]) || words.some((it) => /^(-h|--help|-V|--version)$/.test(it));
// A part of all code, which starts sooner.
const part = asks ? 'ask.cjs' : words.includes('inspect') ? 'look.cjs' : undefined;
const isVerbose = words.includes('--verbose');
if (!existsSync(bundle('run.cjs'))) {
  // In a clone; what is installed is built.
  process.stderr.write('gn-swap: it is not built yet. Run `npm run build`.\n');
  process.exitCode = 2;
} else if (part === undefined || !load(part).isAnswered) {
  // Before it is loaded, so that stack traces name the files and lines that it was built from.
  process.setSourceMapsEnabled(isVerbose);
  load('run.cjs');
}

function load(name) {
  // Node finds the source map of what it loads itself, and counts what was not compiled before.
  const { NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  if (isVerbose || NODE_DISABLE_COMPILE_CACHE || NODE_V8_COVERAGE) return require(bundle(name));
  return require('./compiled.js').load(bundle(name));
}
