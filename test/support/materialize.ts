import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '../../src/onnx/model.ts';
import { inMemory, type Materialize } from '../../src/runtime/materialize.ts';
import type { Files } from './session.ts';

/** Hands models over as their bytes, and counts them. */
export function countedMaterialize(): { readonly materialize: Materialize; models(): number } {
  let count = 0;
  const materialize: Materialize = (model) => {
    count++;
    return inMemory(model);
  };
  return { materialize, models: () => count };
}

/** Hands models over as files in a folder of their own each, beside their external data. */
export function besideFiles(files: Files): Materialize {
  return async (model) => {
    const folder = mkdtempSync(join(tmpdir(), 'gn-swap-test-'));
    for (const [name, data] of [...files, ['model.onnx', writeModel(model)] as const]) {
      writeFileSync(join(folder, name), data);
    }
    return { model: join(folder, 'model.onnx'), dispose: async () => rmSync(folder, { recursive: true }) };
  };
}
