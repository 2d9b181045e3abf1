/** Fixtures calibrated on made inputs, and what their sites should have been solved to, from whole tensors in float64. */

import type { Calibration } from '../../src/calibrate/calibration.ts';
import { calibrate } from '../../src/calibrate/index.ts';
import type { Search } from '../../src/find/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { inInferenceMode } from '../../src/graph/inference-mode.ts';
import { batchOf, openBatch } from '../../src/inputs/batch.ts';
import { type Dataset, datasetOf } from '../../src/inputs/dataset.ts';
import { fitInputs } from '../../src/inputs/feed.ts';
import { generateInputs, takeSamples } from '../../src/inputs/generated.ts';
import { type Model, opsetVersion } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { numbersOf, type Session, type Value, type Values } from '../../src/runtime/session.ts';
import { naiveGroupNorm } from './naive.ts';
import { type Files, inSession, valueNamed } from './session.ts';

/** So many samples for every input of a model, whatever batch it states; `open` is what other open sizes are. */
export function madeInputs(model: Model, count: number, seed = 1, open = 8): Record<string, Value> {
  return generateInputs(openBatch(model), seed, count, open);
}

export interface CalibratedSearch {
  readonly search: Search;
  readonly calibration: Calibration;
  readonly data: Dataset;
  readonly inputs: Values;
}

/** Calibrates on made inputs, groups as planned unless told to choose them. */
export async function calibrateSearch(
  search: Search,
  count: number,
  options: PlanOptions & { chooseGroups?: boolean; memory?: number; inputs?: Values } = {},
): Promise<CalibratedSearch> {
  const { chooseGroups = false, memory = 1e9, inputs = madeInputs(search.model, count), ...planOptions } = options;
  const planned = plan(search.sites, opsetVersion(search.model.proto) ?? 0, planOptions, search.refusals);
  const data = datasetOf(inputs);
  const calibration = await calibrate(search, planned, { data, seed: 0, chooseGroups, memory });
  return { search, calibration, data, inputs };
}

/** What a site should be, from its x in the rewritten model and its y in the source. */
export interface Expected {
  readonly scale: number[];
  readonly bias: number[];
  /** Of x̂ and y, per channel. */
  readonly deviationX: number[];
  readonly deviationY: number[];
  /** The part of the variance of y that the least-squares line explains, per channel. */
  readonly explained: number[];
  /** Means of what the site answers in the rewritten model, and of y, per channel. */
  readonly meanAnswer: number[];
  readonly meanY: number[];
}

/** The line from x̂ to y that keeps mean and deviation, channel by channel, by the formulas of any textbook. */
function expectedOf({ channels, groups, epsilon }: SitePlan, x: Value, y: Value, answer: Value): Expected {
  const flat = (value: Value) => numbersOf(value) ?? [];
  const ones = new Array<number>(channels).fill(1);
  const zeros = new Array<number>(channels).fill(0);
  const normalized = naiveGroupNorm(flat(x), x.dims, groups, epsilon, ones, zeros).values;
  const area = x.dims.slice(2).reduce((product, dim) => product * dim, 1);
  const column = (of: ArrayLike<number>, c: number) =>
    Array.from({ length: (x.dims[0] as number) * area }, (_, i) => {
      const sample = Math.floor(i / area);
      return of[(sample * channels + c) * area + (i % area)] as number;
    });
  const result = {
    scale: [] as number[],
    bias: [] as number[],
    deviationX: [] as number[],
    deviationY: [] as number[],
    meanAnswer: [] as number[],
    meanY: [] as number[],
    explained: [] as number[],
  };
  for (let c = 0; c < channels; c++) {
    const [xs, ys, answers] = [column(normalized, c), column(flat(y), c), column(flat(answer), c)];
    const [mx, my] = [mean(xs), mean(ys)];
    const vx = mean(xs.map((it) => (it - mx) ** 2));
    const vy = mean(ys.map((it) => (it - my) ** 2));
    const cov = mean(xs.map((it, i) => (it - mx) * ((ys[i] as number) - my)));
    const slope = Math.sign(cov) * Math.sqrt(vy / vx);
    result.scale.push(slope);
    result.bias.push(my - slope * mx);
    result.deviationX.push(Math.sqrt(vx));
    result.deviationY.push(Math.sqrt(vy));
    result.meanAnswer.push(mean(answers));
    result.meanY.push(my);
    result.explained.push(Math.min(vy, cov ** 2 / vx));
  }
  return result;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Runs source and rewritten model on what was solved on, and tells what each site of the main graph should be.
 *
 * @param twin what to run in their place, where the runtime has no kernels for them
 */
export async function expectations(
  { search, calibration, inputs }: CalibratedSearch,
  twin: (model: Model) => Model = (it) => it,
): Promise<Map<SitePlan, Expected>> {
  const { plan: solved, solvedOn } = calibration;
  const sites = solved.sites.filter(({ site }) => site.path === '');
  const rewritten = rewrite(search.model, solved).model;
  const source = inInferenceMode(search.model);
  const names = (pick: (it: SitePlan) => string) => [...new Set(sites.map(pick))];
  const xs = await runAlone(twin(rewritten), names(xOf), inputs, solvedOn);
  const answers = await runAlone(
    twin(rewritten),
    names(({ site }) => site.output),
    inputs,
    solvedOn,
  );
  const ys = await runAlone(
    twin(source),
    names(({ site }) => site.output),
    inputs,
    solvedOn,
  );
  return new Map(
    sites.map((it) => {
      const [x, y, answer] = [
        valueNamed(xs, xOf(it)),
        valueNamed(ys, it.site.output),
        valueNamed(answers, it.site.output),
      ];
      return [it, expectedOf(it, x, y, answer)];
    }),
  );
}

function xOf({ site }: SitePlan): string {
  return site.input;
}

/** Values for each sample, run as a full batch of it, joined. Files of external data lie beside the model. */
export async function runAlone(
  model: Model,
  names: readonly string[],
  inputs: Values,
  samples: readonly number[],
  files?: Files,
): Promise<Values> {
  const { inputs: batched, size = 1 } = batchOf(model);
  const count = Math.max(...Object.values(inputs).map(({ dims }) => dims[0] ?? 0));
  const work = async (session: Session) => {
    const results: Values[] = [];
    for (const sample of samples) {
      const one = takeSamples(inputs, count, sample, sample + 1);
      const feeds = Object.entries(one).map(([name, value]) => [
        name,
        batched.has(name) ? repeated(value, size) : value,
      ]);
      results.push(await session.run(fitInputs(model, Object.fromEntries(feeds) as Values), [...names]));
    }
    return results;
  };
  const parts = await inSession(withOutputs(model, names), work, files);
  return Object.fromEntries(
    names.map((name) => {
      const values = parts.map((part) => valueNamed(part, name));
      const rows = values.map((value) =>
        takeSamples({ value }, value.dims[0] as number, 0, (value.dims[0] as number) / size),
      );
      return [name, joined(rows.map(({ value }) => value as Value))];
    }),
  );
}

function repeated(value: Value, times: number): Value {
  return joined(new Array<Value>(times).fill(value));
}

function joined(values: readonly Value[]): Value {
  const [first] = values as [Value, ...Value[]];
  const rows = values.reduce((sum, { dims }) => sum + (dims[0] as number), 0);
  const data = values.flatMap((value) => Array.from(value.data as ArrayLike<number>));
  const Elements = first.data.constructor as Float32ArrayConstructor;
  return { ...first, dims: [rows, ...first.dims.slice(1)], data: Elements.from(data) };
}
