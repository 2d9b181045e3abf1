/** Homes of models, for tests that look at what the runtime is given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { fileOf, type Home, type Model, memoryHome, writeModel } from '../../src/onnx/model.ts';
import type { Files } from './session.ts';

/** A home in memory that keeps what it hands over. */
export interface CountedHome extends Home {
  readonly models: readonly Model[];
  loaded(): number;
}

/** @param large whether it says that its models are */
export function countedHome(large = false): CountedHome {
  const models: Model[] = [];
  const { open, load } = memoryHome();
  return {
    large,
    open,
    load: (model) => {
      models.push(model);
      return load(model);
    },
    models,
    loaded: () => models.length,
  };
}

/** Hands models over as files in a folder of their own each, beside their external data. */
export function besideFiles(files: Files): Home {
  const { open } = memoryHome((location) => new MemorySource(files.get(location) ?? new Uint8Array(0)));
  return {
    large: false,
    open,
    load: async (model) => {
      const folder = mkdtempSync(join(tmpdir(), 'gn-swap-test-'));
      const own = fileOf(model);
      const bytes = own?.read(0, own.size) ?? writeModel(model);
      for (const [name, data] of [...files, ['model.onnx', bytes] as const]) writeFileSync(join(folder, name), data);
      return { file: join(folder, 'model.onnx'), release: async () => rmSync(folder, { recursive: true }) };
    },
  };
}
