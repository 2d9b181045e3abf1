/** How far a model's answers to two readings of the same inputs agree. */
import { agreementOf, DriftMeter } from '../measure/drift.ts';
import type { Value, Values } from '../runtime/session.ts';

/** Gathers answers to both, run by run. */
export class Agreement {
  readonly #meters: ReadonlyMap<string, DriftMeter>;

  /** @param outputs names of those that are compared */
  constructor(outputs: readonly string[]) {
    this.#meters = new Map(outputs.map((name) => [name, new DriftMeter(name)]));
  }

  add(answers: Values, others: Values): void {
    for (const [name, meter] of this.#meters) {
      const [own, other] = [answers[name], others[name]];
      // Lists and maps are not fetched.
      if (own !== undefined) meter.add(own, other as Value);
    }
  }

  /** The least over the outputs, 1 where nothing differs; `undefined` if no output can be compared. */
  least(): number | undefined {
    const found = [...this.#meters.values()].flatMap((meter) => {
      const drift = meter.result();
      return drift === undefined ? [] : [agreementOf(drift)];
    });
    return found.length === 0 ? undefined : Math.min(...found);
  }
}
