/** One norm alone, in every form, on maps of many sizes. */
import { Net } from '../../fixtures/build.ts';
import { FORMS } from '../../src/forms/index.ts';
import { Random } from '../../src/inputs/random.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { openSession, type Session } from '../../src/runtime/session.ts';
import { inTurn, type Times } from './in-turn.ts';

/** Channels and side of square maps: those of a detector, of a classifier, and between. */
export const SHAPES: readonly (readonly [number, number])[] = [
  [16, 256],
  [32, 320],
  [32, 128],
  [64, 160],
  [64, 56],
  [128, 80],
  [128, 28],
  [256, 40],
  [256, 14],
  [512, 20],
  [512, 7],
  [1024, 7],
];

/** Every form is legal at it. */
const OPSET = 21;
/** The name of what is replaced. */
export const BATCH = 'BN';

/** Runs BatchNormalization and all forms of GroupNormalization, with the groups of `--groups auto`. */
export async function timeNorms(shapes: typeof SHAPES, budget: number, log: (it: string) => void): Promise<Times[]> {
  const all: Times[] = [];
  for (const [channels, side] of shapes) {
    const on = `${channels} × ${side} × ${side}`;
    log(on);
    const dims = [1, channels, side, side];
    const net = new Net({ opset: OPSET });
    net.output(net.bn(net.input('x', dims), channels), dims);
    const source = writeModel(net.model());
    const sessions = new Map<string, Session>([[BATCH, await openSession(source)]]);
    for (const { name } of FORMS) {
      const rewritten = await swap(source, { form: name, verify: false }).catch(() => undefined);
      if (rewritten !== undefined) sessions.set(name, await openSession(rewritten.model));
    }
    const random = new Random(channels + side);
    const data = Float32Array.from({ length: channels * side * side }, () => random.normal());
    all.push(await inTurn(on, sessions, { x: { type: DataType.FLOAT, dims, data } }, budget));
    for (const session of sessions.values()) await session.close();
  }
  return all;
}
