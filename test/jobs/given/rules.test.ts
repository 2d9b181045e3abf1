import { expect } from 'chai';
import {
  count,
  expressions,
  flag,
  listOf,
  made,
  notNegative,
  oneOf,
  positive,
  type Rule,
  requireOptions,
  share,
  signal,
  text,
  whole,
} from '../../../src/jobs/given/rules.ts';
import { thrown } from '../../support/errors.ts';

interface Options {
  readonly maxDrift?: number;
  readonly verify?: boolean;
}
const RULES = { maxDrift: notNegative, verify: flag };
const said = (options: unknown): string => {
  const error = thrown(() => requireOptions(options as Options, RULES));
  expect(error.code).to.equal('invalid-arguments');
  return error.describe();
};
const passing = (rule: Rule, values: readonly unknown[]) => values.filter((value) => rule(value) === undefined);

describe('jobs/given/rules', () => {
  it('names an option that is not known, and the one that was meant', () => {
    expect(said({ maxDrif: 1 })).to.equal('there is no option maxDrif. Did you mean maxDrift?');
    expect(said({ source: 1 })).to.equal('there is no option source. There are maxDrift, verify.');
  });

  it('says what an option is, and what to give', () => {
    expect(said({ maxDrift: Number.NaN })).to.equal('maxDrift is NaN. Give a number that is not negative.');
    expect(said({ maxDrift: '1' })).to.match(/^maxDrift is "1"/);
    expect(said({ verify: () => {} })).to.match(/^verify is a function/);
    expect(said({ verify: [] })).to.match(/^verify is a list/);
    expect(said({ verify: {} })).to.match(/^verify is an object/);
    expect(said(null)).to.equal('the options are null. Give an object of them.');
    expect(said('group')).to.match(/^the options are "group"/);
  });

  it('takes what is undefined for left out, whatever its name', () => {
    const options = { maxDrift: undefined, other: undefined };
    expect(() => requireOptions<object>(options, RULES)).to.not.throw();
  });

  it('tells numbers apart', () => {
    const numbers = [-1, 0, 0.5, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, '1', null];
    expect(passing(whole, numbers)).to.deep.equal([-1, 0, 1, 2]);
    expect(passing(count, numbers)).to.deep.equal([1, 2]);
    expect(passing(notNegative, numbers)).to.deep.equal([0, 0.5, 1, 2]);
    expect(passing(positive, numbers)).to.deep.equal([0.5, 1, 2]);
    expect(passing(share, numbers)).to.deep.equal([0, 0.5, 1]);
  });

  it('tells lists, choices, expressions, signals and what is made by the library', () => {
    expect(passing(oneOf('a', 'b'), ['a', 'c', 1])).to.deep.equal(['a']);
    expect(passing(listOf('a list', text), [['a'], [], [1], 'a'])).to.deep.equal([['a'], []]);
    expect(passing(expressions, [[/a/], ['a'], /a/, '('])).to.deep.equal([[/a/]]);
    const own = AbortSignal.abort();
    expect(passing(signal, [own, {}, null, true])).to.deep.equal([own]);
    expect(passing(made('a thing', 'count'), [{ count: 1 }, {}, 'count'])).to.deep.equal([{ count: 1 }]);
  });
});
