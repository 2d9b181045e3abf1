/**
 * Times both models in the sessions that they are run in: to open them again takes longer than all of these runs. Models are run in turn, but
 * large ones one after the other, as two of them at once may be more than fits.
 */
import { type BriefLatency, briefLatency, isLong, latencyAlone } from '../measure/latency.ts';
import type { Session, Values } from '../runtime/session.ts';

export class Stopwatch {
  readonly #isTimed: boolean;
  readonly #large: boolean;
  readonly #onStart: () => void;
  #source: Awaited<ReturnType<typeof latencyAlone>>;
  /** Milliseconds that the last run of each took, in a session that {@link noting} made. */
  readonly #noted = new Map<'source' | 'written', number>();
  /** Whether the source's noted run is the one that is timed. */
  #isEnough = false;

  /** @param isTimed whether anything is timed at all */
  constructor(isTimed: boolean, large: boolean, onStart: () => void) {
    this.#isTimed = isTimed;
    this.#large = large;
    this.#onStart = onStart;
  }

  /** The session, whose last run is kept in mind: of a large model it may be the one that is timed. */
  noting(model: 'source' | 'written', session: Session): Session {
    if (!this.#isTimed || !this.#large) return session;
    const run: Session['run'] = async (feeds, only) => {
      const start = performance.now();
      const values = await session.run(feeds, only);
      this.#noted.set(model, performance.now() - start);
      return values;
    };
    return { ...session, run };
  }

  /** To be called after the source has run; a large one may be closed then. */
  async timeSource(source: Session, inputs: Values): Promise<void> {
    if (!this.#isTimed || !this.#large) return;
    this.#onStart();
    const noted = this.#noted.get('source');
    this.#isEnough = noted !== undefined && isLong(noted);
    this.#source = this.#isEnough ? { time: noted as number, rounds: 1 } : await latencyAlone(source, inputs);
  }

  /** To be called after the written model has run, too. */
  async timeBoth(source: Session, written: Session, inputs: Values): Promise<BriefLatency> {
    if (!this.#isTimed) return undefined;
    this.#onStart();
    if (!this.#large) return briefLatency(source, written, inputs);
    const own = this.#source;
    // Both are timed alike.
    const noted = this.#isEnough ? this.#noted.get('written') : undefined;
    const other = noted === undefined ? own && (await latencyAlone(written, inputs, own.rounds)) : { time: noted };
    return own && other && { source: own.time, written: other.time, rounds: own.rounds };
  }
}
