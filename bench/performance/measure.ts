/** Whole processes: how long they take, and how much memory. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { median } from './median.ts';
import { type Memory, parseStatus } from './proc-status.ts';

/** What one process took. */
export interface Measured extends Partial<Memory> {
  readonly seconds: number;
}

/** The kernel keeps the peak of what is resident, so a look now and then finds it all but for the last of it. */
const LOOK_EVERY_MS = 10;

/**
 * Runs Node, or another program, with these arguments to its end.
 *
 * @param memory whether to look at its memory while it runs; what starts in milliseconds is better left alone
 * @throws Error with what it wrote to stderr where it does not exit with 0
 */
export function measure(args: readonly string[], memory = true, program = process.execPath): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let peak: Partial<Memory> = {};
    const look = () => {
      peak = larger(peak, memoryOf(child.pid));
    };
    const timer = memory ? setInterval(look, LOOK_EVERY_MS) : undefined;
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const seconds = (performance.now() - start) / 1000;
      clearInterval(timer);
      if (status === 0) resolve({ seconds, ...peak });
      else reject(new Error(`${program} ${args.join(' ')} exits with ${status}: ${complaint}`));
    });
  });
}

/** `undefined` where the process is gone, or the system has no /proc. */
function memoryOf(pid: number | undefined): Memory | undefined {
  try {
    return parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return undefined;
  }
}

function larger(one: Partial<Memory>, other: Partial<Memory> = {}): Partial<Memory> {
  const most = (name: keyof Memory) => Math.max(one[name] ?? 0, other[name] ?? 0);
  return { resident: most('resident'), anonymous: most('anonymous') };
}

/** Medians over several runs. */
export function typical(runs: readonly Measured[]): Measured {
  const of = (name: keyof Measured) => {
    const values = runs.map((run) => run[name]).filter((value) => value !== undefined);
    return values.length === 0 ? {} : { [name]: median(values) };
  };
  return { seconds: median(runs.map(({ seconds }) => seconds)), ...of('resident'), ...of('anonymous') };
}

/** Two things measured in turn. */
export interface Pair {
  readonly subject: Measured;
  readonly base: Measured;
  /** Median of the ratios of neighbouring runs, which share what else the machine was busy with. */
  readonly ratio: number;
}

/**
 * Runs both in turn, so that what else the machine does falls on both alike.
 *
 * @param subject a run of what is measured; `base`, of what it is measured against
 * @param rest milliseconds before each run, for a disk to write what it has taken in: a burst ends at some point, and whoever is
 *   writing then waits for all
 */
export async function inTurn(
  runs: number,
  subject: () => Promise<Measured>,
  base: () => Promise<Measured>,
  rest = 0,
): Promise<Pair> {
  const rested = async (run: () => Promise<Measured>) => {
    if (rest > 0) await setTimeout(rest);
    return run();
  };
  const pairs: { subject: Measured; base: Measured }[] = [];
  for (let run = 0; run < runs; run++) {
    // The order alternates too: the second may find the disk busy with what the first left.
    if (run % 2 === 0) pairs.push({ base: await rested(base), subject: await rested(subject) });
    else pairs.push({ subject: await rested(subject), base: await rested(base) });
  }
  return {
    subject: typical(pairs.map((pair) => pair.subject)),
    base: typical(pairs.map((pair) => pair.base)),
    ratio: median(pairs.map((pair) => pair.subject.seconds / pair.base.seconds)),
  };
}
