/** A model of one site alone, for running its norm apart from all else. */

import type { Site } from '../find/types.ts';
import type { Form } from '../forms/types.ts';
import { nodesNamed } from '../graph/extract.ts';
import { viewOf } from '../graph/view.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { type Model, opsetVersion } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { create, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { formSiteOf, storedType } from '../plan/index.ts';
import type { RewrittenSite } from '../rewrite/index.ts';

/** Outputs of a {@link siteModel}. */
export interface SiteOutputs {
  readonly model: Model;
  /** Name of the output that the nodes of the written file make. */
  readonly written: string;
  /** Names of the outputs that the other forms make, by form. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * A model of one site alone, x → y: the nodes as they stand in the written file, and beside them the same plan in other
 * forms.
 *
 * @param written the model as read back from the file
 * @param forms other forms, legal for the site
 */
export function siteModel(written: Model, { plan, nodes }: RewrittenSite, forms: readonly Form[]): SiteOutputs {
  const { site } = plan;
  const own = nodesNamed(written, new Set(nodes.map(({ name }) => name)));
  const read = new Set(own.flatMap(({ input }) => input));
  // x is given, also where it is a constant of the model.
  read.delete(site.input);
  const visible = viewOf(written).scopes.map(({ graph }) => graph);
  const made = visible.flatMap(({ node }) =>
    node.filter(({ opType, output }) => opType === 'Constant' && read.has(output[0] ?? '')),
  );
  const stored = visible.flatMap(({ initializer }) => initializer.filter(({ name }) => read.has(name)));
  const graph = create('GraphProto', { name: 'site', node: [...made, ...own], initializer: stored });
  const names = namesOf(graph);
  const constants = new Constants(names.values);
  const parameters: TensorProto[] = [];
  const added: NodeProto[] = [];
  const others = new Map<string, string>();
  for (const form of forms) {
    const output = names.values.fresh(`${site.output}/${form.name}`);
    const parameter = (role: string, dims: readonly number[]) => {
      const name = names.values.fresh(`${form.name}/${role}`);
      const type = storedType({ form: form.name, site }, role);
      parameters.push(makeTensor(name, type, dims, plan[role as 'scale' | 'bias']));
      return name;
    };
    const builder = new Builder(form.name, {
      opset: opsetVersion(written.proto) ?? 0,
      values: names.values,
      nodes: names.nodes,
      constants,
      parameter,
    });
    form.build({ ...formSiteOf(plan), output }, builder);
    added.push(...builder.nodes);
    others.set(form.name, output);
  }
  const alone: GraphProto = {
    ...graph,
    node: [...graph.node, ...added],
    initializer: [...stored, ...parameters, ...constants.tensors],
    input: [inputOf(site)],
    output: [site.output, ...others.values()].map((name) => create('ValueInfoProto', { name })),
  };
  const { irVersion, opsetImport } = written.proto;
  // IR 4 and later allow initializers that are no inputs.
  const proto = create('ModelProto', { irVersion: Math.max(4, Number(irVersion)), opsetImport });
  return { model: { ...written, proto: { ...proto, graph: alone } }, written: site.output, others };
}

/** x, of its rank. Its sizes are left open: they are those of the run, whatever the file says. */
function inputOf({ input, elementType, shape, channels }: Site): ValueInfoProto {
  const dim = shape?.map((_, axis) => create('Dimension', axis === 1 ? { dimValue: channels } : {}));
  const tensorType = create('TensorType', {
    elemType: elementType,
    shape: dim && create('TensorShapeProto', { dim }),
  });
  return create('ValueInfoProto', { name: input, type: create('TypeProto', { tensorType }) });
}
