/** What the shortest calls take, from nothing to their end, against Node that does nothing. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from '../../src/report/format.ts';
import { MODELS } from '../ocr/models.ts';
import { inTurn, measure } from './measure.ts';
import { GN_SWAP, type Setting, swapOf } from './setting.ts';
import type { Row } from './table.ts';

export async function start(setting: Setting): Promise<Row[]> {
  const model = MODELS.detector;
  const size = bytes(statSync(model).size);
  const output = join(setting.folder, 'started.onnx');
  const calls: [string, () => ReturnType<typeof measure>][] = [
    ['gn-swap --help', () => measure([GN_SWAP, '--help'], false)],
    [`gn-swap inspect, model of ${size}`, () => measure([GN_SWAP, 'inspect', model], false)],
    [`gn-swap --no-verify, model of ${size}`, () => swapOf(model, output, '--no-verify')],
  ];
  const rows: Row[] = [];
  for (const [what, call] of calls) {
    setting.log(what);
    // Once before it counts, so that the files are in the system's cache.
    await call();
    const pair = await inTurn(setting.starts, call, () => measure(['-e', '0'], false));
    const against = { what: 'node -e 0', seconds: pair.base.seconds, ratio: pair.ratio };
    rows.push({ what, measured: pair.subject, against });
  }
  return rows;
}
