import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { recordOfTexts } from '../../src/graph/structure-texts.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { planAll } from '../../src/plan/refuse.ts';
import { type Recorder, rewriteAll, rewriteRecorded } from '../../src/rewrite/recorded.ts';
import { modelOf } from '../support/swapped.ts';

describe('rewriteRecorded', () => {
  const given = (name: string) => {
    const bytes = writeModel(modelOf(fixtureNamed(name)));
    const search = findSites(readModel(bytes));
    return { search, plan: planAll(search, { groups: 4 }), source: new MemorySource(bytes) };
  };
  const written = async (name: string, recorder?: Recorder, many?: number) => {
    const { search, plan, source } = given(name);
    return writeModel((await rewriteRecorded(search, plan, source, undefined, recorder, many)).model);
  };
  const usual = (name: string) => {
    const { search, plan, source } = given(name);
    return writeModel(rewriteAll(search, plan, source).model);
  };
  const elsewhere = () => {
    let calls = 0;
    const record: Recorder = async (texts) => {
      calls++;
      return recordOfTexts(structuredClone(texts));
    };
    return { record, calls: () => calls };
  };

  for (const name of ['opset-17', 'opset-08', 'if-own-parameters', 'type-float16', 'names-odd']) {
    it(`writes what rewriteAll does, wherever the record is made: ${name}`, async () => {
      const { record, calls } = elsewhere();
      expect(await written(name)).to.deep.equal(usual(name));
      expect(await written(name, record, 1)).to.deep.equal(usual(name));
      expect(calls()).to.equal(1);
    });
  }

  it('makes the record of a small model here', async () => {
    const { record, calls } = elsewhere();
    expect(await written('opset-17', record)).to.deep.equal(usual('opset-17'));
    expect(calls()).to.equal(0);
  });

  it('makes it here where that place fails', async () => {
    const broken: Recorder = async ({ tags }) => {
      // As one that took the texts with it.
      structuredClone(tags, { transfer: [tags.buffer] });
      throw new Error('no thread to be had');
    };
    expect(await written('opset-17', broken, 1)).to.deep.equal(usual('opset-17'));
  });
});
