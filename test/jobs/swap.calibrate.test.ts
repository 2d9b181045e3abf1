import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { type SwapOptions, swap } from '../../src/jobs/swap.ts';
import { readModel } from '../../src/onnx/model.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';

/** Swaps a fixture, solved on so many made inputs. */
async function swapped(name: string, count: number, options: SwapOptions = {}) {
  const source = filesOf(fixtureNamed(name)).get(`${name}.onnx`) as Uint8Array;
  const data = datasetOf(madeInputs(float32Twin(readModel(source)), count));
  return swap(source, { calibrate: data, ...options });
}

describe('jobs/swap with calibrate', () => {
  for (const name of [
    'dynamic-batch',
    'batch-1',
    'rank-2-gemm',
    'type-float64',
    'type-float16',
    'training-one-output',
    'if-one-captures',
  ]) {
    it(`${name}: is verified on inputs that nothing was solved on, over which drift is measured`, async () => {
      const { calibration, verification } = await swapped(name, 6);
      expect(calibration?.heldOut).to.have.length(1);
      expect(verification?.passed).to.equal(true);
      expect(verification?.inputs).to.equal('given');
      expect(verification?.drift).to.have.length(1);
      expect(verification?.drift[0]?.cosine).to.be.above(0.5);
    });
  }

  it('is verified through the twin that it was solved in', async () => {
    const { plan, calibration, verification } = await swapped('type-bfloat16', 6);
    expect(plan.sites[0]?.init).to.equal('calibrate');
    expect(calibration?.fits).to.have.length(1);
    expect(verification?.checks.find(({ name }) => name === 'loads')?.detail).to.match(/verified on a float32 copy/);
    expect(verification?.passed).to.equal(true);
    expect(verification?.drift[0]?.cosine).to.be.above(0.9);
  });

  it('keeps more of the source than running statistics do, on inputs that it was not solved on', async () => {
    const relative = async (options: SwapOptions) => {
      const { verification } = await swapped('pre-activation', 30, options);
      return verification?.drift[0]?.relative as number;
    };
    const solved = await relative({});
    const source = filesOf(fixtureNamed('pre-activation')).get('pre-activation.onnx') as Uint8Array;
    const inputs = madeInputs(readModel(source), 30, 2);
    const two = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        {
          ...value,
          dims: [2, ...value.dims.slice(1)],
          data: (value.data as Float32Array).slice(0, value.data.length / 15),
        },
      ]),
    );
    const without = (await swap(source, { inputs: two })).verification?.drift[0]?.relative as number;
    expect(solved).to.be.below(without / 2);
  });

  it('chooses groups by the data unless told how many', async () => {
    const groups = async (options: SwapOptions) =>
      (await swapped('depthwise', 6, options)).plan.sites.map((it) => it.groups);
    // The last one has 7 channels.
    expect(await groups({ groups: 2 })).to.deep.equal([2, 2, 2, 2, 1]);
    expect(await groups({ channelsPerGroup: 4 })).to.not.deep.equal(await groups({}));
    const { calibration } = await swapped('depthwise', 6);
    expect(calibration?.fits.every((fit) => fit.groups !== undefined)).to.equal(true);
    const told = await swapped('depthwise', 6, { groups: 'paper' });
    expect(told.calibration?.fits.every((fit) => fit.groups === undefined)).to.equal(true);
  });

  it('refuses another init beside the data', async () => {
    const error = await rejection(swapped('dynamic-batch', 3, { init: 'copy' }));
    expect(error).to.include({ code: 'invalid-arguments' });
    expect(error.message).to.match(/both calibrate and the init copy/);
  });

  it('does not run the result where that is not wanted', async () => {
    const { verification, calibration } = await swapped('dynamic-batch', 3, { verify: false });
    expect(verification).to.equal(undefined);
    expect(calibration?.solvedOn).to.have.length(2);
  });
});
