/**
 * What gn-swap costs, as it ships, in whole processes: one Markdown table, taken in one run.
 *
 *     npm run build && npx tsx bench/performance.ts [--quick] [part …]
 *
 * Parts: single (a model of 400 MB), external (one of 3 GB with external data), start, growth (1,000 to 100,000 nodes),
 * calibration, peer (the least that Python does, from 1 MB to 2 GB); all if none is named. --quick takes small models and few runs, to see that everything works. Memory is read from
 * /proc, so those columns are empty elsewhere than on Linux. The full run needs 8 GB in the folder for temporary files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { calibration } from './performance/calibration.ts';
import { externalData } from './performance/external-data.ts';
import { growth } from './performance/growth.ts';
import { peer } from './performance/peer.ts';
import { FULL, QUICK, type Setting } from './performance/setting.ts';
import { singleFile } from './performance/single-file.ts';
import { start } from './performance/start.ts';
import { type Row, renderTable } from './performance/table.ts';

const PARTS: Readonly<Record<string, (setting: Setting) => Promise<Row[]>>> = {
  start,
  growth,
  single: singleFile,
  external: externalData,
  calibration,
  peer,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, runs: { type: 'string' } },
});
const sizes = values.quick ? QUICK : FULL;
const folder = mkdtempSync(join(tmpdir(), 'gn-swap-bench-'));
const clear = () => rmSync(folder, { recursive: true, force: true });
// Gigabytes are not left behind by who has seen enough.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clear();
    process.exit(128 + constants.signals[signal]);
  });
}
const log = (message: string) => process.stderr.write(`${message}\n`);
try {
  const setting: Setting = { ...sizes, folder, log, ...(values.runs && { runs: Number(values.runs) }) };
  const rows: Row[] = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`no part ${name}; there are ${Object.keys(PARTS).join(', ')}`);
    rows.push(...(await part(setting)));
  }
  console.log(renderTable(rows));
} finally {
  clear();
}
