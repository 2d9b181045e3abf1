/** Figures of reports as text, and what is told of many at once. */

/** Three digits; `–` for what is unknown, and words for what is no number. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return 'not finite';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** A cosine or a share of variance: what counts is how far from 1 it is. */
export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : 'not finite';
}

/** `93.5 %`. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** The value below which that share of the list lies; NaN of an empty one. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)] ?? Number.NaN, sorted[Math.ceil(position)] ?? Number.NaN];
  return low === high ? low : low + (high - low) * (position % 1);
}

/** The entry with the largest of what `of` says; what is no number counts as larger than all. */
export function largest<T>(list: readonly T[], of: (it: T) => number): T | undefined {
  const size = (it: T) => (Number.isNaN(of(it)) ? Number.POSITIVE_INFINITY : of(it));
  return list.reduce<T | undefined>((best, it) => (best === undefined || size(it) > size(best) ? it : best), undefined);
}

/** The name that a person reads, with where its graph hangs. */
export function placeOf({ name, path }: { readonly name: string; readonly path: string }): string {
  return path === '' ? name : `${path}: ${name}`;
}
