/** How much memory a sample takes in a run. */
import { shapesOnly } from '../graph/extract.ts';
import type { Model } from '../onnx/model.ts';
import { numbersIn, type Values, withSession } from '../runtime/session.ts';
import { batchOf, loadSamples } from './batch.ts';
import type { Dataset } from './dataset.ts';
import { sizeOf } from './generated.ts';
import { blame, samplesByKey } from './runs.ts';
import { valueSizes } from './value-sizes.ts';

/** Bytes of a number that the runtime computes; float64 models are measured as if they were float32. */
const WIDTH = 4;

/**
 * Measures the bytes of all values of a model for one sample, by the sample's key. Values whose sizes the file does not tell are
 * asked for in a run.
 *
 * @param samples the keys of all samples that share a key with another, or else that of the first, are measured
 * @throws GnSwapError what the runtime throws when the model does not take a sample
 */
export async function sampleMemory(
  model: Model,
  data: Dataset,
  samples: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const byKey = [...samplesByKey(data, samples)];
  const several = byKey.filter(([, list]) => list.length > 1);
  const count = batchOf(model).size ?? 1;
  const load = (sample: number) => loadSamples(model, data, new Array<number>(count).fill(sample));
  const elements = new Map<string, number>();
  const unknown = new Set<string>();
  const firsts = (several.length > 0 ? several : byKey.slice(0, 1)).map(([key, [first = 0]]) => [key, first] as const);
  let latest: Values = {};
  for (const [key, sample] of firsts) {
    latest = await load(sample);
    const sizes = valueSizes(model, latest);
    elements.set(key, sizes.elements);
    for (const name of sizes.unknown) unknown.add(name);
  }
  if (unknown.size > 0) {
    const settings = { optimize: false, keepMemory: false, spin: false };
    await withSession(
      shapesOnly(model, [...unknown]),
      async (session) => {
        for (const [key, sample] of firsts) {
          latest = await load(sample);
          const shapes = Object.values(await session.run(latest));
          const more = shapes.reduce((sum, shape) => sum + sizeOf({ dims: Array.from(numbersIn(shape)) }), 0);
          elements.set(key, (elements.get(key) ?? 0) + more);
        }
      },
      settings,
    ).catch((error: unknown) => blame(model, latest)(error));
  }
  return new Map(firsts.map(([key]) => [key, Math.max(1, (WIDTH * (elements.get(key) ?? 0)) / count)]));
}
