/** What is said if a file has more classes than the data, and nothing tells which of them the data has. */

/**
 * Says which outputs classes of the data are taken for; nothing if the file has no others, or labels are positions already.
 *
 * @param classes of the data, in the order of their labels
 * @param count classes of the output
 */
export function fewerClasses(output: string, classes: readonly string[], count: number): string[] {
  const arePositions = classes.every((name, position) => name === String(position));
  if (classes.length === 0 || classes.length >= count || arePositions) return [];
  return [
    `${output} has ${count} classes, and the data ${classes.length}: ${classes.join(', ')} are taken for its first ones, in this order. ` +
      'If they are new to the file, use --old-classes none: its last layer is then rebuilt for those of the data',
  ];
}
