import { expect } from 'chai';
import { FAMILIES, GRADIENTS } from '../../src/operators/gradients.ts';

const families = Object.entries(FAMILIES);

describe('operators/gradients', () => {
  it('an operator belongs to one family, so that no rule is lost when the families are joined', () => {
    const names = families.flatMap(([, family]) => Object.keys(family));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([]);
    expect([...GRADIENTS.keys()]).to.have.members(names);
  });

  it('every rule is the one of its family', () => {
    for (const [, family] of families)
      for (const [name, gradient] of Object.entries(family)) expect(GRADIENTS.get(name), name).to.equal(gradient);
  });

  it('an operator ends the gradient or has a rule with a proof, never both', () => {
    for (const [name, gradient] of GRADIENTS) {
      if ('ends' in gradient) {
        expect(gradient, name).to.deep.equal({ ends: true });
        continue;
      }
      expect(gradient.rule, name).to.be.a('function');
      expect(gradient.proof, name).to.be.oneOf(['linear', 'differences']);
    }
  });

  it('what is held of an operator are inputs that exist, and has a name', () => {
    const held = [...GRADIENTS].flatMap(([name, it]) => ('rule' in it && it.held ? [{ name, ...it.held }] : []));
    expect(held).not.to.deep.equal([]);
    for (const { name, inputs, what } of held) {
      expect(inputs, name).not.to.deep.equal([]);
      for (const index of inputs) expect(index, name).to.be.within(0, 8);
      expect(what, name).to.match(/\w/);
    }
  });

  it('names that an object has by itself are no operators', () => {
    for (const name of ['constructor', '__proto__', 'toString']) expect(GRADIENTS.get(name), name).to.equal(undefined);
  });
});
