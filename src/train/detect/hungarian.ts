/**
 * The cheapest way to give each row a column of its own (Kuhn 1955; by shortest augmenting paths, Jonker and Volgenant 1987).
 *
 * npm's `munkres-js` and `hungarian-on3` have had no release since December 2024, and this is all that is needed.
 */

/**
 * Pairs rows with columns one to one, so that the sum of costs is smallest. O(rows² · columns).
 *
 * @param cost finite, of `rows` × `columns` numbers; rows ≤ columns
 * @returns for each row its column
 */
export function cheapestPairs(rows: number, columns: number, cost: (row: number, column: number) => number): number[] {
  const ofRow = new Float64Array(rows + 1);
  const ofColumn = new Float64Array(columns + 1);
  /** The row of each column, counted from 1; column 0 is where a search starts. */
  const owner = new Int32Array(columns + 1);
  const before = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    owner[0] = row;
    let at = 0;
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const isDone = new Uint8Array(columns + 1);
    do {
      isDone[at] = 1;
      const from = owner[at] as number;
      let [smallest, next] = [Number.POSITIVE_INFINITY, 0];
      for (let column = 1; column <= columns; column++) {
        if (isDone[column] === 1) continue;
        const reduced = cost(from - 1, column - 1) - (ofRow[from] as number) - (ofColumn[column] as number);
        if (reduced < (least[column] as number)) {
          least[column] = reduced;
          before[column] = at;
        }
        if ((least[column] as number) < smallest) [smallest, next] = [least[column] as number, column];
      }
      for (let column = 0; column <= columns; column++) {
        if (isDone[column] === 1) {
          const own = owner[column] as number;
          ofRow[own] = (ofRow[own] as number) + smallest;
          ofColumn[column] = (ofColumn[column] as number) - smallest;
        } else least[column] = (least[column] as number) - smallest;
      }
      at = next;
    } while (owner[at] !== 0);
    while (at !== 0) {
      const previous = before[at] as number;
      owner[at] = owner[previous] as number;
      at = previous;
    }
  }
  const pairs = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = owner[column] as number;
    if (row > 0) pairs[row - 1] = column - 1;
  }
  return pairs;
}
