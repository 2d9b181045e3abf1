import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { compareNorms } from '../../src/jobs/compare.ts';
import { NORMS } from '../../src/norms/index.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { modelOf } from '../support/swapped.ts';
import { twoSites } from '../support/two-sites.ts';

async function comparison(name: string, exclude: RegExp[] = []) {
  const bytes = writeModel(modelOf(fixtureNamed(name)));
  const search = findSites(readModel(bytes));
  const data = datasetOf(madeInputs(search.model, 5));
  return compareNorms(search, new MemorySource(bytes), { data, memory: 1e9, exclude });
}

describe('jobs/compareNorms', () => {
  it('has a row for every norm, and for several counts of groups where they may be chosen', async () => {
    const rows = await comparison('rank-4');
    expect([...new Set(rows.map(({ norm }) => norm))]).to.deep.equal(NORMS.map(({ name }) => name));
    const counts = rows.filter(({ norm }) => norm === 'group').map(({ groups }) => groups);
    expect(counts).to.deep.equal(['auto', 1, 8, 32, 'paper']);
    for (const { norm, sites, drift, time, atBatchOne, refused } of rows) {
      if (refused !== null) continue;
      expect(sites, norm).to.equal(1);
      expect(drift, norm).to.have.length(1);
      expect(time, norm).to.be.above(0);
      expect(atBatchOne, norm).to.match(/\S+ \S+/);
    }
    const frozen = rows.find(({ norm }) => norm === 'frozen');
    // What it promises.
    expect(frozen?.drift[0]?.relative).to.be.below(1e-5);
  });

  it('compares a model of a type that the runtime has no values or no kernels of as its float32 twin', async () => {
    for (const name of ['type-bfloat16', 'type-bfloat16-native']) {
      const source = modelOf(fixtureNamed(name));
      const inputs = datasetOf(madeInputs(float32Twin(source), 5));
      const bytes = writeModel(source);
      const rows = await compareNorms(findSites(readModel(bytes)), new MemorySource(bytes), {
        data: inputs,
        memory: 1e9,
      });
      const frozen = rows.find(({ norm }) => norm === 'frozen');
      expect(frozen?.sites, name).to.equal(1);
      expect(frozen?.drift[0]?.relative, name).to.be.below(1e-2);
    }
  });

  it('says in its row why a norm can stand nowhere', async () => {
    const rows = await comparison('map-1x1');
    const instance = rows.find(({ norm }) => norm === 'instance');
    expect(instance).to.include({ sites: 0, time: null });
    expect(instance?.refused?.reason).to.match(/a group would hold a single number/);
    expect(rows.find(({ norm, groups }) => norm === 'group' && groups === 1)?.refused).to.equal(null);
  });

  it('runs no more at a time than memory allows', async () => {
    const search = twoSites();
    const inputs = datasetOf(madeInputs(search.model, 5));
    const bytes = new MemorySource(writeModel(search.model));
    const loadsOfBatch = async (memory: number) => {
      let [norm, count] = ['', 0];
      const load = (sample: number) => {
        if (norm === 'batch') count++;
        return inputs.load(sample);
      };
      const onProgress = (step: string) => {
        norm = step;
      };
      await compareNorms(search, bytes, { data: { ...inputs, load }, memory, onProgress });
      return count;
    };
    // With plenty, all samples are one batch whose statistics are told in one pass; with little, each site wants its own.
    expect(await loadsOfBatch(1)).to.be.above(await loadsOfBatch(1e9));
  });

  it('throws where none can', async () => {
    expect(await rejection(comparison('rank-4', [/./]))).to.include({ code: 'nothing-to-swap' });
  });
});
