import { expect } from 'chai';
import fc from 'fast-check';
import { Net } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import type { Dataset } from '../../src/inputs/dataset.ts';
import { blame, runsFor, samplesByKey } from '../../src/inputs/runs.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { rejection } from '../support/errors.ts';

const sizes = (count: number, fixed: number | undefined, bytes: number, memory: number) => {
  const samples = Array.from({ length: count }, (_, index) => 100 + index);
  return runsFor(samples, fixed, bytes, memory).map((run) => [run.samples.length, run.count]);
};

describe('samplesByKey', () => {
  it('gathers samples that may share a run, in their order', () => {
    const data: Dataset = { count: 9, keyOf: (sample) => (sample % 3 === 0 ? 'a' : 'b'), load: async () => ({}) };
    expect([...samplesByKey(data, [7, 0, 1, 3, 2])]).to.deep.equal([
      ['b', [7, 1, 2]],
      ['a', [0, 3]],
    ]);
  });
});

describe('runsFor', () => {
  it('makes one run of what fits', () => {
    expect(sizes(5, undefined, 10, 50)).to.deep.equal([[5, 5]]);
  });

  it('makes runs of one size of what does not, the last filled up', () => {
    expect(sizes(5, undefined, 10, 49)).to.deep.equal([
      [3, 3],
      [3, 2],
    ]);
    expect(sizes(6, undefined, 10, 49)).to.deep.equal([
      [3, 3],
      [3, 3],
    ]);
  });

  it('runs one sample at a time where not even that fits', () => {
    expect(sizes(2, undefined, 100, 1)).to.deep.equal([
      [1, 1],
      [1, 1],
    ]);
  });

  it('runs sixteen at most', () => {
    expect(sizes(40, undefined, 1, 1e9)).to.deep.equal([
      [14, 14],
      [14, 14],
      [14, 12],
    ]);
  });

  it('keeps to a fixed batch, whatever the memory', () => {
    expect(sizes(6, 4, 100, 1)).to.deep.equal([
      [4, 4],
      [4, 2],
    ]);
    expect(sizes(1, 4, 1, 1e9)).to.deep.equal([[4, 1]]);
    expect(sizes(3, 1, 1, 1e9)).to.deep.equal([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(sizes(20, 20, 1, 1e9)).to.deep.equal([[20, 20]]);
  });

  it('fills up with samples that others have', () => {
    expect(runsFor([7, 8, 9], 8, 1, 1e9)[0]?.samples).to.deep.equal([7, 8, 9, 7, 8, 9, 7, 8]);
  });

  it('has every sample once, in order, in runs of one size that fit', () => {
    const counts = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(
        counts,
        fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
        counts,
        (count, fixed, memory) => {
          const samples = Array.from({ length: count }, (_, index) => index);
          const runs = runsFor(samples, fixed, 3, memory);
          expect(runs.flatMap((run) => run.samples.slice(0, run.count))).to.deep.equal(samples);
          expect(new Set(runs.map((run) => run.samples.length)).size).to.be.at.most(1);
          for (const run of runs) {
            expect(run.count).to.be.at.least(1);
            if (fixed === undefined) expect(run.samples.length * 3).to.be.at.most(Math.max(3, memory));
            else expect(run.samples.length).to.equal(fixed);
          }
        },
      ),
      { seed: 1 },
    );
  });

  it('takes a part of what is free where no memory is given', () => {
    expect(runsFor([1, 2, 3], undefined, 1)).to.have.length(1);
  });
});

describe('blame', () => {
  /** [N, 4] and nothing else. */
  const net = new Net();
  const source = net.output(net.relu(net.input('x', ['N', 4]))).model();
  const inputs = (width: number) => ({ x: { type: DataType.FLOAT, dims: [1, width], data: new Float32Array(width) } });
  const refused = new GnSwapError('runtime-failed', 'no way');

  it('makes of the runtime’s refusal one of the data, with their shapes and what to do, where the source refuses too', async () => {
    const error = await rejection(blame(source, inputs(5))(refused));
    expect(error).to.include({ code: 'invalid-data' });
    expect(error.message).to.match(/the source does not run on calibration inputs "x" \[1, 5\] \(.*ONNX Runtime/);
    // No picture, so it has no --size.
    expect(error.remedy).to.include('along the first axis');
    const image = new Net();
    const square = image.output(image.relu(image.input('x', [1, 3, 8, 8]))).model();
    const picture = { x: { type: DataType.FLOAT, dims: [1, 3, 9, 9], data: new Float32Array(243) } };
    const sized = await rejection(blame(square, picture)(refused));
    expect(sized.remedy).to.include('--size');
    expect(sized.next).to.deep.equal({ set: { size: '32x32' } });
    const fits = { x: { type: DataType.FLOAT, dims: [1, 3, 32, 32], data: new Float32Array(3072) } };
    expect((await rejection(blame(square, fits)(refused))).next, 'another size is not known').to.equal(undefined);
  });

  it('does not blame the data where the source takes them', async () => {
    const error = await rejection(blame(source, inputs(4))(refused));
    expect(error).to.include({ code: 'runtime-failed', cause: refused });
    expect(error.message).to.match(
      /the source runs on the calibration inputs, but the calibration graph does not \(no way\)/,
    );
    expect(error.remedy).to.include('--exclude');
  });

  it('blames the source where it does not even load', async () => {
    const broken = new Net();
    broken.output(broken.node('NoSuchOperator', [broken.input('x', ['N', 4])]));
    const error = await rejection(blame(broken.model(), inputs(4))(refused));
    expect(error).to.include({ code: 'runtime-failed' });
    expect(error.message).to.match(/^the source itself fails: .*NoSuchOperator/);
    expect(error.remedy).to.match(/^Fix the source model/);
  });

  it('lets other errors through: of the installation, of missing kernels, of ours', async () => {
    const missing = new GnSwapError('runtime-missing', 'none');
    const kernel = new GnSwapError('runtime-failed', 'Could not find an implementation for Relu(14)');
    const bug = new TypeError('a bug');
    for (const error of [missing, kernel, bug]) {
      const thrown: unknown = await blame(source, inputs(4))(error).catch((it: unknown) => it);
      expect(thrown).to.equal(error);
    }
  });
});
