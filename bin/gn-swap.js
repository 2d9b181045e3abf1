#!/usr/bin/env node
// A script, not a module: Node starts it faster.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const built = join(__dirname, '../dist/cli/run.cjs');
const [first, ...others] = process.argv.slice(2);
const asks =
  /^(help|completion|__complete)$/.test(first) ||
  [first, ...others].some((word) => /^(-h|--help|-V|--version)$/.test(word));
if (!existsSync(built)) {
  // In a clone; what is installed is built.
  process.stderr.write('gn-swap: it is not built yet. Run `npm run build`.\n');
  process.exitCode = 2;
} else if (!asks || !require(join(__dirname, '../dist/cli/ask.cjs')).isAnswered) {
  // Before it is loaded, so that stack traces name the files and lines that it was built from.
  process.setSourceMapsEnabled(process.argv.includes('--verbose'));
  require(built);
}
