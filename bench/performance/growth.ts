/** How time and memory of a rewrite grow with the number of nodes, and of a verified one with the number of norms. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Net } from '../../fixtures/build.ts';
import { writeModel } from '../../src/onnx/model.ts';
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
    return [...rows, ...(await verifiedGrowth(setting, folder))];
  });
}

/** Norms of the chains that are verified. */
const [FEW, MANY] = [400, 1600] as const;

/** A chain of BatchNormalization and Relu, verified: against a quarter of it, and against its rewrite alone. */
async function verifiedGrowth(setting: Setting, folder: string): Promise<Row[]> {
  const [few, many, alone]: [Measured[], Measured[], Measured[]] = [[], [], []];
  const output = join(folder, 'output.onnx');
  const [small, large] = [writeNorms(folder, FEW), writeNorms(folder, MANY)];
  setting.log(`${FEW} and ${count(MANY)} norms, verified`);
  // In turn, so that a machine whose speed changes does not change the ratios.
  for (let run = 0; run < setting.runs; run++) {
    few.push(await swapOf(small, output));
    many.push(await swapOf(large, output));
    alone.push(await swapOf(large, output, '--no-verify'));
  }
  const [a, b, c] = [typical(few), typical(many), typical(alone)];
  const against = (what: string, other: Measured, most: number) => ({
    what,
    seconds: other.seconds,
    ratio: b.seconds / other.seconds,
    most,
  });
  const what = `${count(MANY)} norms, verified`;
  return [
    { what: `${FEW} norms, verified`, measured: a },
    { what, measured: b, against: against(`${FEW} norms`, a, 4.5) },
    { what, measured: b, against: against('--no-verify', c, 10) },
  ];
}

/** Writes [1, 16, 8, 8] → (BatchNormalization → Relu), so many times. */
function writeNorms(folder: string, norms: number): string {
  const net = new Net({ opset: 17 });
  const dims = [1, 16, 8, 8];
  let x = net.input('x', dims);
  for (let norm = 0; norm < norms; norm++) {
    const mean = net.numbers(16, -0.1, 0.1);
    x = net.relu(net.bn(x, 16, { mean, variance: net.numbers(16, 0.8, 1.2) }));
  }
  const file = join(folder, `${norms}-norms.onnx`);
  writeFileSync(file, writeModel(net.output(x, dims).model()));
  return file;
}

function count(nodes: number): string {
  return nodes.toLocaleString('en');
}
