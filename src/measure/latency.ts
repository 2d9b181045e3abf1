/** How long whole models take, side by side: one run of each after the other, many times over, and the middle of what each took. */
import { GnSwapError } from '../errors.ts';
import { processors } from '../host/node.ts';
import type { Model } from '../onnx/model.ts';
import {
  keepSession,
  type OpenSession,
  runtimeFailure,
  type Session,
  type SessionSettings,
  type Values,
} from '../runtime/session.ts';

/** What one model took, in milliseconds. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  /** A quarter of the runs took less, and a quarter took more. */
  readonly lower: number;
  readonly upper: number;
}

/** What was measured, and where. */
export interface Latency {
  readonly timings: readonly Timing[];
  /** Runs of each model. */
  readonly rounds: number;
  /** Name and number of the processors. */
  readonly machine: string;
}

/** A model to be timed. */
export interface Timed {
  readonly name: string;
  /** Makes it when its turn comes. */
  model(): Model;
}

/** How long to time. */
export interface Patience {
  /** Milliseconds that rounds have to fit into, but for the fewest. */
  readonly budget: number;
  readonly fewest: number;
}

const THOROUGH: Patience = { budget: 3000, fewest: 5 };
/** Enough to tell what a rewrite costs, not to compare forms. */
const BRIEF: Patience = { budget: 200, fewest: 1 };
const MOST = 50;
/** Models are left out, the last one first, where a round of all would take more milliseconds. */
const LONGEST_ROUND = 6000;

/**
 * Times models on the same inputs. All are held in memory at once, as rounds go through all of them: what else the machine does
 * meanwhile then slows each of them.
 *
 * @param models the first two are always timed
 */
export async function timeModels(
  models: readonly Timed[],
  inputs: Values,
  settings: SessionSettings = {},
  { budget, fewest }: Patience = THOROUGH,
): Promise<Latency> {
  const opened: (TimedSession & OpenSession)[] = [];
  try {
    let longest = 0;
    for (const { name, model } of models) {
      // Threads of one session that wait would take time from the others.
      const { session, close } = await keepSession(model(), { ...settings, spin: false });
      opened.push({ name, session, close });
      // The first run sets up memory, and is no measure of the others.
      await session.run(inputs);
      longest += await timeOf(session, inputs);
      if (longest > LONGEST_ROUND && opened.length >= 2) break;
    }
    return await timeSessions(opened, inputs, { budget, fewest });
  } finally {
    for (const { close } of opened) await close();
  }
}

/** A session to be timed, warm and without threads that spin. */
interface TimedSession {
  readonly name: string;
  readonly session: Session;
}

/** Times sessions on the same inputs, one run of each in every round. */
async function timeSessions(
  opened: readonly TimedSession[],
  inputs: Values,
  { budget, fewest }: Patience,
): Promise<Latency> {
  const all = opened.map((it) => ({ ...it, times: [] as number[] }));
  const start = performance.now();
  let rounds = 0;
  // One more takes about as long as each of those before.
  const fitsAnother = () => ((performance.now() - start) / rounds) * (rounds + 1) <= budget;
  while (rounds < fewest || (rounds < MOST && fitsAnother())) {
    for (let index = 0; index < all.length; index++) {
      // Whoever is first in a round is another one each time.
      const it = all[(index + rounds) % all.length];
      it?.times.push(await timeOf(it.session, inputs));
    }
    rounds++;
  }
  return { timings: all.map(({ name, times }) => ({ name, ...quartiles(times) })), rounds, machine: processors() };
}

async function timeOf(session: Session, inputs: Values): Promise<number> {
  const start = performance.now();
  await session.run(inputs);
  return performance.now() - start;
}

function quartiles(times: readonly number[]): Omit<Timing, 'name'> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const position = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number];
    return low + (high - low) * (position % 1);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** What a source and what was made of it took, in milliseconds, and how often each was run; undefined if the runtime can't run both. */
export type BriefLatency = { readonly source: number; readonly written: number; readonly rounds: number } | undefined;

/**
 * Times a source and what was made of it, for a few runs: the time that a quarter of them took less than, as what else the machine does
 * only ever adds.
 *
 * @param source a session that has run these inputs before, as `written` has
 */
export function briefLatency(source: Session, written: Session, inputs: Values): Promise<BriefLatency> {
  const opened = [
    { name: 'source', session: source },
    { name: 'written', session: written },
  ];
  return lowerQuartiles(timeSessions(opened, inputs, BRIEF));
}

/** Whether a run takes so many milliseconds that {@link latencyAlone} would make one alone. */
export function isLong(time: number): boolean {
  return 2 * time > BRIEF.budget / 2;
}

/**
 * {@link briefLatency} of one model, where two take too much memory at once: each has half of the time.
 *
 * @param rounds so many, where the other had that many
 */
export async function latencyAlone(
  session: Session,
  inputs: Values,
  rounds?: number,
): Promise<{ readonly time: number; readonly rounds: number } | undefined> {
  const patience = rounds === undefined ? { ...BRIEF, budget: BRIEF.budget / 2 } : { budget: 0, fewest: rounds };
  const latency = await timeSessions([{ name: '', session }], inputs, patience).catch(runtimeFailure);
  const [own] = latency instanceof GnSwapError ? [] : latency.timings;
  return own && { time: own.lower, rounds: (latency as Latency).rounds };
}

async function lowerQuartiles(timing: Promise<Latency>): Promise<BriefLatency> {
  const latency = await timing.catch(runtimeFailure);
  if (latency instanceof GnSwapError) return undefined;
  const { timings, rounds } = latency;
  const [own, other] = timings;
  return own && other && { source: own.lower, written: other.lower, rounds };
}
