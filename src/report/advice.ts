/** What a user should know about a calibration, in sentences; none where all is well. */

import type { SiteFit } from '../calibrate/calibration.ts';
import type { Mismatch } from '../calibrate/mismatch.ts';
import { orderFitsBetter, type ReadingCheck, sizeFitsBetter } from '../calibrate/reading-fit.ts';
import { agreementOf, type Drift } from '../measure/drift.ts';
import type { Kept, TaskKept } from '../measure/kept.ts';

/** What advice is given on. */
export interface Calibrated {
  readonly fits: readonly SiteFit[];
  readonly mismatch: Mismatch;
  /** Only where statistics were re-estimated: then drift may be what was wanted. */
  readonly moved?: Mismatch;
  readonly reading?: ReadingCheck;
  /** Whether nobody said in which order the channels of pictures are. */
  readonly isOrderAssumed?: boolean;
  /** Samples that were solved on, and those that drift was measured on. */
  readonly solvedOn: number;
  readonly heldOut: number;
}

/** The norm and groups of a plan. */
interface Chosen {
  readonly norm: string;
  readonly sites: readonly { readonly groups: number }[];
}

/**
 * Bounds of {@link Mismatch} for data like the model's own. On seven models, real data gave a shift of at most 0.13 and a
 * spread of 0.97–1.04; noise, black pictures and wrong scales a shift over 0.2 or a spread below 0.75 or above 5
 * (docs/measurements/calibration.md).
 */
const LIKE = { shift: 0.2, leastSpread: 0.8, mostSpread: 1.25 } as const;
/** Below this share of agreement, or this cosine, held-out behaviour counts as poor. */
const AGREEMENT = 0.9;
/** From here on, more is kept than lost. */
const LITTLE = 0.5;
/** More channels without a slope of their own than this, and the data say too little. */
const FALLBACKS = 0.1;

/**
 * Says what a user should know, each problem once.
 *
 * @param drift on held-out samples; empty if it was not measured
 * @param kept on the same samples; it says more than drift, where it is known
 * @param plan what was solved; says which other norm or groups may do better
 */
export function adviceOn(calibrated: Calibrated, drift: readonly Drift[], kept?: Kept, plan?: Chosen): string[] {
  const { fits, mismatch, moved, solvedOn, heldOut } = calibrated;
  const advice = readingAdvice(calibrated);
  const { shift, spread } = mismatch;
  // NaN: no norm of the source says what its data were like.
  const isKnown = !Number.isNaN(shift);
  const isUnlike = isKnown && !(shift <= LIKE.shift && spread >= LIKE.leastSpread && spread <= LIKE.mostSpread);
  // Inputs that fit the running statistics are read right: then answers that are all alike tell of inputs of one class.
  const reasons = isKnown && !isUnlike ? [] : [...(kept?.doubts ?? [])];
  if (isUnlike) {
    reasons.push(
      `compared with the running statistics, channel means are off by ${shift.toFixed(2)} σ and deviations by a factor of ${spread.toFixed(2)} (medians)`,
    );
  }
  if (reasons.length > 0) advice.push(`${unlike(reasons)}${isUnlike && moved === undefined ? OTHER_DOMAIN : ''}`);
  const channels = fits.reduce((sum, fit) => sum + fit.channels, 0);
  const fallbacks = fits.reduce((sum, fit) => sum + fit.fallbacks, 0);
  if (fallbacks > FALLBACKS * channels) {
    advice.push(
      `${fallbacks} of ${channels} channels could not be fitted on these inputs. They use running statistics or, at folded sites, a constant. ` +
        'Use more, or more varied, inputs',
    );
  }
  const on = heldOut === 0 ? 'the inputs used for solving' : inputs(heldOut, 'held-out ');
  for (const it of kept === undefined ? drift : []) {
    const agreement = agreementOf(it);
    // One of a few classes that is another says little: a share of 0.9 may be this much less on so few inputs.
    const byChance =
      it.overlap === null && it.argmax !== null ? Math.sqrt((AGREEMENT * (1 - AGREEMENT)) / Math.max(1, heldOut)) : 0;
    if (agreement >= AGREEMENT - byChance) continue;
    poorly(`output ${it.output} agrees with the source only to ${agreement.toFixed(3)} on ${on}. `);
  }
  const poor = (kept?.tasks ?? []).filter((it) => it.kept !== null && it.kept < leastOf(it));
  if (poor.length > 0) {
    const list = poor.map(({ outputs, detail }) => `${outputs.join(', ')}: ${detail}`);
    const isHalf = poor.every((it) => (it.kept ?? 0) >= LITTLE);
    poorly(`${isHalf ? 'not all' : 'little'} behaviour is kept on ${on} (${list.join('; ')}). `);
  }
  return advice;

  function poorly(found: string): void {
    if (moved !== undefined) {
      advice.push(
        `${found}Re-estimated statistics may have recovered accuracy or lost it; only labels can tell. Measure with labels. If accuracy is lost, ` +
          're-estimate only the first norms with --include',
      );
      return;
    }
    const worst = worstOf(fits).map(({ name, r2 }) => `${name} (R² ${r2.toFixed(2)})`);
    const where = worst.length === 0 ? '' : `The sites with the worst fit are ${worst.join(', ')}. `;
    const others = [...(solvedOn < 32 ? ['more samples'] : []), ...betterNorm(plan)];
    const tries = others.length === 0 ? '' : `${others.join(', ')}, or `;
    advice.push(`${found}${where}Try ${tries}--exclude for the worst sites`);
  }
}

