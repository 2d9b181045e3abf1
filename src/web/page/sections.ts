/** The verdict and the sections of a run's report as elements. */
import type { RunResult, Verdict } from '../messages.ts';
import { blockElement } from './blocks.ts';
import { el, withOptions } from './dom.ts';

/** Sections that are seen at once; the others are folded away at first. */
const OPEN: readonly string[] = ['remarks', 'findings', 'classes'];
/** What stands elsewhere: the command, below all else; what is told by charts, in the report. */
const ELSEWHERE: readonly string[] = ['job', 'activations'];

/** Makes the lines of a verdict. */
export function verdictElements(lines: readonly Verdict[]): HTMLElement[] {
  return lines.map(({ text, tone }) => el('p', { class: `verdict ${tone ?? ''}` }, ...withOptions(text)));
}

/**
 * Makes the sections: figures and warnings first, the others folded away below.
 *
 * @param isOpen whether one of the others is open, by its name
 */
export function sectionElements({ sections }: RunResult, isOpen: (name: string) => boolean): HTMLElement[] {
  const seen: HTMLElement[] = [];
  const folded: HTMLElement[] = [];
  for (const { name, title, blocks } of sections) {
    if (ELSEWHERE.includes(name)) continue;
    if (name === 'summary') {
      // Its figures are seen at once; its facts are folded away, and the verdict stands above already.
      seen.push(...blocks.filter(({ kind }) => kind === 'tiles').map(blockElement));
      const facts = blocks.filter(({ kind }) => kind === 'facts').map(blockElement);
      if (facts.length > 0) folded.push(foldedElement(name, 'Facts', false, facts));
    } else if (OPEN.includes(name)) {
      seen.push(el('div', {}, el('h3', {}, title), ...blocks.map(blockElement)));
    } else {
      folded.push(foldedElement(name, title, isOpen(name), blocks.map(blockElement)));
    }
  }
  return [...seen, ...folded];
}

/** Makes a section that is folded away, or open. */
export function foldedElement(
  name: string,
  title: string,
  open: boolean,
  content: readonly HTMLElement[],
): HTMLElement {
  return el('details', { class: 'more', id: `section-${name}`, open }, el('summary', {}, title), ...content);
}
