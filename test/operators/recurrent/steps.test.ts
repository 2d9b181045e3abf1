/** What an LSTM, GRU or RNN must be set to so that its steps are written out. That they are right is tested by `gradient.test.ts`. */
import { expect } from 'chai';
import { type Attributes, Net } from '../../../fixtures/build.ts';
import { create, type NodeProto } from '../../../src/onnx/schema.ts';
import { recurrenceOf, whyNotSteps } from '../../../src/operators/recurrent/steps.ts';

function nodeOf(op: string, attributes: Attributes = {}, inputs: readonly string[] = ['x', 'w', 'r']): NodeProto {
  const net = new Net();
  net.node(op, inputs, attributes);
  return net.nodes[0] as NodeProto;
}

const activations = (names: readonly string[]) =>
  create('AttributeProto', {
    name: 'activations',
    type: 8,
    strings: names.map((name) => new TextEncoder().encode(name)),
  });

/** Of a node over 5 steps of 2 samples. */
function why(node: NodeProto, lengths?: readonly number[], steps = 5) {
  return whyNotSteps(node, recurrenceOf(node, [steps, 2, 3], [1, 16, 4]), lengths);
}

describe('operators/recurrent/steps', () => {
  it('reads the sizes, and which way each direction walks', () => {
    const sizes = { steps: 5, batch: 2, inputs: 3, hidden: 4 };
    const of = (direction?: string) =>
      recurrenceOf(nodeOf('LSTM', direction === undefined ? {} : { direction }), [5, 2, 3], [1, 16, 4]);
    expect(of()).to.deep.equal({ ...sizes, backwards: [false] });
    expect(of('forward')).to.deep.equal({ ...sizes, backwards: [false] });
    expect(of('reverse')).to.deep.equal({ ...sizes, backwards: [true] });
    expect(of('bidirectional')).to.deep.equal({ ...sizes, backwards: [false, true] });
  });

  it('takes each operator with the activations that it has by itself, however they are spelled', () => {
    for (const [op, own] of [
      ['LSTM', ['sigmoid', 'TANH', 'Tanh']],
      ['GRU', ['Sigmoid', 'Tanh']],
      ['RNN', ['Tanh']],
    ] as const) {
      expect(why(nodeOf(op)), op).to.equal(undefined);
      expect(why(nodeOf(op, { activations: activations(own) })), op).to.equal(undefined);
      const twice = { activations: activations([...own, ...own]), direction: 'bidirectional' };
      expect(why(nodeOf(op, twice)), op).to.equal(undefined);
      expect(why(nodeOf(op, { activations: activations([...own.slice(1), 'Relu']) })), op).to.match(
        /^its activations are .*Relu; .*Tanh have a gradient$/,
      );
    }
  });

  it('refuses what the steps would not do', () => {
    expect(why(nodeOf('LSTM', { layout: 1 }))).to.match(/layout/);
    expect(why(nodeOf('GRU', { clip: { float: 3 } }))).to.match(/clip/);
    expect(why(nodeOf('GRU', { clip: { float: 0 } }))).to.equal(undefined);
    expect(why(nodeOf('LSTM', { input_forget: 1 }))).to.match(/input_forget/);
    expect(why(nodeOf('LSTM', {}, ['x', 'w', 'r', '', '', '', '', 'p']))).to.match(/peepholes/);
    // GRU has no eighth input; what an LSTM calls P is nothing there.
    expect(why(nodeOf('GRU', {}, ['x', 'w', 'r', '', '', 'h']))).to.equal(undefined);
  });

  it('takes sequence lengths if they are known and all of the full length', () => {
    const node = nodeOf('RNN', {}, ['x', 'w', 'r', '', 'lengths']);
    expect(why(node)).to.equal('its sequence lengths are computed in the run');
    expect(why(node, [5, 4])).to.equal('its sequences have different lengths');
    expect(why(node, [5, 5])).to.equal(undefined);
  });

  it('writes out up to 1,024 steps, of all directions together', () => {
    expect(why(nodeOf('RNN'), undefined, 1024)).to.equal(undefined);
    expect(why(nodeOf('RNN'), undefined, 1025)).to.equal('it has 1025 steps; up to 1024 are written out');
    expect(why(nodeOf('RNN', { direction: 'bidirectional' }), undefined, 513)).to.match(/^it has 1026 steps/);
  });
});
