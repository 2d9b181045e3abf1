import { expect } from 'chai';
import { block } from '../../fixtures/build.ts';
import { GnSwapError } from '../../src/errors.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { briefLatency, latencyAlone, timeModels } from '../../src/measure/latency.ts';
import { memoryHome, writeModel } from '../../src/onnx/model.ts';
import type { Session } from '../../src/runtime/session.ts';
import { rejection } from '../support/errors.ts';

function timed(name: string, released: string[], file = writeModel(block().model())) {
  const load = async () => ({ file, release: async () => void released.push(name) });
  return { name, model: () => ({ ...block().model(), home: { ...memoryHome(), load } }) };
}

/** A session that does nothing, for so long. */
const slow = (milliseconds: number): Session => ({
  inputs: [],
  outputs: [],
  types: new Map(),
  run: () => new Promise((resolve) => setTimeout(() => resolve({}), milliseconds)),
  close: async () => {},
});

describe('briefLatency', () => {
  it('runs models once each that take long, and others as often as there is time', async () => {
    const long = await briefLatency(slow(120), slow(120), {});
    expect(long?.rounds).to.equal(1);
    expect(long?.source).to.be.within(115, 1000);
    const short = await briefLatency(slow(10), slow(10), {});
    expect(short?.rounds).to.be.within(2, 15);
  });
});

describe('latencyAlone', () => {
  it('takes half of the time, or as many rounds as the other model had', async () => {
    expect((await latencyAlone(slow(120), {}))?.rounds).to.equal(1);
    expect((await latencyAlone(slow(10), {}))?.rounds).to.be.within(1, 9);
    const asMany = await latencyAlone(slow(1), {}, 7);
    expect(asMany?.rounds).to.equal(7);
    expect(asMany?.time).to.be.within(0.5, 100);
  });

  it('is unknown where the runtime can’t run it', async () => {
    const broken = { ...slow(1), run: () => Promise.reject(new GnSwapError('runtime-failed', 'no')) };
    expect(await latencyAlone(broken, {})).to.equal(undefined);
  });
});

describe('timeModels', () => {
  const inputs = generateInputs(block().model(), 0, 1, 4);

  it('runs every model as often as the others, and frees them', async () => {
    const released: string[] = [];
    const { timings, rounds, machine } = await timeModels([timed('a', released), timed('b', released)], inputs);
    expect(timings.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    expect(released).to.deep.equal(['a', 'b']);
    expect(rounds).to.be.within(5, 50);
    expect(machine).to.match(/^\d+ × \S/);
    for (const { lower, median, upper } of timings) {
      expect(lower).to.be.above(0);
      expect(median).to.be.within(lower, upper);
    }
  });

  it('frees them also where one does not load', async () => {
    const released: string[] = [];
    const models = [timed('a', released), timed('broken', released, Uint8Array.of(1, 2, 3))];
    const error = await rejection(timeModels(models, inputs));
    expect(error.code).to.equal('runtime-failed');
    expect(released).to.have.members(['a', 'broken']);
  });
});
