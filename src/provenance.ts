/** What a rewritten file says of its own rewrite, in `metadata_props`. */
import { type Model, withGraph } from './onnx/model.ts';
import { create } from './onnx/schema.ts';
import type { Plan } from './plan.ts';

/** Key of the entry in the model's metadata. */
export const PROVENANCE_KEY = 'gn-swap';

/** The entry's value, as JSON. */
export interface Provenance {
  /** Of this layout. */
  readonly schema: 1;
  /** Version of gn-swap. */
  readonly version: string;
  /** Digest of the source file: `sha256:…`, or `sha256-sampled:…` for files over 16 MiB. */
  readonly source: string;
  readonly norm: string;
  readonly init: string;
  readonly sites: readonly {
    readonly name: string;
    readonly input: string;
    readonly output: string;
    readonly groups: number;
    readonly epsilon: number;
    readonly form: string;
  }[];
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
  return { schema: 1, version, source, norm: plan.norm, init: plan.sites[0]?.init ?? '', sites };
}

/** The model with the entry in place of any former one. */
export function withProvenance(model: Model, provenance: Provenance): Model {
  const { graph, metadataProps } = model.proto;
  const others = metadataProps.filter(({ key }) => key !== PROVENANCE_KEY);
  const entry = create('StringStringEntryProto', { key: PROVENANCE_KEY, value: JSON.stringify(provenance) });
  return withGraph(model, graph, { metadataProps: [...others, entry] });
}
