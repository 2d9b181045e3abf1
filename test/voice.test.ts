/**
 * The product speaks plain English: no phrase from the list of those that were replaced, and none of their patterns, in what src/ can
 * say, in the documentation and in the README.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { PAGES, ROOT, textOf } from './support/docs.ts';

/** What was said before, and the patterns of it. */
const OFFENDERS: readonly RegExp[] = [
  /kept the slope of their running statistics/,
  /tell no slope/,
  /it runs on what the source ran on/,
  /is answered alone as in a batch/,
  /answers otherwise/,
  /made inputs/,
  /as if (its|their) BatchNormalization was folded/,
  /what a folded norm was/,
  /names this very/,
  /it does not say that gn-swap wrote it/,
  /all that is no norm/,
  /put behind what is in it/,
  /of every random choice/,
  /where a BatchNormalization can[’']t be swapped/,
  /no whole norm of form/,
  /and others than those/,
  /Training, and what is none/,
  /\bWhat to do\b.*\bWhere to\b/,
  /(?<!there )\bis no (?!longer\b)/i,
  /\bnothing where\b/i,
  /\bof it[.;:]?$/m,
  /\bso does\b/,
];

/** Phrases of a text that offend, with the place of each. */
function offences(place: string, text: string): string[] {
  return OFFENDERS.flatMap((pattern) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`${place}: ${found[0]}`];
  });
}

/** String literals and templates of a file of TypeScript that hold more than a word; what is computed in a template is left out. */
function stringsOf(file: string, code: string): [place: string, text: string][] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found: [string, string][] = [];
  const visit = (node: ts.Node): void => {
    const text = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
        : '';
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
    if (/\w \w/.test(text)) found.push([`${file}:${line}`, text]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Sentences of a page: paragraphs, list items, headings and cells, each in a line. Figures of other versions stay as they were. */
function proseOf(page: string): [place: string, text: string][] {
  const blocks = textOf(page).split(/\n\s*\n|\n(?=[-|#] ?)/);
  return blocks.map((block) => [page, block.replace(/\s*\n\s*/g, ' ').trim()]);
}

/** Written for the history of the project: what earlier versions did is told there in the words of their time. */
const HISTORY = new Set(['CHANGELOG.md']);

const sources = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

describe('the voice of the product', () => {
  it('is plain in every string of src', () => {
    const all = sources.flatMap((name) => stringsOf(`src/${name}`, readFileSync(`${ROOT}src/${name}`, 'utf8')));
    expect(all.length).to.be.above(1000);
    expect(all.flatMap(([place, text]) => offences(place, text))).to.deep.equal([]);
  });

  it('is plain in the README and on every page', () => {
    const all = PAGES.filter((page) => !HISTORY.has(page)).flatMap(proseOf);
    expect(all.length).to.be.above(500);
    expect(all.flatMap(([place, text]) => offences(place, text))).to.deep.equal([]);
  });

  it('lists planted offenders with their places', () => {
    const code = [
      "const a = 'fine words';",
      'const b = `$' + '{x} is no norm of form $' + '{y}`;',
      "const c = { d: 'the end of it' };",
    ];
    const found = stringsOf('planted.ts', code.join('\n')).flatMap(([place, text]) => offences(place, text));
    expect(found).to.deep.equal(['planted.ts:2: is no ', 'planted.ts:3: of it']);
    expect(offences('page', 'It does nothing where there is none.')).to.deep.equal(['page: nothing where']);
    expect(offences('page', 'The model is no longer whole, and there is no norm.')).to.deep.equal([]);
  });
});
