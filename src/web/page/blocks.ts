/** Blocks of a report as elements, by the same rules as the HTML report: all text is text. */
import type { Cell, Table } from '../../report/blocks.ts';
import type { ShownBlock } from '../messages.ts';
import { el, withOptions } from './dom.ts';

/** Makes the element of a block. */
export function blockElement(block: ShownBlock): HTMLElement {
  switch (block.kind) {
    case 'text':
      return el(
        'p',
        { class: block.tone === undefined ? undefined : `verdict ${block.tone}` },
        ...withOptions(block.text),
      );
    case 'facts':
      return el(
        'dl',
        {},
        ...block.items.map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, ...withOptions(value)))),
      );
    case 'tiles':
      return el(
        'ul',
        { class: 'tiles' },
        ...block.items.map(({ label, value, tone }) =>
          el('li', { class: tone }, el('span', {}, label), ' ', el('b', {}, value)),
        ),
      );
    case 'list':
      return el(
        'ul',
        { class: 'lines' },
        ...block.items.map(({ text, tone }) =>
          el('li', { class: tone }, ...(tone === 'warn' ? [el('b', {}, 'Warning:'), ' '] : []), ...withOptions(text)),
        ),
      );
    case 'table':
      return tableElement(block);
  }
}

function tableElement({ caption, columns, rows }: Table): HTMLElement {
  const naming = columns[0]?.numeric ? 1 : 0;
  const head = columns.map(({ label, numeric }) => el('th', { scope: 'col', class: numeric && 'number' }, label));
  const body = rows.map(({ cells, tone }) =>
    el(
      'tr',
      { class: tone },
      ...cells.map((cell, index) =>
        index === naming
          ? el('th', { scope: 'row' }, textOf(cell))
          : el('td', { class: columns[index]?.numeric && 'number' }, ...withOptions(textOf(cell))),
      ),
    ),
  );
  // What can be scrolled must be reached by the keyboard.
  return el(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, el('span', {}, caption)),
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...body),
    ),
  );
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
