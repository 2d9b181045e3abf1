/** Small pieces of sentences. */

/** `1 site`, `3 sites`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
