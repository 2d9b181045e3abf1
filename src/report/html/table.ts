/** Tables; live ones are sorted and filtered by the page's script. */
import type { Cell, Column, Table } from '../blocks.ts';
import { html, type Markup } from './markup.ts';

/**
 * @param id of the section that it stands in
 * @param title id of the model's name: tables of several models must not have one name
 */
export function tableOf({ caption, columns, rows, live = false }: Table, id: string, title: string): Markup {
  const naming = columns[0]?.numeric ? 1 : 0;
  const heads = columns.map(
    ({ label, numeric }) => html`<th scope="col"${numeric ? html` class="number"` : ''}>${label}</th>`,
  );
  const body = rows.map(({ cells, tone }) => {
    const list = cells.map((cell, index) => cellOf(cell, columns[index], index === naming));
    return html`<tr${tone === undefined ? '' : html` class="${tone}"`}>${list}</tr>\n`;
  });
  // What can be scrolled must be reached by the keyboard.
  return html`<div class="scroll${live ? ' long' : ''}" role="region" tabindex="0" aria-labelledby="${id}-caption ${title}"><table${live ? html` data-live` : ''}>
<caption id="${id}-caption"><span>${caption}</span></caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>`;
}

function cellOf(cell: Cell, column: Column | undefined, isName: boolean): Markup {
  const text = typeof cell === 'string' ? cell : cell.text;
  if (isName) return html`<th scope="row">${text}</th>`;
  const sort = typeof cell === 'string' || String(cell.sort) === text ? '' : html` data-sort="${String(cell.sort)}"`;
  return html`<td${column?.numeric ? html` class="number"` : ''}${sort}>${text}</td>`;
}
