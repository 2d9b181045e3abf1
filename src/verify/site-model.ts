/** A model of sites alone, for running their norms apart from all else. */
import type { Site } from '../find/types.ts';
import type { Form } from '../forms/types.ts';
import { storedValue } from '../graph/extract.ts';
import type { Scope } from '../graph/scope.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { Names } from '../onnx/names.ts';
import { create, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { formSiteOf, type SitePlan, storedType } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import { noticingNumbers } from '../rewrite/stamps.ts';
import { siteNodesOf } from './site-nodes.ts';

/** What is wanted of a site: its nodes as they stand in the file, and its plan in other forms that are legal for it. */
export interface WantedSite {
  readonly site: RewrittenSite;
  readonly forms: readonly Form[];
}

/** Inputs and outputs of a site in a {@link siteModel}. */
export interface SiteNames {
  readonly input: string;
  /** Name of the output that the nodes of the written file make. */
  readonly written: string;
  /** Names of the outputs that the other forms make, by form. */
  readonly others: ReadonlyMap<string, string>;
}

/** A model of some sites, and what they are called in it, in the order given. */
export interface SitesModel {
  readonly model: Model;
  readonly sites: readonly SiteNames[];
  /** By name, what initializers were made of; all sites share the others. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Whether a form asked for the numbers of a plan: then they may be anywhere in it. */
  readonly hasNumbers: boolean;
}

/** What the file stores, by its place among what nodes of the sites read of it; or a parameter of the plan of one of the sites. */
export type Origin =
  | { readonly stored: number }
  | { readonly plan: number; readonly form: string; readonly role: string; readonly dims: readonly number[] };

/**
 * Makes a model of sites alone, each x → y: the nodes as they stand in the written file, and beside them the same plan in
 * other forms. Names of a site's values change only where another site's are the same.
 *
 * @param written the model as read back from the file
 * @param isNameless whether names of the file are left out, so that sites with the same nodes make the same model
 */
export function siteModel(written: Model, wanted: readonly WantedSite[], isNameless = false): SitesModel {
  const opset = opsetOf(written);
  const parts = new SiteParts(opset, isNameless);
  const sites = wanted.map(({ site, forms }) => {
    const names = parts.addWritten(written, site);
    return { ...names, others: parts.addForms(site.plan, names, forms) };
  });
  const { irVersion, opsetImport } = written.proto;
  // IR 4 and later allow initializers that are no inputs.
  const proto = create('ModelProto', { irVersion: Math.max(4, Number(irVersion)), opsetImport });
  return {
    model: { ...written, proto: { ...proto, graph: parts.graph() } },
    sites,
    origins: parts.origins,
    hasNumbers: parts.hasNumbers,
  };
}

/** A parameter of a plan, as a form stores it. */
export function parameterOf(
  plan: SitePlan,
  form: string,
  role: string,
  dims: readonly number[],
  name = '',
): TensorProto {
  return makeTensor(name, storedType({ form, site: plan.site }, role), dims, plan[role as 'scale' | 'bias']);
}

/** What {@link siteModel} gathers of its sites. */
class SiteParts {
  readonly #opset: number;
  readonly #values = new Names([]);
  readonly #nodeNames = new Names([]);
  readonly #constants = new Constants(this.#values);
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: string[] = [];
  /** Names that stored values have here, by what stores them: two graphs may use one name for different things. */
  readonly #stored = new Map<NodeProto | TensorProto, string>();
  /** By name, what initializers were made of. */
  readonly origins = new Map<string, Origin>();
  hasNumbers = false;
  /** Of the sites so far. */
  #count = 0;
  readonly #isNameless: boolean;

  constructor(opset: number, isNameless: boolean) {
    this.#opset = opset;
    this.#isNameless = isNameless;
  }

  #value(name: string): string {
    return this.#values.fresh(this.#isNameless ? 'value' : name);
  }

  #node(name: string): string {
    return this.#nodeNames.fresh(this.#isNameless ? 'node' : name);
  }

  /** Adds a site's nodes as the file has them. */
  addWritten(written: Model, it: RewrittenSite): Pick<SiteNames, 'input' | 'written'> {
    const { site } = it.plan;
    const { nodes, scope, names, places } = siteNodesOf(written, it);
    const own = names.map((name) => this.#value(name));
    const ownName = (name: string) => own[places.get(name) ?? -1];
    const nameOf = (name: string) => ownName(name) ?? (scope === undefined ? name : this.#storedName(scope, name));
    for (const node of nodes) {
      this.#nodes.push({
        ...node,
        name: this.#node(node.name),
        input: node.input.map(nameOf),
        output: node.output.map(nameOf),
      });
    }
    const [input = site.input] = own;
    this.#inputs.push(inputOf(site, input));
    const output = ownName(site.output) ?? site.output;
    this.#outputs.push(output);
    return { input, written: output };
  }

  /** Adds a site's plan in other forms. */
  addForms(plan: SitePlan, { input }: Pick<SiteNames, 'input'>, forms: readonly Form[]): ReadonlyMap<string, string> {
    const { site } = plan;
    const outputs = new Map<string, string>();
    for (const form of forms) {
      const output = this.#value(`${site.output}/${form.name}`);
      const builder = new Builder(form.name, {
        opset: this.#opset,
        values: this.#values,
        nodes: this.#nodeNames,
        constants: this.#constants,
        parameter: (role, dims) => {
          const name = this.#values.fresh(`${form.name}/${role}`);
          this.origins.set(name, { plan: this.#count, form: form.name, role, dims });
          this.#initializers.push(parameterOf(plan, form.name, role, dims, name));
          return name;
        },
      });
      const asked = noticingNumbers({ ...formSiteOf(plan), input, output }, () => {
        this.hasNumbers = true;
      });
      form.build(asked, builder);
      this.#nodes.push(...builder.nodes);
      this.#outputs.push(output);
      outputs.set(form.name, output);
    }
    this.#count++;
    return outputs;
  }

  graph(): GraphProto {
    return create('GraphProto', {
      name: 'sites',
      node: this.#nodes,
      initializer: [...this.#initializers, ...this.#constants.tensors],
      input: this.#inputs,
      output: this.#outputs.map((name) => create('ValueInfoProto', { name })),
    });
  }

  /** The name here of a stored value that a node of the file reads; what stores it is taken along. */
  #storedName(scope: Scope, name: string): string {
    const stored = storedValue(scope, name);
    // A name that nothing makes here, be it what another site has: the runtime is to refuse the site.
    if (stored === undefined) return name === '' ? name : this.#value(name);
    const source = 'tensor' in stored ? stored.tensor : stored.node;
    const known = this.#stored.get(source);
    if (known !== undefined) return known;
    const fresh = this.#value(name);
    this.origins.set(fresh, { stored: this.#stored.size });
    this.#stored.set(source, fresh);
    if ('tensor' in stored) this.#initializers.push({ ...stored.tensor, name: fresh });
    else this.#nodes.push({ ...stored.node, name: this.#node(stored.node.name), output: [fresh] });
    return fresh;
  }
}

/** x, of its rank. Its sizes are left open: they are those of the run, whatever the file says. */
function inputOf({ elementType, shape, channels }: Site, name: string): ValueInfoProto {
  // The runtime loads a model a third faster if open sizes have names.
  const dim = shape?.map((_, axis) =>
    create('Dimension', axis === 1 ? { dimValue: channels } : { dimParam: `${name}/${axis}` }),
  );
  const tensorType = create('TensorType', {
    elemType: elementType,
    shape: dim && create('TensorShapeProto', { dim }),
  });
  return create('ValueInfoProto', { name, type: create('TypeProto', { tensorType }) });
}
