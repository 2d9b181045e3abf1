/** Which classes a table of right and answered ones shows. */

/** More classes than these make a matrix that nobody reads. */
export const MOST_CLASSES = 12;

/** The classes that the data names, and others that were answered: an output may have many more. @param rows right ones, by what was answered */
export function seenClasses(rows: readonly (readonly number[])[], classes: readonly string[] | null): number[] {
  const all = Array.from(rows, (_, label) => label);
  const isCounted = (label: number) =>
    rows.some((row, right) => (right === label ? row.some(Boolean) : row[label] !== 0));
  return all.filter((label) => classes?.[label] !== undefined || isCounted(label));
}
