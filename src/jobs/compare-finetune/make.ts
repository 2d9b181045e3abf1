/** A row → the model that it trains. */
import type { Dataset } from '../../inputs/dataset.ts';
import type { LabelledData } from '../../inputs/labelled/types.ts';
import { Random } from '../../inputs/random.ts';
import { type Model, sourceOf } from '../../onnx/model.ts';
import { planAll, refuseWithoutData, withoutLost } from '../../plan/refuse.ts';
import { findAllSites } from '../../rewrite/merged-sites.ts';
import { rewriteAll } from '../../rewrite/recorded.ts';
import type { SwapOptions } from '../options.ts';
import { solve } from '../solve.ts';
import type { Row } from './rows.ts';

/**
 * Rewrites a model as a row wants it.
 *
 * @throws GnSwapError `nothing-to-swap`, `invalid-arguments` and others of a swap, if it can't be done
 */
export async function modelOf(row: Row, model: Model, options: SwapOptions, inputs: Dataset): Promise<Model> {
  if (row.swap === undefined) return model;
  // Other norms have groups of their own.
  const groups = row.swap.to === 'group' ? options.groups : undefined;
  const asked = { ...options, groups, ...row.swap };
  const all = await findAllSites(model, { ...asked, run: true });
  if (!row.takesInputs) refuseWithoutData(all, asked);
  const search = row.takesInputs ? all : withoutLost(all, asked);
  const planned = planAll(search, asked);
  const plan = row.takesInputs ? (await solve(search, planned, inputs, asked)).plan : planned;
  const source = sourceOf(model);
  return rewriteAll(search, plan, source).model;
}

/**
 * What a swap takes outputs for, as `--task` has it: numbers look like classes, and only labels tell. Other tasks are found as well by the
 * outputs, and `undefined`.
 *
 * @param output the one that is trained, if the caller named it
 */
export function keptAs(task: string, output: string | undefined): readonly string[] | undefined {
  if (task !== 'regress') return undefined;
  return [output === undefined ? task : `${output}=${task}`];
}

/** The inputs of some labelled samples, without their labels. */
export function inputsOf(data: LabelledData, most: number, seed: number): Dataset {
  const all = Array.from({ length: data.count }, (_, sample) => sample);
  const chosen = new Random(seed)
    .shuffle(all)
    .slice(0, most)
    .sort((a, b) => a - b);
  const at = (index: number) => chosen[index] as number;
  return {
    count: chosen.length,
    keyOf: (index) => data.keyOf(at(index)),
    load: async (index) => (await data.load(at(index))).inputs,
    normalized: data.image && { mean: data.image.mean, std: data.image.std },
  };
}
