import { expect } from 'chai';
import { Net } from '../../../../fixtures/build.ts';
import { lossTargets } from '../../../../src/inputs/labelled/own/targets.ts';
import { thrown } from '../../../support/errors.ts';
import { pictureModel } from '../../../support/labelled.ts';

/** A loss with inputs of these names. */
function loss(names: readonly string[], outputs: number) {
  const net = new Net();
  const inputs = names.map((name) => net.input(name, ['N', 3]));
  for (let i = 0; i < outputs; i++) net.output(net.relu(inputs[0] as string));
  return net.model();
}
const model = pictureModel();
const output = model.proto.graph.output[0]?.name ?? '';

describe('the further inputs of a loss', () => {
  it('are those that are not outputs of the model', () => {
    const targets = lossTargets(loss([output, 'wanted', 'weight'], 1), model);
    expect(targets.proto.graph.input.map(({ name }) => name)).to.deep.equal(['wanted', 'weight']);
    expect(lossTargets(loss([output], 1), model).proto.graph.input).to.deep.equal([]);
  });

  it('are refused if the loss takes no output of the model, or gives several numbers', () => {
    const apart = thrown(() => lossTargets(loss(['scores', 'wanted'], 1), model));
    expect(apart).to.include({ code: 'invalid-arguments', node: '--loss' });
    expect(apart.message).to.equal('no input of the loss (scores, wanted) is an output of the model');
    expect(apart.describe()).to.include(output);
    const several = thrown(() => lossTargets(loss([output, 'wanted'], 2), model));
    expect(several.message).to.match(/^the loss has 2 outputs \(.+, .+\)$/);
  });
});
