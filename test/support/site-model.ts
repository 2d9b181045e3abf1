/** A rewritten site on its own, x → y, and inputs for it. */

import { valueInfo } from '../../fixtures/build.ts';
import type { Fixture } from '../../fixtures/index.ts';
import type { Search } from '../../src/find/index.ts';
import type { Site } from '../../src/find/types.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';
import { dimsOf, valuesOf } from '../../src/onnx/tensor.ts';
import type { Rewritten, RewrittenSite } from '../../src/rewrite/index.ts';
import { encodeHalf } from '../../src/runtime/half.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from './session.ts';

/** The nodes that a rewrite put at a site, with every constant they can see. The input has no stated shape. */
export function siteAlone({ model }: Rewritten, { plan: { site }, nodes }: RewrittenSite): Model {
  const scopes = scopesOf(model);
  const graph = create('GraphProto', {
    name: 'alone',
    node: [...scopes.flatMap((scope) => scope.graph.node.filter(({ opType }) => opType === 'Constant')), ...nodes],
    initializer: scopes.flatMap((scope) => scope.graph.initializer).filter(({ dataLocation }) => dataLocation !== 1),
    input: [valueInfo(site.input, site.elementType, undefined)],
    output: [create('ValueInfoProto', { name: site.output })],
  });
  const { opsetImport, irVersion } = model.proto;
  // Before IR 4 the initializers would have to be listed as inputs.
  const fields = { opsetImport, irVersion: Math.max(4, Number(irVersion)) };
  return { ...model, proto: { ...create('ModelProto', fields), graph } };
}

/**
 * What a site on its own answers to x.
 *
 * @param isTwin whether its float32 twin is run; by default where x has another type than the site
 * @returns what was fed, in the type that ran, and the answer
 */
export async function runAlone(
  swapped: Rewritten,
  it: RewrittenSite,
  x: Value,
  isTwin = x.type !== it.plan.site.elementType,
): Promise<{ fed: Value; y: Value }> {
  const { input, output } = it.plan.site;
  const alone = siteAlone(swapped, it);
  const fed = isTwin ? { ...x, type: DataType.FLOAT, data: Float32Array.from(numbersOf(x) ?? []) } : x;
  const ran = await runModel(isTwin ? float32Twin(alone) : alone, { [input]: fed });
  return { fed, y: valueNamed(ran, output) };
}

/** γ′ and β′ as the rewritten model holds them. */
export function storedAffine(
  { model }: Rewritten,
  it: RewrittenSite,
): { scale: Float64Array; bias: Float64Array; dims: number[][] } {
  const all = scopesOf(model).flatMap(({ graph }) => graph.initializer);
  const [scale, bias] = [it.scale, it.bias].map((name) => {
    const found = all.filter((tensor) => tensor.name === name);
    if (found[0] === undefined || found.length > 1) throw new RangeError(`${found.length} initializers ${name}`);
    return found[0];
  }) as [(typeof all)[number], (typeof all)[number]];
  return { scale: valuesOf(scale), bias: valuesOf(bias), dims: [dimsOf(scale), dimsOf(bias)] };
}

/** What reaches each site in a run of the source; made where the source does not run, or the site is in a subgraph. */
export async function siteInputs(fixture: Fixture, { model, sites }: Search): Promise<Map<Site, Value>> {
  const inputs = new Map<Site, Value>();
  const reachable = fixture.notRunnable === undefined ? sites.filter(({ path }) => path === '') : [];
  if (reachable.length > 0) {
    const names = reachable.map(({ input }) => input);
    const feeds = fixture.inputs?.() ?? generateInputs(model, 1, 2, 8);
    const values = await runModel(withOutputs(model, names), feeds, fixture.files?.(), [...new Set(names)]);
    for (const site of reachable) inputs.set(site, valueNamed(values, site.input));
  }
  for (const site of sites) if (!inputs.has(site)) inputs.set(site, made(site));
  return inputs;
}

function made({ elementType, channels, shape = [2, channels, 5, 3] }: Site): Value {
  const dims = shape.map((dim, axis) => (axis === 1 ? channels : (dim ?? 2)));
  const random = new Random(11);
  const numbers = Float64Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, () => 0.5 + random.normal());
  if (elementType === DataType.FLOAT16) return { type: elementType, dims, data: encodeHalf(numbers) };
  if (elementType === DataType.DOUBLE) return { type: elementType, dims, data: numbers };
  return { type: DataType.FLOAT, dims, data: Float32Array.from(numbers) };
}
