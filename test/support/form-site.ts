/** A site for a form to spell, without a model around it. */

import type { Form, FormSite } from '../../src/forms/types.ts';
import { Builder, Constants } from '../../src/onnx/builder.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { Names } from '../../src/onnx/names.ts';
import type { NodeProto, TensorProto } from '../../src/onnx/schema.ts';

/** Eight channels in two groups, rank 4, float32, unless told otherwise. */
export function formSite(changes: Partial<FormSite> = {}): FormSite {
  return {
    norm: 'group',
    input: 'x',
    output: 'y',
    elementType: DataType.FLOAT,
    shape: [undefined, 8, undefined, undefined],
    channels: 8,
    groups: 2,
    epsilon: 1e-5,
    scale: [],
    bias: [],
    ...changes,
  };
}

export interface Spelled {
  readonly nodes: readonly NodeProto[];
  readonly constants: readonly TensorProto[];
  /** Dimensions of γ′ and β′ as the form asked for them, once each. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
}

/** What a form writes for a site. */
export function spell(form: Form, site: FormSite, opset = 17): Spelled {
  const parameters = new Map<string, readonly number[]>();
  const constants = new Constants(new Names([]));
  const builder = new Builder('site', {
    opset,
    values: new Names(['x', 'y']),
    nodes: new Names([]),
    constants,
    parameter: (role, dims) => {
      if (parameters.has(role)) throw new RangeError(`${role} is asked for twice`);
      parameters.set(role, dims);
      return role;
    },
  });
  form.build(site, builder);
  return { nodes: builder.nodes, constants: constants.tensors, parameters };
}

/** Operators in order, with the last part of each name where it says more: `ReduceMean:MeanAxis3`. */
export function outline({ nodes }: Spelled): string[] {
  return nodes.map(({ opType, name }) => {
    const role = name.slice(name.lastIndexOf('/') + 1);
    return role === opType ? opType : `${opType}:${role}`;
  });
}

/** A Reshape to [N, R, …] of a tensor of unknown rank, as {@link outline} has it. */
export function rowsOutline(role: string, isLonger = false): string[] {
  const length = isLonger ? [`Mul:${role}Length`] : [];
  const sides = [`Slice:${role}Batch`, `Slice:${role}Spatial`, `Concat:${role}Sides`, `ReduceProd:${role}Area`];
  return [`Shape:${role}Shape`, ...sides, ...length, `Concat:${role}Target`, `Reshape:${role}`];
}
