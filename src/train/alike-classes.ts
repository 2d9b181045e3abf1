/** Classes that are likely one: a table that was typed by hand has `Dog` beside `dog`. */

/** One sentence for each group of names that differ in capital letters and spaces alone. */
export function alikeClasses(classes: readonly string[] = []): string[] {
  const groups = new Map<string, string[]>();
  for (const name of classes) {
    const plain = name
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
    const group = groups.get(plain);
    if (group === undefined) groups.set(plain, [name]);
    else group.push(name);
  }
  const alike = [...groups.values()].filter(({ length }) => length > 1);
  return alike.map(
    (names) =>
      `${names.map((name) => JSON.stringify(name)).join(' and ')} are learned as different classes; if they are one, give them one name`,
  );
}
