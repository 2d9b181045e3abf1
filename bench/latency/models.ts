/** Whole models, with BatchNormalization and with each form in its place. */
import { readFileSync } from 'node:fs';
import { FORMS } from '../../src/forms/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { openSession, type Session } from '../../src/runtime/session.ts';
import { MODELS } from '../ocr/models.ts';
import { inTurn, type Times } from './in-turn.ts';
import { BATCH } from './norms.ts';

const SUBJECTS = [
  { file: MODELS.classifier, title: 'classifier', dims: [1, 3, 48, 192] },
  { file: MODELS.detector, title: 'detector', dims: [1, 3, 640, 640] },
] as const;

/** Runs each model as it is and in every form that is legal for it. */
export async function timeModels(budget: number, log: (it: string) => void): Promise<Times[]> {
  const all: Times[] = [];
  for (const { file, title, dims } of SUBJECTS) {
    const source = readFileSync(file);
    const sessions = new Map<string, Session>([[BATCH, await openSession(source)]]);
    let sites = 0;
    for (const { name } of FORMS) {
      const rewritten = await swap(source, { form: name, verify: false }).catch(() => undefined);
      if (rewritten === undefined) continue;
      sites = rewritten.plan.sites.length;
      sessions.set(name, await openSession(rewritten.model));
    }
    const on = `${title}, ${dims.slice(2).join('×')}, ${sites} norms`;
    log(on);
    const random = new Random(1);
    const data = Float32Array.from({ length: dims.reduce<number>((product, dim) => product * dim, 1) }, () =>
      random.normal(),
    );
    all.push(await inTurn(on, sessions, { x: { type: DataType.FLOAT, dims, data } }, 3 * budget));
    for (const session of sessions.values()) await session.close();
  }
  return all;
}
