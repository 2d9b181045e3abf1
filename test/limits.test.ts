import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { ROOT } from './support/docs.ts';

/** Lines that a file and a function may have. More needs a reason here. */
const LIMITS = { file: 300, function: 80 } as const;

/** What may be longer, and why. */
const LONGER: Readonly<Record<string, string>> = {};

const FOLDERS = ['src', 'scripts', 'bench', 'fuzz', 'fixtures', 'examples'];

/** What is too long in a text, as `file` or `file: function`. */
function tooLong(file: string, text: string): string[] {
  const found = text.split('\n').length - 1 > LIMITS.file ? [file] : [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const lines = lineOf(node.getEnd()) - lineOf(node.getStart()) + 1;
      const name = node.name?.getText() ?? `line ${lineOf(node.getStart())}`;
      if (lines > LIMITS.function) found.push(`${file}: ${name}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Literals that are spread where their properties could stand, and casts that ask no question. */
function shortcuts(file: string, text: string): string[] {
  return [...text.matchAll(/\.\.\.\{|\bas unknown as\b/g)].map(([it]) => `${file}: ${it}`);
}

const FILES = FOLDERS.flatMap((folder) =>
  readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name) && !name.includes('node_modules'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
).sort();

describe('the code', () => {
  it('has no file over 300 lines and no function over 80 but those with a reason here', () => {
    const found = FILES.flatMap((file) => tooLong(file, readFileSync(ROOT + file, 'utf8')));
    expect(FILES.length).to.be.greaterThan(400);
    expect(found).to.have.members(Object.keys(LONGER));
  });

  it('has no literal that is spread, and no cast by way of unknown', () => {
    const all = FILES.filter((file) => file.startsWith('src/'));
    expect(all.flatMap((file) => shortcuts(file, readFileSync(ROOT + file, 'utf8')))).to.deep.equal([]);
  });

  it('would be told of a long file, a long function and a shortcut', () => {
    const body = (lines: number) => '  call();\n'.repeat(lines);
    expect(tooLong('a.ts', body(301))).to.deep.equal(['a.ts']);
    expect(tooLong('a.ts', `function f() {\n${body(78)}}\n`)).to.deep.equal([]);
    expect(tooLong('a.ts', `class A {\n  f() {\n${body(79)}  }\n}\nconst g = () => {\n${body(79)}};\n`)).to.deep.equal([
      'a.ts: f',
      'a.ts: line 84',
    ]);
    expect(shortcuts('a.ts', 'const a = { ...{ b } } as unknown as C;')).to.have.length(2);
  });
});
