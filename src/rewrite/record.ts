/** What a rewritten file says of its own rewrite, in `metadata_props`; and what lets a later check tell training from damage. */

import type { StructureRecord } from '../graph/structure-texts.ts';
import { viewOf } from '../graph/view.ts';
import { sha256, sha256Of } from '../host/node.ts';
import { subgraphsOf } from '../onnx/attributes.ts';
import { type Model, opsetOf, withGraph } from '../onnx/model.ts';
import { NodeRun, nodeListOf } from '../onnx/node-run.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { valuesOf } from '../onnx/tensor.ts';
import type { Plan } from '../plan/index.ts';
import type { Rewritten, RewrittenSite } from './index.ts';

/** Key of the entry in the model's metadata. */
export const PROVENANCE_KEY = 'gn-swap';

/** What was done at one site. */
export interface SiteProvenance {
  readonly name: string;
  /** Where its graph hangs; absent for the main graph. */
  readonly path?: string;
  readonly input: string;
  readonly output: string;
  readonly groups: number;
  readonly epsilon: number;
  readonly form: string;
  /** Digests of γ′ and β′ as they were written; see digestOfNumbers. Absent where a norm has none. */
  readonly scale?: string | undefined;
  readonly bias?: string | undefined;
}

/** The entry's value, as JSON. */
export interface Provenance {
  /** Of this layout; 1 had neither digests nor paths. */
  readonly schema: 1 | 2;
  /** Version of gn-swap. */
  readonly version: string;
  /** Digest of the source file: `sha256:…`, or `sha256-sampled:…` for files over 16 MiB. */
  readonly source: string;
  readonly norm: string;
  readonly init: string;
  readonly sites: readonly SiteProvenance[];
  /** Of the standard domain, when it was written. */
  readonly opset?: number;
  /** What the written model consisted of, but for the numbers that training changes; see `graph/fingerprint.ts`. */
  readonly structure?: { readonly digest: string; readonly parts: string };
  /** Of all else in this entry; not a signature, but an edit by hand is seen. */
  readonly checksum?: string;
}

/** The entry for a plan. */
export function provenanceOf(plan: Plan, source: string, version: string): Provenance {
  const sites = plan.sites.map(({ site, groups, epsilon, form }) => ({
    name: site.name,
    input: site.input,
    output: site.output,
    groups,
    epsilon,
    form,
  }));
  return { schema: 2, version, source, norm: plan.norm, init: plan.sites[0]?.init ?? '', sites };
}

/** The entry with the digests of γ′ and β′, and where sites are that are not in the main graph. */
export function withParameters({ model, sites }: Rewritten, provenance: Provenance): Provenance {
  const pathOf = pathsIn(model);
  const digest = (tensor: TensorProto | undefined) => tensor && digestOfNumbers(valuesOf(tensor, model.home.open));
  return {
    ...provenance,
    sites: provenance.sites.map(({ name, input, output, groups, epsilon, form }, index) => {
      const own = sites[index];
      const path = own === undefined ? '' : pathOf(own);
      const scale = digest(own?.made?.scale);
      const bias = digest(own?.made?.bias);
      // Written out, as there may be 50,000: copies take several times the room.
      return path === ''
        ? { name, input, output, groups, epsilon, form, scale, bias }
        : { name, input, output, groups, epsilon, form, path, scale, bias };
    }),
    opset: opsetOf(model),
  };
}

/** The entry with what the model consists of, and the checksum of it all, as JSON: of 50,000 sites that is 16 MB, which are made once. */
export function sealed(provenance: Provenance, structure: StructureRecord): string {
  const text = JSON.stringify({ ...provenance, structure });
  return `${text.slice(0, -1)},"checksum":"${checksumOfText(text)}"}`;
}

/** Answers where sites stand. Most models are one graph, for which the scopes of the whole rewritten model need not be made. */
function pathsIn(model: Model): (site: RewrittenSite) => string {
  const { graph } = model.proto;
  if (!nodeListOf(graph).some((it) => !(it instanceof NodeRun) && subgraphsOf(it).length > 0)) return () => '';
  const paths = new Map<NodeProto, string>();
  for (const { graph: own, path } of viewOf(model).scopes) for (const node of own.node) paths.set(node, path);
  return ({ nodes: [first] }) => (first && paths.get(first)) ?? '';
}

/** What {@link Provenance.checksum} is to be. */
export function checksumOf({ checksum: _, ...entry }: Provenance): string {
  return checksumOfText(JSON.stringify(entry));
}

function checksumOfText(text: string): string {
  return short(sha256([text]));
}

/**
 * `a:b`, digests of a list of numbers as it is and in ascending order: where only the first is another, the same numbers stand
 * in another order.
 */
export function digestOfNumbers(values: Float64Array): string {
  const digest = (list: Float64Array) => short(sha256Of(new Uint8Array(list.buffer, list.byteOffset, list.byteLength)));
  if (inOrder.length !== values.length) inOrder = new Float64Array(values.length);
  inOrder.set(values);
  return `${digest(values)}:${digest(inOrder.sort())}`;
}

/** The numbers that were put in order last: most norms of a model have as many. */
let inOrder = new Float64Array(0);

/** Bits enough that no two parameters of a model share them. */
function short(hexadecimal: string): string {
  return hexadecimal.slice(0, 20);
}

/** The model with the entry, as JSON, in place of any former one. */
export function withProvenance(model: Model, value: string): Model {
  const { graph, metadataProps } = model.proto;
  const others = metadataProps.filter(({ key }) => key !== PROVENANCE_KEY);
  const entry = create('StringStringEntryProto', { key: PROVENANCE_KEY, value });
  return withGraph(model, graph, { metadataProps: [...others, entry] });
}

/** The entry of a model: `undefined` where it has none, and in words what is wrong with one that can't be read. */
export function readProvenance(model: Model): Provenance | string | undefined {
  const entry = model.proto.metadataProps.find(({ key }) => key === PROVENANCE_KEY);
  if (entry === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(entry.value);
  } catch {
    return 'it is not JSON';
  }
  return isProvenance(value) ? value : 'fields are missing or have the wrong type';
}

const TEXTS = ['version', 'source', 'norm', 'init'] as const;

function isProvenance(value: unknown): value is Provenance {
  if (!isObject(value)) return false;
  const { schema, sites, opset, structure, checksum } = value;
  return (
    (schema === 1 || schema === 2) &&
    TEXTS.every((name) => typeof value[name] === 'string') &&
    Array.isArray(sites) &&
    sites.every(isSite) &&
    isOptional(opset, 'number') &&
    isOptional(checksum, 'string') &&
    (structure === undefined ||
      (isObject(structure) && typeof structure.digest === 'string' && typeof structure.parts === 'string'))
  );
}

function isSite(value: unknown): boolean {
  if (!isObject(value)) return false;
  const texts = ['name', 'input', 'output', 'form'].every((name) => typeof value[name] === 'string');
  const numbers = ['groups', 'epsilon'].every((name) => typeof value[name] === 'number');
  return texts && numbers && ['path', 'scale', 'bias'].every((name) => isOptional(value[name], 'string'));
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
