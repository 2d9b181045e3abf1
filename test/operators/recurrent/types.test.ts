import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { viewOf } from '../../../src/graph/view.ts';

describe('operators/recurrent/types', () => {
  it('tells the sizes of all steps and of the last, in both layouts', () => {
    for (const [opType, gates] of [
      ['LSTM', 4],
      ['GRU', 3],
      ['RNN', 1],
    ] as const) {
      for (const layout of [0, 1]) {
        const net = new Net();
        const x = net.input('x', layout === 0 ? [7, 'N', 5] : ['N', 7, 5]);
        const weights = [net.weight('w', [2, gates * 3, 5]), net.weight('r', [2, gates * 3, 3])];
        const attributes = { hidden_size: 3, direction: 'bidirectional', layout };
        net.node(opType, [x, ...weights], attributes, { outputs: ['y', 'h'] });
        const view = viewOf(net.output('h', undefined).model());
        const [main] = view.scopes;
        const shapeOf = (name: string) => main && view.typeOf(main, name).shape;
        expect(shapeOf('y')).to.deep.equal(layout === 0 ? [7, 2, undefined, 3] : [undefined, 7, 2, 3]);
        expect(shapeOf('h')).to.deep.equal(layout === 0 ? [2, undefined, 3] : [undefined, 2, 3]);
      }
    }
  });
});
