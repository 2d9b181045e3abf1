import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { cheapestPairs } from '../../../src/train/detect/hungarian.ts';

/** The least sum over all ways to give rows columns. */
function least(cost: readonly (readonly number[])[], row = 0, used = new Set<number>()): number {
  if (row === cost.length) return 0;
  let best = Number.POSITIVE_INFINITY;
  for (const [column, value] of (cost[row] as readonly number[]).entries()) {
    if (!used.has(column)) best = Math.min(best, value + least(cost, row + 1, new Set(used).add(column)));
  }
  return best;
}

describe('cheapestPairs', () => {
  it('costs as little as the best of all permutations', () => {
    const random = new Random(3);
    for (let i = 0; i < 100; i++) {
      const rows = 1 + random.integer(5);
      const columns = rows + random.integer(3);
      const cost = Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
      const pairs = cheapestPairs(rows, columns, (row, column) => cost[row]?.[column] as number);
      expect(new Set(pairs).size, 'a column each').to.equal(rows);
      const sum = pairs.reduce((total, column, row) => total + (cost[row]?.[column] as number), 0);
      expect(sum).to.be.closeTo(least(cost), 1e-12);
    }
  });

  it('has nothing to pair without rows', () => {
    expect(cheapestPairs(0, 5, () => 0)).to.deep.equal([]);
  });
});
