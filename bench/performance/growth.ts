/** How time and memory of a rewrite grow with the number of nodes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeChain } from './chain.ts';
import { type Measured, typical } from './measure.ts';
import { type Setting, swapOf, within } from './setting.ts';
import type { Row } from './table.ts';

const SHAPE = { channels: 16, kernel: 1, side: 8, dataFiles: 0 };

export function growth(setting: Setting): Promise<Row[]> {
  return within(setting, 'growth', async (folder) => {
    mkdirSync(folder);
    const rows: Row[] = [];
    let prior: { nodes: number; measured: Measured } | undefined;
    for (const nodes of setting.nodes) {
      setting.log(`${nodes} nodes`);
      const file = join(folder, `${nodes}.onnx`);
      writeChain(file, { ...SHAPE, units: nodes / 2 });
      const runs: Measured[] = [];
      for (let run = 0; run < setting.runs; run++) {
        runs.push(await swapOf(file, join(folder, 'output.onnx'), '--no-verify'));
      }
      const measured = typical(runs);
      const against = prior && {
        what: `${count(prior.nodes)} nodes`,
        seconds: prior.measured.seconds,
        ratio: measured.seconds / prior.measured.seconds,
        // Linear. A quarter is left to what grows with the heap: the garbage collector, the processor's caches.
        most: 1.25 * (nodes / prior.nodes),
      };
      rows.push({ what: `${count(nodes)} nodes, --no-verify`, measured, ...(against && { against }) });
      prior = { nodes, measured };
    }
    return rows;
  });
}

function count(nodes: number): string {
  return nodes.toLocaleString('en');
}
