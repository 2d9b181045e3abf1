/** What a detector answers to a picture, and what its outputs are taken for. */
import { look as valuesOf } from '../../gradient/look.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { rolesOf } from '../../measure/boxes/roles/index.ts';
import { Evidence } from '../../measure/evidence.ts';
import type { Output, TaskOptions } from '../../measure/tasks/types.ts';
import type { Model } from '../../onnx/model.ts';
import type { Values } from '../../runtime/session.ts';
import { firstAnswer } from '../first-answer.ts';

/** Sizes of columns that the file leaves open are those of a run. */
async function evidenceOf(model: Model, outputs: readonly Output[], inputs: Values): Promise<Evidence> {
  const evidence = new Evidence(model);
  const isOpen = outputs.some(({ name, dims }) => {
    const axes = dims.length === 3 ? [1, 2].map((axis) => evidence.segments(name, axis)) : [];
    // A row that nothing is known of may be one whose parts are known once their sizes are.
    const isUnknown = axes.length > 0 && axes.every(([first, ...more]) => more.length === 0 && first?.made === 'other');
    return isUnknown || axes.some((all) => all.length > 1 && all.some(({ size }) => size === undefined));
  });
  if (!isOpen) return evidence;
  const sizes = Object.fromEntries(Object.entries(inputs).map(([name, { dims }]) => [name, dims]));
  const { types } = await valuesOf(model, { sizes, batch: 1 });
  return new Evidence(model, (value) => types.get(value)?.dims);
}

/** Runs a model on a picture, and finds the roles of its outputs. */
export async function look(model: Model, { inputs }: Example, options: TaskOptions) {
  const values = await firstAnswer(model, inputs);
  const outputs = Object.entries(values).map(([name, { type, dims }]): Output => ({ name, type, dims }));
  const evidence = await evidenceOf(model, outputs, inputs);
  const first = { inputs, source: values, rewritten: values };
  return { model, values, outputs, evidence, roles: rolesOf(outputs, { evidence, options, first }, true) };
}
