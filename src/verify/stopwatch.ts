/**
 * Times both models in the sessions that they are run in: to open them again takes longer than all of these runs. Models are run in turn, but
 * large ones one after the other, as two of them at once may be more than fits.
 */
import { type BriefLatency, briefLatency, latencyAlone } from '../measure/latency.ts';
import type { Session, Values } from '../runtime/session.ts';

export class Stopwatch {
  readonly #isTimed: boolean;
  readonly #large: boolean;
  readonly #onStart: () => void;
  #source: Awaited<ReturnType<typeof latencyAlone>>;

  /** @param isTimed whether anything is timed at all */
  constructor(isTimed: boolean, large: boolean, onStart: () => void) {
    this.#isTimed = isTimed;
    this.#large = large;
    this.#onStart = onStart;
  }

  /** To be called after the source has run; a large one may be closed then. */
  async timeSource(source: Session, inputs: Values): Promise<void> {
    if (!this.#isTimed || !this.#large) return;
    this.#onStart();
    this.#source = await latencyAlone(source, inputs);
  }

  /** To be called after the written model has run, too. */
  async timeBoth(source: Session, written: Session, inputs: Values): Promise<BriefLatency> {
    if (!this.#isTimed) return undefined;
    this.#onStart();
    if (!this.#large) return briefLatency(source, written, inputs);
    const own = this.#source;
    const other = own && (await latencyAlone(written, inputs, own.rounds));
    return own && other && { source: own.time, written: other.time, rounds: own.rounds };
  }
}
