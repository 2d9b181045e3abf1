import { expect } from 'chai';
import { LOSSES } from '../../src/gradient/losses.ts';
import { optionFacts } from '../../src/web/worker/facts.ts';

describe('what a form is told of options', () => {
  it('offers the losses that have a name, as a form has no place for the file of another', () => {
    const loss = optionFacts('finetune').find(({ name }) => name === 'loss');
    expect(loss?.choices).to.deep.equal(LOSSES);
    expect(loss?.describe).not.to.contain('.onnx');
  });
});
