import { expect } from 'chai';
import { ABOUT } from '../../src/cli/commands/about.ts';
import { helpOf } from '../../src/cli/help.ts';
import { GROUPS, optionsOf } from '../../src/options/index.ts';

/** Headings of commands that begin with what they are about. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  finetune: ['Training', 'Pictures', 'Task and resources', 'Batch renormalization', 'Output', 'Reporting'],
  gradient: ['Training', 'Sizes', 'Batch renormalization', 'Output', 'Verification', 'Reporting'],
};

describe('the help', () => {
  for (const { name, examples } of ABOUT) {
    it(`of ${name} has its options by group, in order, and its examples`, () => {
      const text = helpOf(name);
      for (const [option] of optionsOf(name)) expect(text).to.match(new RegExp(`^  (-\\w, )?--${option}( |$)`, 'm'));
      const groups = GROUPS.filter((group) => optionsOf(name).some(([, spec]) => spec.group === group));
      const headings = [...text.matchAll(/^(\w[\w ]*):$/gm)].map(([, heading = '']) => heading);
      const own = OWN[name] ?? groups;
      expect(own).to.have.length(groups.length);
      expect(headings.filter((it) => it !== 'Commands')).to.deep.equal([...own, 'General', 'Examples']);
      for (const [line] of examples) expect(text).to.include(`\n  ${line}\n`);
    });
  }

  it('fits a terminal from 60 columns on, and is no wider than 110', () => {
    for (const columns of [60, 80, 110, 300, undefined]) {
      const prose = helpOf('swap', columns).split('\nExamples:')[0] ?? '';
      const widest = Math.max(...prose.split('\n').map((line) => line.length));
      // Names of options are not broken.
      expect(widest, String(columns)).to.be.at.most(Math.min(columns ?? 110, 110));
    }
  });
});
