import { expect } from 'chai';
import { FORMS } from '../../src/forms/index.ts';
import { NORMS } from '../../src/norms/index.ts';
import { INITS } from '../../src/norms/inits/index.ts';
import { type CommandName, OPTIONS, type OptionSpec, optionsOf } from '../../src/options/index.ts';

const all: [string, OptionSpec][] = Object.entries(OPTIONS);
const COMMANDS: readonly CommandName[] = ['swap', 'check', 'inspect', 'compare', 'moments', 'gradient', 'finetune'];

describe('OPTIONS', () => {
  it('are in kebab case, each described, under a heading, and taken by some command', () => {
    for (const [name, { describe: text, group, commands }] of all) {
      expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(text, name).to.match(/^\S+ \S.*[^.]$/);
      expect(group, name).to.match(/^[A-Z]/);
      expect(commands, name).not.to.be.empty;
      expect(COMMANDS, name).to.include.members([...commands]);
    }
  });

  it('have no letter twice', () => {
    const letters = all.flatMap(([, { alias = [] }]) => alias);
    expect(new Set(letters).size).to.equal(letters.length);
  });

  it('have defaults that are of their type, and among their choices', () => {
    for (const [name, spec] of all) {
      if (spec.default === undefined) continue;
      expect(typeof spec.default, name).to.equal(spec.type);
      if (spec.choices !== undefined) expect(spec.choices, name).to.include(spec.default);
    }
  });

  it('offer every norm, form and init', () => {
    const choices = (name: keyof typeof OPTIONS) => all.find(([it]) => it === name)?.[1].choices;
    expect(choices('to')).to.deep.equal(NORMS.map(({ name }) => name));
    expect(choices('form')).to.deep.equal(['auto', ...FORMS.map(({ name }) => name)]);
    expect(choices('init')).to.deep.equal(INITS.map(({ name }) => name));
  });
});

describe('optionsOf', () => {
  it('gives the options of a command in the order of the table', () => {
    const order = Object.keys(OPTIONS);
    for (const command of COMMANDS) {
      const names = optionsOf(command).map(([name]) => name);
      expect(names).to.deep.equal(order.filter((name) => names.includes(name as keyof typeof OPTIONS)));
      expect(names).to.include.members(['json', 'quiet', 'verbose']);
    }
    const ofInspect = optionsOf('inspect').map(([name]) => name);
    expect(ofInspect).not.to.include.members(['output']).and.not.include.members(['force']);
    expect(optionsOf('swap').map(([name]) => name)).to.include.members(['output', 'force', 'no-verify', 'inputs']);
  });
});
