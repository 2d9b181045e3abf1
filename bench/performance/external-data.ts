/** A model whose weights are in files beside it: what a rewrite holds in memory, and what becomes of the data. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from '../../src/report/format.ts';
import { chainOf, dataFile, writeChain } from './chain.ts';
import { measure, typical } from './measure.ts';
import { GN_SWAP, type Setting, within } from './setting.ts';
import type { Row } from './table.ts';

const SHAPE = { channels: 1024, kernel: 3, side: 8, dataFiles: 2 };
const QUICK_SHAPE = { ...SHAPE, channels: 256 };
const MOST = 1e9;

export function externalData(setting: Setting): Promise<Row[]> {
  return within(setting, 'external', async (folder) => {
    mkdirSync(folder);
    const file = join(folder, 'model.onnx');
    const shape = setting.promised ? SHAPE : QUICK_SHAPE;
    const size = writeChain(file, chainOf(setting.external, shape));
    const rows: Row[] = [];
    for (const [title, place, options] of [
      ['--no-verify, beside the source', '.', ['--no-verify']],
      ['--no-verify, into another folder', 'other', ['--no-verify']],
      ['verified, beside the source', '.', []],
    ] as const) {
      setting.log(`${bytes(size)} in ${shape.dataFiles + 1} files, ${title}`);
      const outputs = join(folder, place);
      mkdirSync(outputs, { recursive: true });
      const runs = [];
      for (let run = 0; run < setting.runs; run++) {
        const output = join(outputs, 'model.gn.onnx');
        runs.push(await measure([GN_SWAP, file, '--output', output, '--force', ...options]));
      }
      // Where the file system has no hard links, the data is copied, and the time is that of another thing.
      const isLinked = statSync(join(folder, dataFile(0))).ino === statSync(join(outputs, dataFile(0))).ino;
      const how = place === '.' ? 'left in place' : isLinked ? 'hard-linked' : 'copied';
      rows.push({
        what: `model of ${bytes(size)} with external data, ${title} (data ${how})`,
        measured: typical(runs),
        ...(setting.promised ? { memory: { most: MOST, promise: bytes(MOST) } } : {}),
      });
    }
    return rows;
  });
}
