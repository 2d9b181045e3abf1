import { expect } from 'chai';
import { readLoss } from '../../src/cli/loss.ts';
import { thrown } from '../support/errors.ts';
import { useScratch } from '../support/scratch.ts';

describe('readLoss', () => {
  const scratch = useScratch();

  it('names the file of the loss, whether it is missing or not a model', () => {
    scratch().write('loss.onnx', Buffer.from('not a model'));
    expect(thrown(() => readLoss(scratch().path('loss.onnx'))).file).to.equal(scratch().path('loss.onnx'));
    expect(thrown(() => readLoss(scratch().path('other.onnx'))).file).to.equal(scratch().path('other.onnx'));
  });
});
