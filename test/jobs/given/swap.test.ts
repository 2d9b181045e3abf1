import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import { check } from '../../../src/jobs/check.ts';
import { swap } from '../../../src/jobs/swap.ts';
import { writeModel } from '../../../src/onnx/model.ts';
import { rejection } from '../../support/errors.ts';

const bytes = writeModel(fixtureNamed('rank-4').build());
const swapSays = async (options: object) => (await rejection(swap(bytes, options))).describe();
const checkSays = async (options: object) => (await rejection(check(bytes, options))).describe();

describe('jobs/given/swap', () => {
  it('refuses a limit that nothing could exceed', async () => {
    expect(await swapSays({ maxDrift: Number.NaN })).to.match(/^maxDrift is NaN/);
    expect(await checkSays({ against: bytes, minKept: 5 })).to.equal('minKept is 5. Give a share from 0 to 1.');
  });

  it('refuses data under another name, and data that are none', async () => {
    expect(await swapSays({ calibration: {} })).to.match(/^there is no option calibration\. Did you mean calibrate\?/);
    expect(await swapSays({ calibrate: 'photos' })).to.equal(
      'calibrate is "photos". Give inputs as datasetOf makes them.',
    );
    expect(await checkSays({ source: bytes })).to.match(/^there is no option source/);
  });

  it('refuses expressions and places that are none', async () => {
    expect(await swapSays({ include: 'layer1' })).to.match(/^include is "layer1"\. Give a list of regular expressions/);
    expect(await swapSays({ sites: 'bn' })).to.equal('sites is "bn". Give one of batchnorm, folded, all.');
  });
});
