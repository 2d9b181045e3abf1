import type { Session, Values } from '../../src/runtime/session.ts';

/** Milliseconds of the quickest run, by the name of what was run: what else the machine does only ever adds. */
export interface Times {
  /** What it was run on. */
  readonly on: string;
  readonly milliseconds: ReadonlyMap<string, number>;
}

const LEAST_RUNS = 5;
const WARM_UP = 2;

/**
 * Runs sessions in turn for as long as the budget allows, and tells the quickest of each.
 *
 * @param budget milliseconds for all together
 */
export async function inTurn(
  on: string,
  sessions: ReadonlyMap<string, Session>,
  feeds: Values,
  budget: number,
): Promise<Times> {
  const times = new Map([...sessions.keys()].map((name) => [name, [] as number[]]));
  const started = performance.now();
  for (let run = -WARM_UP; run < LEAST_RUNS || performance.now() - started < budget; run++) {
    for (const [name, session] of sessions) {
      const begun = performance.now();
      await session.run(feeds);
      if (run >= 0) times.get(name)?.push(performance.now() - begun);
    }
  }
  return { on, milliseconds: new Map([...times].map(([name, all]) => [name, Math.min(...all)])) };
}
