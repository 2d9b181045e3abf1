import { expect } from 'chai';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { OPTIONS } from '../../../src/options.ts';

describe('COMMANDS', () => {
  it('have a name that options know if they take any, a usage that says whether they take models, and a summary', () => {
    const known: ReadonlySet<string> = new Set(Object.values(OPTIONS).flatMap(({ commands }) => [...commands]));
    for (const { name, usage, summary, takesModels } of COMMANDS) {
      expect(known.has(name)).to.equal(takesModels);
      expect(usage).to.match(takesModels ? /^(\$0|[a-z]+) \[models\.\.\]$/ : /^[a-z]+$/);
      expect(summary).to.match(/^\S+ \S.*[^.]$/);
    }
    expect(new Set(COMMANDS.map(({ name }) => name)).size).to.equal(COMMANDS.length);
  });

  it('begin with the one that needs no name', () => {
    expect(COMMANDS.map(({ usage }) => usage.startsWith('$0'))).to.deep.equal(COMMANDS.map((_, index) => index === 0));
  });
});
