import { expect } from 'chai';
import picocolors from 'picocolors';
import { renderText } from '../../src/report/text.ts';
import { writeImages } from '../support/folded.ts';
import { inspectOutcome, swapOutcome } from '../support/outcomes.ts';
import { useScratch } from '../support/scratch.ts';

const style = { colors: picocolors.createColors(false), verbose: false };

describe('renderText for folded sites', () => {
  const scratch = useScratch();

  it('says why each Conv is a site or not, when looking', async () => {
    const text = renderText(await inspectOutcome(scratch(), 'folded-beside-bn', { sites: 'all' }), style);
    expect(text).to.match(/^site +op +type +channels +groups +form +init +why$/m);
    expect(text).to.match(/^Conv_0 +Conv .*has a bias, feeds Relu$/m);
    expect(text).to.match(/^left: Conv_2: it has no bias, so it did not absorb a norm$/m);
    expect(text).to.match(/^left: Conv_5: no activation or residual sum follows$/m);
    expect(text).to.match(/would swap 2 sites; 1 Conv layer appears/);
  });

  it('does not list every other Conv when rewriting', async () => {
    const outcome = await swapOutcome(scratch(), 'folded-mobile', {
      sites: 'folded',
      calibrate: writeImages(scratch(), 5),
    });
    const text = renderText(outcome, style);
    expect(text).not.to.match(/^left/m);
    expect(text).to.match(/: 3 sites, verified/);
  });

  it('counts channels that could not be fitted, and says what they use instead', async () => {
    const calibrate = writeImages(scratch(), 5);
    const outcome = await swapOutcome(scratch(), 'folded-beside-bn', { sites: 'all', calibrate, force: true });
    const { calibration } = outcome;
    if (calibration === undefined) throw new RangeError('it was not calibrated');
    const said = (fallbacks: readonly number[]) => {
      const fits = calibration.fits.map((fit, index) => ({ ...fit, channels: 32, fallbacks: fallbacks[index] ?? 0 }));
      const text = renderText({ ...outcome, calibration: { ...calibration, fits } }, style);
      return /mean R² [^;\n]+; (.*)/.exec(text)?.[1];
    };
    const isFolded = outcome.plan?.sites.map(({ site }) => site.needsData === true);
    expect(isFolded).to.have.members([true, false]);
    expect(said([0, 0])).to.equal('all 64 channels were fitted from the data');
    const [bn, folded] = [
      '3 could not be fitted and use running statistics',
      '3 could not be fitted and output a constant',
    ];
    expect(said([3, 0])).to.equal(`of 64 channels, ${isFolded?.[0] ? folded : bn}`);
    expect(said([0, 3])).to.equal(`of 64 channels, ${isFolded?.[0] ? bn : folded}`);
    expect(said([3, 3])).to.equal(`of 64 channels, ${bn}, and ${folded}`);
  });
});
