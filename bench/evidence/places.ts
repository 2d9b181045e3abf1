/** The comparisons that have runs, as the page names them. */

import { recommend } from '../../src/jobs/compare-finetune/recommend.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import type { Line, RunLine } from './lines.ts';
import { FULL } from './plan.ts';
import { runsAt, scoresOf } from './tables.ts';
import { judged } from './tree.ts';

/** One comparison that has runs. */
export interface Place {
  readonly title: string;
  readonly runs: readonly RunLine[];
  readonly at: { readonly subject: string; readonly shift: string; readonly count: number; readonly epochs: number };
}

export const TITLES: Readonly<Record<string, string>> = {
  digits: 'digits (CNN, 9 BN)',
  shapes: 'shapes (ResNet, 15 BN)',
  segments: 'segments (U-Net, 10 BN)',
  'ocr-classifier': 'lines (PaddleOCR’s classifier, 35 BN)',
  'ocr-detector': 'pages (PaddleOCR’s detector)',
  'common-det': 'detector (ddddocr’s, folded)',
  retinaface: 'faces (RetinaFace, 47 BN)',
  deep: 'digits, deep (ResNet-50, 53 BN)',
};

/** Epochs of a comparison that counts as short. */
export const SHORT = 1;

/** What a comparison must have to be shown. */
const ENDS: readonly RowName[] = ['bn-frozen', 'gn-calibrated'];

/** The shift, and what else is not as in most comparisons. */
export function labelOf({ shift, count, epochs }: Place['at']): string {
  const samples = count === 100 ? '' : `, ${count} samples`;
  const budget = epochs <= 3 ? '' : `, ${epochs} epochs`;
  return `${shift}${samples}${budget}`;
}

export function placesOf(lines: readonly Line[]): Place[] {
  const places: Place[] = [];
  for (const { subject, shift, count, epochs } of FULL) {
    const at = { subject, shift, count, epochs };
    const runs = runsAt(lines, at);
    // Without a swap to compare with, a comparison would say that none pays.
    const isWhole = ENDS.every((row) => scoresOf(runs, row, 1).length > 0);
    if (isWhole) places.push({ title: `${TITLES[subject] ?? subject}: ${labelOf(at)}`, runs, at });
  }
  return places;
}

export function batchesOf(runs: readonly RunLine[]): number[] {
  return [...new Set(runs.map(({ batch }) => batch))].sort((a, b) => a - b);
}

/** What the rule says of each batch of each comparison. */
export function verdictsOf(long: readonly Place[]) {
  return long.flatMap((place) =>
    batchesOf(place.runs).flatMap((batch) => {
      const it = judged(place.runs, batch);
      return it === undefined ? [] : [{ place, batch, judged: it }];
    }),
  );
}

/** Comparisons that were made with a short budget and a long one. */
export function pairsOf(places: readonly Place[]) {
  return places.flatMap((short) => {
    const long = places.find(
      ({ at }) =>
        at.subject === short.at.subject &&
        at.shift === short.at.shift &&
        at.count === short.at.count &&
        at.epochs === 3,
    );
    if (short.at.epochs !== SHORT || long === undefined) return [];
    const rows = ROW_NAMES.filter((row) => [short, long].every(({ runs }) => scoresOf(runs, row, 1).length > 0));
    const told = [short, long].map(({ runs }) =>
      recommend(
        rows.map((name) => ({ name, scores: scoresOf(runs, name, 1).slice(0, 2) })),
        '',
        runs[0]?.tested ?? 1,
      ),
    );
    const [a, b] = told;
    if (a === undefined || b === undefined) return [];
    const equal = (row: RowName) => row === b.row || b.tied.includes(row);
    return [{ short, a, b, agrees: !a.isClear || equal(a.row) }];
  });
}
