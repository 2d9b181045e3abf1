/** Which boxes of two lists are of the same object. */
import { type Detection, overlapOf } from './box.ts';

/** Boxes are of the same object from this overlap on, as in PASCAL VOC and in COCO's AP50. */
export const MATCH_OVERLAP = 0.5;

/** A box of each list. */
export type Pair = readonly [source: Detection, rewritten: Detection];

/**
 * Pairs boxes of one class that overlap by at least {@link MATCH_OVERLAP}. Each box is in one pair at most; pairs that overlap
 * most are made first, so the order of the rows means nothing.
 */
export function matchBoxes(source: readonly Detection[], rewritten: readonly Detection[]): Pair[] {
  const candidates: { readonly pair: Pair; readonly overlap: number }[] = [];
  for (const a of source) {
    for (const b of rewritten) {
      if (a.label !== b.label) continue;
      const overlap = overlapOf(a.box, b.box);
      if (overlap >= MATCH_OVERLAP) candidates.push({ pair: [a, b], overlap });
    }
  }
  const pairs: Pair[] = [];
  const used = new Set<Detection>();
  for (const { pair } of candidates.sort((a, b) => b.overlap - a.overlap)) {
    if (used.has(pair[0]) || used.has(pair[1])) continue;
    used.add(pair[0]).add(pair[1]);
    pairs.push(pair);
  }
  return pairs;
}

/** Pairs boxes that were read from the same anchor, if they overlap: what anchors look like is not in the file. */
export function matchAnchors(source: readonly Detection[], rewritten: readonly Detection[]): Pair[] {
  const places = new Map(rewritten.map((it) => [`${it.place} ${it.label}`, it]));
  return source.flatMap((a): Pair[] => {
    const b = places.get(`${a.place} ${a.label}`);
    return b !== undefined && overlapOf(a.box, b.box) >= MATCH_OVERLAP ? [[a, b]] : [];
  });
}
