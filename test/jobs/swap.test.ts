import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { Job } from '../../src/jobs/job.ts';
import { swap, swapModel } from '../../src/jobs/swap.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { digestOf } from '../../src/onnx/digest.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { PROVENANCE_KEY } from '../../src/rewrite/record.ts';
import { VERSION } from '../../src/version.ts';
import { rejection } from '../support/errors.ts';
import { countNorms } from '../support/model-parts.ts';

const bytesOf = (name: string) => writeModel(fixtureNamed(name).build());

describe('jobs/swap', () => {
  it('does the whole job: a model without BatchNormalization, its plan, and the proof', async () => {
    const source = bytesOf('rank-4');
    const before = source.slice();
    const { model, plan, calibration, verification } = await swap(source);
    expect(countNorms(readModel(source))).to.equal(1);
    expect(countNorms(readModel(model))).to.equal(0);
    expect(plan.sites).to.have.length(1);
    expect(calibration).to.equal(undefined);
    expect(verification?.passed).to.equal(true);
    expect(source).to.deep.equal(before);
  });

  it('reads back what was written only to verify it', async () => {
    let count = 0;
    const host = {
      begin: async () => ({
        write: async (written: Model) => () => {
          count++;
          return readModel(writeModel(written));
        },
      }),
    };
    const job = new Job('', 'swap');
    await swapModel(job, readModel(bytesOf('rank-4')), { verify: false }, host);
    expect(count).to.equal(0);
    await swapModel(job, readModel(bytesOf('rank-4')), {}, host);
    expect(count).to.equal(1);
    expect(job.draft.verification?.passed).to.equal(true);
  });

  it('records where the result comes from', async () => {
    const source = bytesOf('rank-4');
    const { model } = await swap(source, { init: 'copy', verify: false });
    const entry = readModel(model).proto.metadataProps.find(({ key }) => key === PROVENANCE_KEY);
    expect(JSON.parse(entry?.value ?? '')).to.include({
      schema: 2,
      version: VERSION,
      source: digestOf(new MemorySource(source)),
      norm: 'group',
      init: 'copy',
    });
  });

  it('refuses data where a norm takes all from the source, and a norm of a Conv that has none left', async () => {
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data: new Float32Array(96) };
    const error = await rejection(swap(bytesOf('rank-4'), { to: 'frozen', calibrate: datasetOf({ x }) }));
    expect(error.describe()).to.equal(
      '--to frozen does not use calibration data. Drop --calibrate. To verify on real input, use --inputs FILE.npz.',
    );
    const folded = await rejection(swap(bytesOf('folded-conv'), { to: 'weight', sites: 'folded' }));
    expect(folded.message).to.equal(
      '--to weight is computed from a BatchNormalization, and a folded one is no longer in the model',
    );
    expect(folded.remedy).to.equal('Export the model without folding its norms, or use --to group --calibrate DIR');
  });

  it('gives the same bytes for the same input and options, verified or not', async () => {
    const source = bytesOf('shared-everything');
    const [a, b] = [await swap(source, { groups: 4 }), await swap(source, { groups: 4, verify: false })];
    expect(a.model).to.deep.equal(b.model);
    expect((await swap(source, { groups: 2, verify: false })).model).not.to.deep.equal(a.model);
  });

  it('hands the options of verification on', async () => {
    const steps: string[] = [];
    const { verification } = await swap(bytesOf('rank-4'), {
      seed: 7,
      maxDrift: 1e-9,
      onProgress: (step) => void steps.push(step),
    });
    expect(verification?.seed).to.equal(7);
    expect(verification?.passed).to.equal(false);
    expect(steps).to.include('verify sites');
    const random = new Random(1);
    const data = Float32Array.from({ length: 96 }, () => random.normal());
    const x = { type: DataType.FLOAT, dims: [2, 3, 4, 4], data };
    expect((await swap(bytesOf('rank-4'), { inputs: { x } })).verification?.inputs).to.equal('given');
  });

  it('refuses what it can’t use, with a code', async () => {
    const codes = await Promise.all([
      rejection(swap(new Uint8Array(0))),
      rejection(swap(new Uint8Array([8, 7, 6]))),
      rejection(swap(bytesOf('rank-4'), { to: 'nothing' })),
      rejection(swap(bytesOf('rank-4'), { groups: 0 })),
      rejection(swap(bytesOf('no-bn'))),
      rejection(swap(bytesOf('external-one-file'))),
    ]);
    expect(codes.map(({ code }) => code)).to.deep.equal([
      'invalid-model',
      'invalid-model',
      'invalid-arguments',
      'invalid-arguments',
      'nothing-to-swap',
      'invalid-data',
    ]);
  });
});
