import { expect } from 'chai';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { OPTIONS } from '../../../src/options.ts';

describe('COMMANDS', () => {
  it('have a name that options know, a usage that takes models, and a summary', () => {
    const known = new Set(Object.values(OPTIONS).flatMap(({ commands }) => [...commands]));
    for (const { name, usage, summary } of COMMANDS) {
      expect(known).to.include(name);
      expect(usage).to.match(/^(\$0|[a-z]+) \[models\.\.\]$/);
      expect(summary).to.match(/^\S+ \S.*[^.]$/);
    }
    expect(new Set(COMMANDS.map(({ name }) => name)).size).to.equal(COMMANDS.length);
  });

  it('begin with the one that needs no name', () => {
    expect(COMMANDS.map(({ usage }) => usage.startsWith('$0'))).to.deep.equal(COMMANDS.map((_, index) => index === 0));
  });
});
