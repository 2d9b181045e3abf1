import { expect } from 'chai';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { OPTIONS } from '../../../src/options.ts';

describe('COMMANDS', () => {
  it('have a name that options know if they take any, and a summary', () => {
    const known: ReadonlySet<string> = new Set(Object.values(OPTIONS).flatMap(({ commands }) => [...commands]));
    for (const { name, summary, takesModels } of COMMANDS) {
      expect(known.has(name)).to.equal(takesModels);
      expect(summary).to.match(/^\S+ \S.*[^.]$/);
    }
    expect(new Set(COMMANDS.map(({ name }) => name)).size).to.equal(COMMANDS.length);
  });

  it('begin with the one that needs no name', () => {
    expect(COMMANDS[0].name).to.equal('swap');
  });
});
