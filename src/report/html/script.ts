/** The page's script: tables that sort and filter. Without it they are tables all the same. */
export const SCRIPT = `'use strict';
for (const table of document.querySelectorAll('table[data-live]')) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const caption = table.caption;
  const heads = [...table.tHead.rows[0].cells];
  const keyOf = (row, column, numeric) => {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    const value = Number(cell.dataset.sort ?? cell.textContent);
    // Cells without a number come last, whichever way.
    return Number.isNaN(value) ? undefined : value;
  };
  const names = new Intl.Collator('en', { numeric: true });
  const sortBy = (column, direction) => {
    const numeric = heads[column].classList.contains('number');
    const keyed = rows.map((row) => ({ row, key: keyOf(row, column, numeric) }));
    keyed.sort((a, b) => {
      if (a.key === undefined || b.key === undefined) return (a.key === undefined) - (b.key === undefined);
      return direction * (numeric ? a.key - b.key : names.compare(a.key, b.key));
    });
    body.append(...keyed.map(({ row }) => row));
  };
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const direction = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', direction === 1 ? 'ascending' : 'descending');
      sortBy(column, direction);
    });
  });
  const tools = document.createElement('p');
  tools.className = 'tools';
  const label = document.createElement('label');
  const input = document.createElement('input');
  const count = document.createElement('output');
  input.type = 'search';
  input.id = caption.id + '-filter';
  label.htmlFor = input.id;
  label.textContent = 'Filter the rows';
  count.htmlFor = input.id;
  count.setAttribute('aria-live', 'polite');
  const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join('\\n').toLowerCase());
  const filter = () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) shown++;
    });
    count.textContent = shown + ' of ' + rows.length;
  };
  input.addEventListener('input', filter);
  tools.append(label, ' ', input, ' ', count);
  table.parentElement.before(tools);
  filter();
}
`;
