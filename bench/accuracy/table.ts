/**
 * A Markdown table of scores, three digits each, the best of them bold.
 * @param corner heading of the first column
 * @param rows name and one score a column
 * @throws RangeError if a row has another number of scores than there are columns
 */
export function markdownTable(
  corner: string,
  columns: readonly string[],
  rows: readonly (readonly [name: string, scores: readonly number[]])[],
): string {
  // As printed: scores that look the same are all best, or none is.
  const best = Math.max(...rows.flatMap(([, scores]) => scores.map((score) => Number(score.toFixed(3)))));
  const lines = [
    [corner, ...columns],
    ['---', ...columns.map(() => '---:')],
    ...rows.map(([name, scores]) => {
      if (scores.length !== columns.length) {
        throw new RangeError(`${name} has ${scores.length} scores for ${columns.length} columns`);
      }
      return [name, ...scores.map((score) => score.toFixed(3)).map((it) => (Number(it) === best ? `**${it}**` : it))];
    }),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
