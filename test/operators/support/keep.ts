/** Leaves gradient models for the Python peers, if GN_SWAP_GRADIENTS names a folder: the file, what was fed, and what came out. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { type Model, writeModel } from '../../../src/onnx/model.ts';
import type { Values } from '../../../src/runtime/session.ts';

const folder = process.env.GN_SWAP_GRADIENTS;

/** @param title of the case; equal titles with other graphs are other files */
export function keep(title: string, model: Model, feeds: Values, results: Values): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const bytes = writeModel(model);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const stem = join(folder, `${title.replaceAll(/[^\w.-]+/g, '_')}.${hash}`);
  writeFileSync(`${stem}.onnx`, bytes);
  // A slash in the name of an entry would be a folder.
  const entries = (values: Values, prefix: string) =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name.replaceAll('/', '|')}`, value] as const);
  writeFileSync(`${stem}.npz`, writeNpz(new Map([...entries(feeds, 'in:'), ...entries(results, 'out:')])));
}
