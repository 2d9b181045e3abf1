/** A large model in one file: what a rewrite costs over copying the file, without and with verification. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from '../../src/report/format.ts';
import { chainOf, writeChain } from './chain.ts';
import { inTurn } from './measure.ts';
import { copyOf, type Setting, swapOf, within } from './setting.ts';
import type { Row } from './table.ts';

/** 1024 channels and a 3×3 window: 38 MB a Conv, and a map so small that running it is not what takes the time. */
const SHAPE = { channels: 1024, kernel: 3, side: 8, dataFiles: 0 };
const QUICK_SHAPE = { ...SHAPE, channels: 256 };

export function singleFile(setting: Setting): Promise<Row[]> {
  return within(setting, 'single', async (folder) => {
    mkdirSync(folder);
    const file = join(folder, 'model.onnx');
    const size = writeChain(file, chainOf(setting.single, setting.promised ? SHAPE : QUICK_SHAPE));
    const output = join(folder, 'model.gn.onnx');
    const rows: Row[] = [];
    for (const [title, options, promised] of [
      ['--no-verify', ['--no-verify'], setting.promised],
      ['verified', [], false],
    ] as const) {
      setting.log(`${bytes(size)} in one file, ${title}`);
      const pair = await inTurn(
        setting.runs,
        () => swapOf(file, output, ...options),
        () => copyOf(file),
        setting.rest,
      );
      const against = { what: 'read, write and fsync of the file', seconds: pair.base.seconds, ratio: pair.ratio };
      rows.push({
        what: `model of ${bytes(size)}, ${title}`,
        measured: pair.subject,
        against: promised ? { ...against, most: 1.3 } : against,
        ...(promised ? { memory: { most: 1.2 * size, promise: '1.2 × the file' } } : {}),
      });
    }
    return rows;
  });
}
