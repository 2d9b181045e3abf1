import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { findSites } from '../../src/find/index.ts';
import { fold } from '../../src/forms/fold.ts';
import { takeIn } from '../../src/forms/take-in.ts';
import type { Form } from '../../src/forms/types.ts';
import type { Model } from '../../src/onnx/model.ts';
import { formSite, outline, spell } from '../support/form-site.ts';
import { searchOf } from '../support/swapped.ts';

function matmul(): Model {
  const net = new Net();
  const x = net.node('MatMul', [net.input('x', [2, 4]), net.weight('W', [4, 8])]);
  return net.output(net.bn(x, 8)).model();
}

/** A form that asks for a weight of its own, and nothing else. */
const form: Form = {
  ...fold,
  build: (site, builder) => takeIn(site, builder, ({ dims }) => builder.parameter('weight', dims)),
};

async function spelled(name: string) {
  const [site] = (name === 'matmul' ? findSites(matmul()) : await searchOf(fixtureNamed(name))).sites;
  if (site === undefined || typeof site.before !== 'object') throw new RangeError('no layer');
  const ones = new Array<number>(site.channels).fill(1);
  const at = formSite({ ...site, output: 'y', scale: ones, bias: ones });
  return { before: site.before, channels: site.channels, made: spell(form, at) };
}

describe('forms/take-in', () => {
  it('writes a Conv again, that makes what the norm made', async () => {
    const { before, channels, made } = await spelled('linear-conv-groups');
    const [node] = made.nodes;
    expect(outline(made)).to.have.length(1);
    expect(node).to.include({ opType: 'Conv' });
    expect(node?.input).to.deep.equal([before.node.input[0], 'weight', 'bias']);
    expect(node?.output).to.deep.equal(['y']);
    expect(node?.attribute).to.deep.equal(before.node.attribute);
    expect([...made.parameters]).to.deep.equal([
      ['weight', before.dims],
      ['bias', [channels]],
    ]);
  });

  it('leaves out what a Gemm multiplied its former bias by', async () => {
    const { before, made } = await spelled('linear-gemm-factors');
    expect(before.node.attribute.some(({ name }) => name === 'beta')).to.equal(true);
    expect(made.nodes[0]?.attribute.map(({ name }) => name)).not.to.include('beta');
  });

  it('adds the bias to a MatMul, which has none', async () => {
    const { made } = await spelled('matmul');
    expect(made.nodes.map(({ opType }) => opType)).to.deep.equal(['MatMul', 'Add']);
    expect(made.nodes[1]?.input).to.deep.equal([made.nodes[0]?.output[0], 'bias']);
    expect(made.nodes[1]?.output).to.deep.equal(['y']);
  });

  it('is not for sites without a layer', () => {
    for (const before of [undefined, 'no node makes its input']) {
      const at = before === undefined ? formSite() : formSite({ before });
      expect(() => spell(form, at)).to.throw(RangeError, 'the form was not checked');
    }
  });
});
