import { expect } from 'chai';
import { ABOUT, aboutOf } from '../../../src/cli/commands/about.ts';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { parse } from '../../../src/cli/parse.ts';
import { OPTIONS } from '../../../src/options/index.ts';

/** The words of an example, as a shell splits them. */
function wordsOf(line: string): string[] {
  const [program, ...words] = line.split(' ');
  expect(program).to.equal('gn-swap');
  return words;
}

describe('ABOUT', () => {
  it('tells of every command, once', () => {
    expect(ABOUT.map(({ name }) => name)).to.have.members(Object.keys(COMMANDS));
    expect(new Set(ABOUT.map(({ name }) => name)).size).to.equal(ABOUT.length);
  });

  it('has names that options know if they take any, and a summary', () => {
    const known: ReadonlySet<string> = new Set(Object.values(OPTIONS).flatMap(({ commands }) => [...commands]));
    for (const { name, summary, takesModels } of ABOUT) {
      expect(known.has(name)).to.equal(takesModels);
      expect(summary).to.match(/^\S+ \S.*[^.]$/);
    }
  });

  it('begins with the one that needs no name', () => {
    expect(ABOUT[0].name).to.equal('swap');
    expect(aboutOf('check').name).to.equal('check');
  });

  for (const { name, examples } of ABOUT) {
    it(`has examples of ${name} whose options are right`, () => {
      expect(examples).not.to.be.empty;
      const commands = examples.map(([line]) => parse(wordsOf(line)));
      expect(commands.map((it) => 'command' in it && it.command)).to.include(name);
    });
  }
});
