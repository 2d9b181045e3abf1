/** Sites in parts whose values fit the memory, for runs that fetch what reaches a site. */

import { shapesOnly, upTo, withOutputs } from '../graph/extract.ts';
import { valueDims } from '../inputs/value-sizes.ts';
import type { Model } from '../onnx/model.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { numbersIn, type SessionSettings, type Values, withSession } from '../runtime/session.ts';

/** How a model is run, and what its values may take. */
export interface PartLimits {
  readonly inputs: Values;
  /** Bytes. */
  readonly memory: number;
  /** What the model was made of: it may tell sizes that the model tells only in a run, as a Reshape to the shape of another value hides them. */
  readonly source?: Model | undefined;
  /** Of sessions that run the whole model. */
  readonly settings?: SessionSettings | undefined;
}

/**
 * Splits sites into parts, one site a part at least.
 *
 * @param sites of the model's main graph
 * @param bytesOf what a site of those dimensions takes
 */
export async function partsThatFit(
  model: Model,
  sites: readonly RewrittenSite[],
  bytesOf: (dims: readonly number[]) => number,
  limits: PartLimits,
): Promise<RewrittenSite[][]> {
  if (sites.length === 0) return [];
  const { memory } = limits;
  const sizes = await bytesAt(model, sites, bytesOf, limits);
  const parts: RewrittenSite[][] = [];
  let free = 0;
  for (const [index, site] of sites.entries()) {
    const bytes = sizes[index] as number;
    if (parts.length === 0 || bytes > free) {
      parts.push([]);
      free = memory;
    }
    parts.at(-1)?.push(site);
    free -= bytes;
  }
  return parts;
}

/** What each site takes. */
export async function bytesAt(
  model: Model,
  sites: readonly RewrittenSite[],
  bytesOf: (dims: readonly number[]) => number,
  limits: Omit<PartLimits, 'memory'>,
): Promise<number[]> {
  const names = sites.map(({ plan }) => plan.site.input);
  return (await dimsAt(model, names, limits)).map(bytesOf);
}

/** The dimensions of values of the main graph in a run. Only what does not follow from the inputs is asked of one. */
async function dimsAt(
  model: Model,
  names: readonly string[],
  { inputs, source, settings }: Omit<PartLimits, 'memory'>,
): Promise<(readonly number[])[]> {
  // First the source, which is smaller; what is not known there, the model tells.
  const inSource = source && valueDims(source, inputs);
  let inModel: ReturnType<typeof valueDims> | undefined;
  const dimsOf = (name: string) => {
    const known = inSource?.(name);
    if (known !== undefined) return known;
    inModel ??= valueDims(model, inputs);
    return inModel(name);
  };
  const unknown = [...new Set(names)].filter((name) => dimsOf(name) === undefined);
  const asked = new Map<string, readonly number[]>();
  if (unknown.length > 0) {
    await withSession(
      shapesOnly(upTo(model, unknown), unknown),
      async (session) => {
        const values = await session.run(inputs);
        for (const [index, name] of session.outputs.entries()) {
          asked.set(unknown[index] ?? '', Array.from(numbersIn(values[name])));
        }
      },
      settings,
    );
  }
  return names.map((name) => dimsOf(name) ?? asked.get(name) ?? []);
}

/** What a run of the model has at values of its main graph, by name. What is behind them is left out, if that can't change how they are computed. */
export function valuesAt(
  model: Model,
  names: readonly string[],
  { inputs, settings }: Omit<PartLimits, 'memory'>,
): Promise<Values> {
  const probe = settings?.optimize === false ? upTo(model, names) : withOutputs(model, names);
  return withSession(probe, (session) => session.run(inputs, [...new Set(names)]), settings);
}

/** Names of all values of the main graph. */
export function valueNames({ proto: { graph } }: Model): ReadonlySet<string> {
  const names = [...graph.input, ...graph.initializer].map(({ name }) => name);
  const sparse = graph.sparseInitializer.map(({ values }) => values?.name ?? '');
  return new Set([...names, ...sparse, ...graph.node.flatMap(({ output }) => output)]);
}
