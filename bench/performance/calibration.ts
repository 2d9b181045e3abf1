/** What solving from data costs: over running the source on the same inputs, and in memory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { renderLines } from '../ocr/lines.ts';
import { MODELS } from '../ocr/models.ts';
import { renderPages } from '../ocr/pages.ts';
import { inTurn, measure, typical } from './measure.ts';
import { type Setting, swapOf, within } from './setting.ts';
import type { Row } from './table.ts';

const FORWARD = fileURLToPath(new URL('forward.js', import.meta.url));
const MEMORY = 1e9;

export function calibration(setting: Setting): Promise<Row[]> {
  return within(setting, 'calibration', async (folder) => {
    mkdirSync(folder);
    const output = join(folder, 'model.gn.onnx');
    const write = (name: string, { data, dims }: { data: Float32Array; dims: readonly number[] }) => {
      const file = join(folder, name);
      writeFileSync(file, writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
      return file;
    };

    const lines = write('lines.npz', await renderLines({ count: 32, seed: 1 }));
    setting.log('calibration on 32 lines');
    const pair = await inTurn(
      setting.starts,
      () => swapOf(MODELS.classifier, output, '--no-verify', '--calibrate', lines),
      () => measure([FORWARD, MODELS.classifier, lines, '1']),
    );
    const against = { what: 'the source on the same, one by one', seconds: pair.base.seconds, ratio: pair.ratio };
    const rows: Row[] = [
      {
        what: 'classifier calibrated on 32 lines, 48×192',
        measured: pair.subject,
        against: setting.promised ? { ...against, most: 4 } : against,
      },
    ];

    const count = setting.promised ? 64 : 8;
    const pages = write('pages.npz', await renderPages({ count, seed: 1 }));
    setting.log(`calibration on ${count} pages`);
    const runs = [];
    for (let run = 0; run < Math.min(3, setting.runs); run++) {
      runs.push(await swapOf(MODELS.detector, output, '--no-verify', '--calibrate', pages, '--memory', '1GB'));
    }
    rows.push({
      what: `detector calibrated on ${count} pages, 640×640, --memory 1GB`,
      measured: typical(runs),
      memory: { most: MEMORY, promise: '1.0 GB' },
    });
    return rows;
  });
}
