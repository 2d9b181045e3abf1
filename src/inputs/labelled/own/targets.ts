/** What samples have to give to a loss that is a model. */
import { GnSwapError } from '../../../errors.ts';
import { requiredInputs } from '../../../graph/interface.ts';
import { type Model, withGraph } from '../../../onnx/model.ts';

/**
 * The loss with those inputs alone that are not outputs of the model.
 *
 * @throws GnSwapError `invalid-arguments` if none of its inputs is an output of the model, or if it has several outputs
 */
export function lossTargets(loss: Model, model: Model): Model {
  const { graph } = loss.proto;
  const outputs = model.proto.graph.output.map(({ name }) => name);
  const further = graph.input.filter(({ name }) => !outputs.includes(name));
  if (further.length === graph.input.length) {
    const own = requiredInputs(loss).map(({ name }) => name);
    throw new GnSwapError('invalid-arguments', `no input of the loss (${own.join(', ')}) is an output of the model`, {
      node: '--loss',
      remedy: `Name the inputs that take what the model answers after its outputs: ${outputs.join(', ')}`,
    });
  }
  if (graph.output.length !== 1) {
    const own = graph.output.map(({ name }) => name);
    throw new GnSwapError('invalid-arguments', `the loss has ${own.length} outputs (${own.join(', ')})`, {
      node: '--loss',
      remedy: 'Give a model with one output, a single float number',
    });
  }
  return withGraph(loss, { ...graph, input: further });
}
