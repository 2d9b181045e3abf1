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
if (!existsSync(bundle('run.cjs'))) {
  // In a clone; what is installed is built.
  process.stderr.write('gn-swap: it is not built yet. Run `npm run build`.\n');
  process.exitCode = 2;
} else if (part === undefined || !require(bundle(part)).isAnswered) {
  // Before it is loaded, so that stack traces name the files and lines that it was built from.
  process.setSourceMapsEnabled(words.includes('--verbose'));
  require(bundle('run.cjs'));
}
