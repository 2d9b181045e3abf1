/** Models in ONNX Runtime, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Model, writeModel } from '../../src/onnx/model.ts';
import { openSession, type Session, type Value, type Values } from '../../src/runtime/session.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** Loads a model, hands the session to `use`, and closes it. Files of external data lie beside it while it is loaded. */
export async function inSession<T>(model: Model, use: (session: Session) => Promise<T>, files?: Files): Promise<T> {
  const session = await load(writeModel(model), files);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

async function load(bytes: Uint8Array, files: Files | undefined): Promise<Session> {
  if (files === undefined || files.size === 0) return openSession(bytes);
  const folder = mkdtempSync(join(tmpdir(), 'gn-swap-test-'));
  try {
    for (const [name, data] of files) writeFileSync(join(folder, name), data);
    writeFileSync(join(folder, 'model.onnx'), bytes);
    return await openSession(join(folder, 'model.onnx'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a model once. */
export function runModel(model: Model, feeds: Values, files?: Files, only?: readonly string[]): Promise<Values> {
  return inSession(model, (session) => session.run(feeds, only), files);
}

/** The value of that name, which must be there. */
export function valueNamed(values: Values, name: string): Value {
  const value = values[name];
  if (value === undefined) throw new RangeError(`no value ${name}`);
  return value;
}
