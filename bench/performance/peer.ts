/** The rewrite against the least that one in Python does, which neither solves, nor proves, nor clears up: from 1 MB to 2 GB. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython, prepare } from '../../scripts/python.ts';
import { bytes } from '../../src/report/format.ts';
import { chainOf, writeChain } from './chain.ts';
import { inTurn, measure } from './measure.ts';
import { type Setting, swapOf, within } from './setting.ts';
import type { Row } from './table.ts';

const PEER = fileURLToPath(new URL('peer/', import.meta.url));
const PYTHONS = [11, 14] as const;

/** The size that the promise is of: three times as fast, in a third of the memory. */
const PROMISED = 400e6;
/** From here on, three runs tell enough: each takes seconds. */
const LARGE = 1e9;

/** Path of a Python that has onnx; `undefined`, said aloud, where there can be none. */
function interpreter(log: Setting['log']): string | undefined {
  const python = findPython(PYTHONS);
  if (python === undefined) {
    log(`SKIPPED: the Python peer: no Python 3.${PYTHONS[0]} to 3.${PYTHONS[1]} with venv`);
    return undefined;
  }
  const folder = fileURLToPath(new URL('../../.venv/bench', import.meta.url));
  const prepared = prepare(folder, [['-r', join(PEER, 'requirements.txt')]], python, log);
  if (prepared.error === undefined) return prepared.interpreter;
  log(`SKIPPED: the Python peer: ${prepared.unreachable ?? prepared.error}`);
  return undefined;
}

export async function peer(setting: Setting): Promise<Row[]> {
  const python = interpreter(setting.log);
  if (python === undefined) return [];
  const rows: Row[] = [];
  for (const wanted of setting.peer) {
    rows.push(
      ...(await within(setting, 'peer', async (folder) => {
        mkdirSync(folder);
        const file = join(folder, 'model.onnx');
        const channels = wanted < 50e6 ? 128 : 1024;
        const size = writeChain(file, chainOf(wanted, { channels, kernel: 3, side: 8, dataFiles: 0 }));
        setting.log(`${bytes(size)}, against Python`);
        const written = join(folder, 'peer.onnx');
        const pair = await inTurn(
          wanted >= LARGE ? Math.min(3, setting.runs) : setting.runs,
          () => swapOf(file, join(folder, 'model.gn.onnx'), '--no-verify'),
          async () => {
            const measured = await measure([join(PEER, 'swap.py'), file, written], true, python);
            rmSync(written);
            return measured;
          },
          wanted >= PROMISED ? setting.rest : 0,
        );
        const { resident = 0 } = pair.base;
        const what = `Python, onnx: ${resident === 0 ? '' : bytes(resident)}`;
        const against = { what, seconds: pair.base.seconds, ratio: pair.ratio };
        const row = { what: `model of ${bytes(size)}, --no-verify`, measured: pair.subject };
        if (wanted !== PROMISED || !setting.promised) return [{ ...row, against }];
        const memory = { most: resident / 3, promise: 'a third of Python’s' };
        return [{ ...row, against: { ...against, most: 0.33 }, ...(resident === 0 ? {} : { memory }) }];
      })),
    );
  }
  return rows;
}
