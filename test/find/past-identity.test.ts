import { expect } from 'chai';
import { Net, opset } from '../../fixtures/build.ts';
import { producerPast, readersPast } from '../../src/find/past-identity.ts';
import { viewOf } from '../../src/graph/view.ts';
import type { Model } from '../../src/onnx/model.ts';
import { create } from '../../src/onnx/schema.ts';

/** x → Relu → r → Identity ×3 → Tanh, with an Abs that reads r and a Neg that reads it behind one Identity. */
function chain(): { model: Model; r: string; last: string } {
  const net = new Net();
  const r = net.relu(net.input('x', [2, 3]));
  const first = net.node('Identity', [r]);
  const last = net.node('Identity', [net.node('Identity', [first])]);
  net.node('Abs', [r]);
  net.node('Neg', [first]);
  return { model: net.output(net.node('Tanh', [last])).model(), r, last };
}

const operatorsThat = (model: Model, value: string) =>
  readersPast(value, viewOf(model)).map(({ reader, at }) => `${reader.opType} of ${at}`);

describe('find/past-identity', () => {
  it('gives the readers of a value behind any number of Identity, each with the name that it reads', () => {
    const { model, r, last } = chain();
    const [first] = viewOf(model).readersOf(r)[0]?.output ?? [];
    expect(operatorsThat(model, r)).to.have.members([`Abs of ${r}`, `Neg of ${first}`, `Tanh of ${last}`]);
    expect(operatorsThat(model, last)).to.deep.equal([`Tanh of ${last}`]);
    expect(operatorsThat(model, 'no such value')).to.deep.equal([]);
  });

  it('gives what makes a value, or what Identity hands on under its name', () => {
    const { model, r, last } = chain();
    const [scope] = viewOf(model).scopes;
    for (const value of [r, last]) expect(scope && producerPast(value, scope)?.opType).to.equal('Relu');
    expect(scope && producerPast('x', scope)).to.equal(undefined);
  });

  it('takes the Identity of another domain for an operator of its own', () => {
    const net = new Net();
    const mine = net.node('Identity', [net.input('x', [2])], {}, { domain: 'mine' });
    const model = net.output(net.relu(mine)).model({ opsetImport: [opset('', 17), opset('mine', 1)] });
    const [scope] = viewOf(model).scopes;
    expect(operatorsThat(model, 'x')).to.deep.equal(['Identity of x']);
    expect(scope && producerPast(mine, scope)?.domain).to.equal('mine');
  });

  it('comes to an end where a damaged file hands values round in a circle', () => {
    const identity = (input: string, output: string) =>
      create('NodeProto', { opType: 'Identity', input: [input], output: [output] });
    const net = new Net();
    net.nodes.push(identity('a', 'b'), identity('b', 'a'));
    const model = net.output(net.relu('a')).model();
    const [scope] = viewOf(model).scopes;
    expect(operatorsThat(model, 'a')).to.deep.equal(['Relu of a']);
    expect(scope && producerPast('a', scope)?.opType).to.equal('Identity');
  });
});
