/** Pauses in which a Worker hears messages: what runs in WebAssembly lets none through. */
import type { LabelledData } from '../../inputs/labelled/types.ts';

/** Milliseconds between pauses. */
const PACE = 100;

/** The same samples, loaded with a pause now and then, so that a run can be told to end. */
export function breathing(data: LabelledData): LabelledData {
  let last = performance.now();
  return {
    ...data,
    async load(sample) {
      if (performance.now() - last > PACE) {
        await new Promise((resolve) => setTimeout(resolve));
        last = performance.now();
      }
      return data.load(sample);
    },
  };
}
