import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { inMemory } from '../../src/runtime/materialize.ts';

describe('inMemory', () => {
  it('gives the bytes of the file', async () => {
    const model = fixtureNamed('rank-4').build();
    const { model: bytes, dispose } = await inMemory(model);
    expect(bytes).to.deep.equal(writeModel(model));
    await dispose();
  });
});
