/** What a user should know about a calibration, in sentences; none where all is well. */
import type { Drift } from '../verify/drift.ts';
import type { SiteFit } from './index.ts';
import type { Mismatch } from './mismatch.ts';

/** What advice is given on. */
export interface Calibrated {
  readonly fits: readonly SiteFit[];
  readonly mismatch: Mismatch;
  /** Only where statistics were re-estimated: then drift is what was wanted. */
  readonly moved?: Mismatch;
  /** Samples that were solved on, and those that drift was measured on. */
  readonly solvedOn: number;
  readonly heldOut: number;
}

/**
 * Bounds of {@link Mismatch} for data like the model's own. On seven models, real data gave a shift of at most 0.13 and a
 * spread of 0.97–1.04; noise, black pictures and wrong scales a shift over 0.2 or a spread below 0.75 or above 5
 * (docs/decisions.md).
 */
const LIKE = { shift: 0.2, leastSpread: 0.8, mostSpread: 1.25 } as const;
/** Below this share of agreement, or this cosine, held-out behaviour counts as poor. */
const AGREEMENT = 0.9;
/** More channels without a slope of their own than this, and the data say too little. */
const FALLBACKS = 0.1;

/** @param drift on held-out samples; empty where it was not measured */
export function adviceOn({ fits, mismatch, moved, solvedOn, heldOut }: Calibrated, drift: readonly Drift[]): string[] {
  const advice: string[] = [];
  const { shift, spread } = mismatch;
  // NaN: no norm of the source says what its data were like.
  const isKnown = !Number.isNaN(shift);
  if (isKnown && !(shift <= LIKE.shift && spread >= LIKE.leastSpread && spread <= LIKE.mostSpread)) {
    advice.push(
      'these inputs do not look like what the model was trained on: its channels are ' +
        `${shift.toFixed(2)} standard deviations off and spread ${spread.toFixed(2)} times as wide (medians). ` +
        'Check --mean, --std, --scale, --size, --channel-order and the data themselves',
    );
  }
  const channels = fits.reduce((sum, fit) => sum + fit.channels, 0);
  const fallbacks = fits.reduce((sum, fit) => sum + fit.fallbacks, 0);
  if (fallbacks > FALLBACKS * channels) {
    advice.push(
      `${fallbacks} of ${channels} channels tell no slope on these inputs, and have that of running statistics or, at folded sites, none. ` +
        'Give more, or more varied, inputs',
    );
  }
  const on = heldOut === 0 ? 'what it was solved on' : `${heldOut} held-out input${heldOut === 1 ? '' : 's'}`;
  for (const it of moved === undefined ? drift : []) {
    const agreement = it.overlap ?? it.argmax ?? it.cosine;
    // One of a few classes that is another says little: a share of 0.9 may be this much less on so few inputs.
    const byChance =
      it.overlap === null && it.argmax !== null ? Math.sqrt((AGREEMENT * (1 - AGREEMENT)) / Math.max(1, heldOut)) : 0;
    if (agreement >= AGREEMENT - byChance) continue;
    const worst = worstOf(fits).map(({ name, r2 }) => `${name} (R² ${r2.toFixed(2)})`);
    const where = worst.length === 0 ? '' : `The sites with the worst fit are ${worst.join(', ')}. `;
    advice.push(
      `output ${it.output} agrees with the source only to ${agreement.toFixed(3)} on ${on}. ${where}` +
        `Try ${solvedOn < 32 ? 'more samples, ' : ''}fewer groups (--groups 1), or --exclude for the worst sites`,
    );
  }
  return advice;
}

function worstOf(fits: readonly SiteFit[]): SiteFit[] {
  return fits.toSorted((a, b) => a.r2 - b.r2).slice(0, 3);
}
