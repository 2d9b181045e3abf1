/**
 * Models of one source that differ in γ′ and β′ alone, as one graph: the numbers are inputs of it, so that one session serves all.
 *
 * 1. A norm that goes into the layer before it has no γ′ and β′ of its own, and those of a subgraph can't be fed: such plans get
 *    a model each.
 * 2. Tied sites share their parameters only while their numbers are the same.
 */
import { formNamed } from '../forms/index.ts';
import { asInputs } from '../graph/as-inputs.ts';
import type { Model } from '../onnx/model.ts';
import { isSameList } from '../onnx/same-list.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { dimsOf } from '../onnx/tensor.ts';
import { type Plan, storedNumbers } from '../plan/index.ts';
import { typed } from '../runtime/half.ts';
import type { Value, Values } from '../runtime/session.ts';
import { type Rewritten, rewrite } from './index.ts';

/** A rewritten model, and what it is fed beside its own inputs. */
export interface Variant {
  readonly model: Model;
  readonly feeds: Values;
}

/** A graph that was made for one plan, and serves others. */
interface Made {
  readonly plan: Plan;
  readonly sites: Rewritten['sites'];
  readonly model: Model;
  /** The initializers that became inputs; `undefined` if the graph is for its plan alone. */
  readonly fed: ReadonlyMap<string, TensorProto> | undefined;
}

/** Rewrites one model by several plans. */
export class Variants {
  readonly #source: Model;
  readonly #inTypes: (model: Model) => Model;
  readonly #made: Made[] = [];

  /** @param inTypes what the runtime can compute of a rewritten model, such as its float32 twin */
  constructor(source: Model, inTypes: (model: Model) => Model = (it) => it) {
    this.#source = source;
    this.#inTypes = inTypes;
  }

  /** Rewrites the model by a plan of its sites. Plans that differ in numbers alone get the same model, with other feeds. */
  of(plan: Plan): Variant {
    for (const made of this.#made) {
      const feeds = made.plan === plan || isAlike(made.plan, plan) ? feedsOf(made, plan) : undefined;
      if (feeds !== undefined) return { model: made.model, feeds };
    }
    const made = this.#make(plan);
    this.#made.push(made);
    return { model: made.model, feeds: feedsOf(made, plan) ?? {} };
  }

  #make(plan: Plan): Made {
    const { model, sites } = rewrite(this.#source, plan);
    const computed = this.#inTypes(model);
    const names = new Set(sites.flatMap(({ scale, bias }) => [scale, bias]).filter((name) => name !== ''));
    const given = asInputs(computed, ({ name }) => names.has(name));
    const fed = new Map(given.fed.map((it) => [it.name, it]));
    // (1)
    if (fed.size < names.size || sites.some((it) => formNamed(it.plan.form).takesIn)) {
      return { plan, sites, model: computed, fed: undefined };
    }
    return { plan, sites, model: given.model, fed };
  }
}

/** Whether two plans make the same nodes. */
function isAlike(a: Plan, b: Plan): boolean {
  return (
    a.sites.length === b.sites.length &&
    a.sites.every((own, index) => {
      const other = b.sites[index];
      return (
        other !== undefined &&
        own.site === other.site &&
        own.norm === other.norm &&
        own.form === other.form &&
        own.groups === other.groups &&
        own.epsilon === other.epsilon &&
        own.plain === other.plain &&
        own.more === other.more
      );
    })
  );
}

/** The numbers of a plan as inputs; `undefined` if this graph does not take them. */
function feedsOf({ plan: own, sites, fed }: Made, plan: Plan): Values | undefined {
  if (fed === undefined) return own === plan ? {} : undefined;
  const feeds: Record<string, Value> = {};
  for (const [index, names] of sites.entries()) {
    const it = plan.sites[index];
    if (it === undefined) return undefined;
    const numbers = storedNumbers(it);
    for (const role of ['scale', 'bias'] as const) {
      const tensor = fed.get(names[role]);
      if (tensor === undefined) continue;
      const type = tensor.dataType ?? 0;
      const value = { type, dims: dimsOf(tensor), data: typed(type, numbers[role]) };
      const known = feeds[tensor.name];
      // (2)
      if (known !== undefined && !isSameList(known.data as ArrayLike<number>, value.data as ArrayLike<number>))
        return undefined;
      feeds[tensor.name] = value;
    }
  }
  return feeds;
}
