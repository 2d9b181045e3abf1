import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Random } from '../../src/inputs/random.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { runModel } from '../support/session.ts';

const [COUNT, C] = [20, 4];

/** One norm whose running statistics are a mean of 0 and a variance of 1. */
const bytes = (() => {
  const net = new Net();
  const norm = { scale: [1, 2, 0.5, 1], bias: [0, 1, -1, 0], mean: [0, 0, 0, 0], variance: [1, 1, 1, 1] };
  return writeModel(net.output(net.bn(net.input('x', ['n', C, 8, 8]), C, norm), ['n', C, 8, 8]).model());
})();

/** Inputs with another mean and deviation in each channel. */
const x: Value = (() => {
  const random = new Random(7);
  const data = Float32Array.from({ length: COUNT * C * 64 }, (_, i) => {
    const channel = Math.floor(i / 64) % C;
    return 5 * channel + (1 + channel) * random.normal();
  });
  return { type: DataType.FLOAT, dims: [COUNT, C, 8, 8], data };
})();

/** Mean and deviation of a channel of what the swapped model answers. */
async function momentsWith(reference: 'source' | 'adapted') {
  const { model, calibration } = await swap(bytes, {
    calibrate: datasetOf({ x }),
    groups: 1,
    reference,
    verify: false,
  });
  const [y] = Object.values(await runModel(readModel(model), { x }));
  const numbers = numbersOf(y as Value) ?? [];
  const channels = Array.from({ length: C }, (_, channel) => {
    const own = Array.from(numbers).filter((_, i) => Math.floor(i / 64) % C === channel);
    const mean = own.reduce((sum, it) => sum + it / own.length, 0);
    return { mean, deviation: Math.sqrt(own.reduce((sum, it) => sum + (it - mean) ** 2 / own.length, 0)) };
  });
  return { channels, calibration };
}

describe('--reference adapted', () => {
  it('matches what the source answers once its statistics are those of the inputs: mean β and deviation |γ|', async () => {
    const { channels, calibration } = await momentsWith('adapted');
    const [gammas, betas] = [
      [1, 2, 0.5, 1],
      [0, 1, -1, 0],
    ];
    for (const [channel, { mean, deviation }] of channels.entries()) {
      // Four of the twenty inputs are held out, so what is solved on is not all that is looked at.
      expect(mean, `mean ${channel}`).to.be.closeTo(betas[channel] as number, 0.1);
      expect(deviation, `deviation ${channel}`).to.be.closeTo(gammas[channel] as number, 0.1);
    }
    expect(calibration?.moved?.shift).to.be.above(1);
  });

  it('is not what the source itself answers there', async () => {
    const { channels, calibration } = await momentsWith('source');
    expect(channels[3]?.mean).to.be.closeTo(15, 1);
    expect(calibration?.moved).to.equal(undefined);
  });

  it('says what it lacks', async () => {
    const refused = async (options: Parameters<typeof swap>[1]) =>
      swap(bytes, { ...options, reference: 'adapted' }).then(
        () => '',
        (error: Error) => error.message,
      );
    expect(await refused({})).to.match(/needs inputs/);
    expect(await refused({ to: 'batch', calibrate: datasetOf({ x }) })).to.match(/--reference and --to batch/);
  });
});
