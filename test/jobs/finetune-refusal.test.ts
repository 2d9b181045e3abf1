import { expect } from 'chai';
import { GnSwapError } from '../../src/errors.ts';
import { inWordsOfTraining } from '../../src/jobs/finetune-refusal.ts';
import { rejection } from '../support/errors.ts';

const said = (remedy: string | undefined, node: string) =>
  rejection(
    inWordsOfTraining(
      Promise.reject(
        new GnSwapError('unsupported-model', 'it stops', remedy === undefined ? { node } : { node, remedy }),
      ),
    ),
  );

describe('inWordsOfTraining', () => {
  it('names the option of training where the gradient can’t pass a node', async () => {
    const error = await said('Cut the file, or choose parameters behind it, with --wrt REGEX', 'If_1');
    expect([error.code, error.message, error.node]).to.deep.equal(['unsupported-model', 'it stops', 'If_1']);
    expect(error.remedy).to.equal('Cut the file, or choose parameters behind it, with --train REGEX');
  });

  it('leaves other errors as they are', async () => {
    expect((await said('Use another file', 'x')).remedy).to.equal('Use another file');
    expect((await said(undefined, 'x')).remedy).to.equal(undefined);
  });
});
