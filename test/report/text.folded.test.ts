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
    expect(text).to.match(/^left: Conv_2: it has no bias, so no norm was folded in$/m);
    expect(text).to.match(/^left: Conv_5: it feeds no nonlinearity and no residual sum$/m);
    expect(text).to.match(/would swap 2 sites; 1 Conv looks as if/);
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

  it('tells what became of channels without a slope: at folded sites there is none to keep', async () => {
    const calibrate = writeImages(scratch(), 5);
    const said = async (name: string, sites: string) => {
      const text = renderText(await swapOutcome(scratch(), name, { sites, calibrate, force: true }), style);
      return /mean R² \S+, (.*)/.exec(text)?.[1];
    };
    const kept = '0 of 32 channels kept the slope of their running statistics';
    const folded = '0 of 32 channels at folded sites tell no slope and answer their mean';
    expect(await said('folded-beside-bn', 'batchnorm')).to.equal(kept);
    expect(await said('folded-bias-added', 'folded')).to.equal(folded);
    expect(await said('folded-beside-bn', 'all')).to.equal(`${kept}, ${folded}`);
  });
});