/** A norm, or groups, that keep more than those of a plan on most models. */
function betterNorm(plan: Chosen | undefined): string[] {
  if (plan?.norm === 'instance') return ['--to group, which keeps more'];
  const isCoarse = plan !== undefined && (plan.norm !== 'group' || plan.sites.every(({ groups }) => groups === 1));
  return isCoarse ? [] : ['fewer groups (--groups 1)'];
}

/** For inputs that are right as they are, and were never in the training data. */
const OTHER_DOMAIN =
  '. If they are right and from another domain, try --reference adapted too, and compare both on labelled inputs';

/** Says why inputs may not fit a model, in one sentence without a full stop. */
export function unlike(reasons: readonly string[]): string {
  return (
    `these inputs do not look like the training data: ${reasons.join('; ')}. ` +
    'Check --mean, --std, --scale, --size, --channel-order and the inputs'
  );
}

/** One of a few classes that is another says little: a share of 0.9 may be this much less on so few answers. */
function leastOf({ task, figures }: TaskKept): number {
  const count = task === 'classify' ? (figures.answers ?? 1) : Number.POSITIVE_INFINITY;
  return AGREEMENT - Math.sqrt((AGREEMENT * (1 - AGREEMENT)) / Math.max(1, count));
}

/** What another reading of the same pictures says against the one that was given. */
function readingAdvice({ reading: { order, size } = {}, isOrderAssumed = false }: Calibrated): string[] {
  const advice: string[] = [];
  const better = (how: string, other: number, given: number, option: string) =>
    `${how}, the inputs would look more like the training data (divergence ${other.toFixed(2)}, ` +
    `now ${given.toFixed(2)}). Check ${option}`;
  if (order !== undefined && orderFitsBetter(order.reversed, order.given)) {
    advice.push(better('with RGB and BGR exchanged', order.reversed, order.given, '--channel-order'));
  } else if (isOrderAssumed && order?.agreement !== undefined && order.agreement < AGREEMENT) {
    advice.push(`${differs(order.agreement, order.samples)}. Set --channel-order to what the model was trained on`);
  }
  const { given = Number.NaN, half = Number.NaN, double = Number.NaN } = size ?? {};
  // NaN where it was not tried: fits no better than anything.
  if (sizeFitsBetter(half, given) && !(double < half)) advice.push(better('at half the size', half, given, '--size'));
  else if (sizeFitsBetter(double, given)) advice.push(better('at twice the size', double, given, '--size'));
  return advice;
}

function differs(agreement: number, samples: number): string {
  return `RGB and BGR give different results (agreement ${agreement.toFixed(3)} on ` + `${inputs(samples)})`;
}

/** What is known of the order of the channels, where it is no cause for a warning; nothing where there is no order. */
export function orderNote({ reading: { order } = {}, isOrderAssumed = false }: Calibrated): string | undefined {
  if (order === undefined || orderFitsBetter(order.reversed, order.given)) return undefined;
  const { given, reversed, agreement, samples } = order;
  if (orderFitsBetter(given, reversed)) {
    return `the channel order fits the training data (divergence ${given.toFixed(2)}, reversed ${reversed.toFixed(2)})`;
  }
  if (agreement === undefined) return 'the channel order could not be checked';
  if (agreement < AGREEMENT) return isOrderAssumed ? undefined : differs(agreement, samples);
  return (
    'the channel order hardly matters: RGB and BGR give the same results ' +
    `(agreement ${agreement.toFixed(3)} on ${inputs(samples)})`
  );
}

function inputs(count: number, kind = ''): string {
  return `${count} ${kind}input${count === 1 ? '' : 's'}`;
}

function worstOf(fits: readonly SiteFit[]): SiteFit[] {
  return fits
    .filter(({ r2 }) => !Number.isNaN(r2))
    .toSorted((a, b) => a.r2 - b.r2)
    .slice(0, 3);
}
