#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/run.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  // In a clone; what is installed is built.
  process.stderr.write('gn-swap: it is not built yet. Run `npm run build`.\n');
  process.exitCode = 2;
}
