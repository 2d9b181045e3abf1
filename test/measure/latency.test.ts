import { expect } from 'chai';
import { block } from '../../fixtures/build.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { timeModels } from '../../src/measure/latency.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';

function timed(name: string, disposed: string[], bytes = writeModel(block().model())) {
  return { name, open: async () => ({ model: bytes, dispose: async () => void disposed.push(name) }) };
}

describe('timeModels', () => {
  const inputs = generateInputs(block().model(), 0, 1, 4);

  it('runs every model as often as the others, and frees them', async () => {
    const disposed: string[] = [];
    const { timings, rounds, machine } = await timeModels([timed('a', disposed), timed('b', disposed)], inputs);
    expect(timings.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    expect(disposed).to.deep.equal(['a', 'b']);
    expect(rounds).to.be.within(5, 50);
    expect(machine).to.match(/^\d+ × \S/);
    for (const { lower, median, upper } of timings) {
      expect(lower).to.be.above(0);
      expect(median).to.be.within(lower, upper);
    }
  });

  it('frees them also where one does not load', async () => {
    const disposed: string[] = [];
    const models = [timed('a', disposed), timed('broken', disposed, Uint8Array.of(1, 2, 3))];
    const error = await rejection(timeModels(models, inputs));
    expect(error.code).to.equal('runtime-failed');
    expect(disposed).to.have.members(['a', 'broken']);
  });
});
