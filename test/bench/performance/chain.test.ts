import { readFileSync, statSync } from 'node:fs';
import { expect } from 'chai';
import {
  type Chain,
  chainModel,
  chainOf,
  dataFile,
  placeOf,
  weightBytes,
  writeChain,
} from '../../../bench/performance/chain.ts';
import { findSites } from '../../../src/find/index.ts';
import { swap } from '../../../src/jobs/swap.ts';
import { MemorySource } from '../../../src/onnx/bytes.ts';
import { memoryHome, readModel } from '../../../src/onnx/model.ts';
import type { TensorProto } from '../../../src/onnx/schema.ts';
import { rawDataOf } from '../../../src/onnx/tensor.ts';
import { useScratch } from '../../support/scratch.ts';

const CHAIN: Chain = { channels: 16, units: 5, kernel: 3, side: 4, dataFiles: 0 };

describe('bench/performance/chain', () => {
  const scratch = useScratch();

  it('has as many weights as it is asked for', () => {
    expect(weightBytes(CHAIN)).to.equal(16 * 16 * 9 * 4);
    expect(chainOf(weightBytes(CHAIN) * 7.4, CHAIN).units).to.equal(7);
  });

  it('is written as a model with a site a unit, that runs and verifies', async () => {
    const size = writeChain(scratch().path('chain.onnx'), CHAIN);
    const bytes = readFileSync(scratch().path('chain.onnx'));
    expect(size).to.equal(bytes.length);
    expect(size).to.be.above(5 * weightBytes(CHAIN));
    expect(findSites(readModel(bytes)).sites).to.have.length(5);
    expect((await swap(bytes)).verification?.passed).to.equal(true);
  });

  it('spreads its weights over files, and says where each is', () => {
    const spread = { ...CHAIN, dataFiles: 2 };
    const size = writeChain(scratch().path('spread.onnx'), spread);
    const files = scratch().list();
    expect(files).to.deep.equal(['spread.onnx', dataFile(0), dataFile(1)]);
    expect(files.reduce((sum, file) => sum + statSync(scratch().path(file)).size, 0)).to.equal(size);
    expect(statSync(scratch().path(dataFile(0))).size).to.equal(3 * weightBytes(CHAIN));
    expect([0, 1, 2, 4].map((unit) => placeOf(unit, spread))).to.deep.equal([
      { file: 0, offset: 0 },
      { file: 1, offset: 0 },
      { file: 0, offset: weightBytes(CHAIN) },
      { file: 0, offset: 2 * weightBytes(CHAIN) },
    ]);

    const open = (location: string) => new MemorySource(scratch().read(location));
    const { proto } = readModel(scratch().read('spread.onnx'), memoryHome(open));
    const inline = chainModel(CHAIN).proto.graph.initializer;
    for (const tensor of proto.graph.initializer.filter(({ dataLocation }) => dataLocation === 1)) {
      const same = inline.find(({ name }) => name === tensor.name) as TensorProto;
      expect(Buffer.compare(rawDataOf(tensor, open).bytes(), rawDataOf(same).bytes())).to.equal(0);
    }
  });
});
