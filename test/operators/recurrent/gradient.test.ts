import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { recurrent } from '../../../src/operators/recurrent/gradient.ts';

const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

describe('operators/recurrent: no gradient', () => {
  for (const [op, gates] of Object.entries(GATES)) {
    it(`${op} is refused by node, with the reason and a remedy`, async () => {
      const net = new Net({ opset: 18 });
      net.input('x', [3, 1, 4]);
      const weights = [net.weight('W', [1, 2 * gates, 4]), net.weight('R', [1, 2 * gates, 2])];
      net.node(op, ['x', ...weights], { hidden_size: 2 }, { outputs: ['y'], name: 'steps' });
      const model = net.output('y', [3, 1, 1, 2]).model();
      const error = await gradientOf(model, { wrt: ['W'] }).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'unsupported-model');
      expect(String(error)).to.include(`${op} "steps": it computes its steps one after the other inside one operator`);
      expect(error).to.have.property('remedy').that.includes('--wrt');
    });

    it(`${op} is no obstacle to what comes after it`, async () => {
      const net = new Net({ opset: 18 });
      net.input('x', [3, 1, 4]);
      const weights = [net.weight('W', [1, 2 * gates, 4]), net.weight('R', [1, 2 * gates, 2])];
      net.node(op, ['x', ...weights], { hidden_size: 2 }, { outputs: ['h'] });
      net.node('Mul', ['h', net.weight('scale', [2])], {}, { outputs: ['y'] });
      const { gradients } = await gradientOf(net.output('y', [3, 1, 1, 2]).model(), { wrt: ['scale'] });
      expect([...gradients.keys()]).to.deep.equal(['scale']);
    });
  }

  it('names every operator that carries its state or a graph', () => {
    expect(Object.keys(recurrent)).to.include.members(['LSTM', 'GRU', 'RNN', 'If', 'Loop', 'Scan']);
  });
});
