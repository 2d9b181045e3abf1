/** What a look at a model found, in a line or two. */
import { foldedWords } from '../../find/kinds.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import { countLeft } from '../../report/wording.ts';
import { plural } from '../../words.ts';
import type { Verdict } from '../messages.ts';

/** Says how many norms can be swapped, and whether others are hidden in Conv layers; no lines if nothing could be planned. */
export function foundLines({ plan, foldedConv = 0 }: Outcome): Verdict[] {
  if (plan === undefined) return [];
  const found = plan.sites.length;
  const all = found + countLeft(plan);
  const text =
    all === 0
      ? 'No BatchNormalization was found'
      : `${found} of ${plural(all, 'norm')} can be swapped to ${plan.norm} norm`;
  const lines: Verdict[] = [{ about: 'rewrite', text, tone: found === 0 ? 'warn' : undefined }];
  if (foldedConv > 0) {
    const remedy = 'To put norms there, set Sites to folded or all, and give calibration data';
    lines.push({ about: 'rewrite', text: `${foldedWords(foldedConv)}. ${remedy}`, tone: 'warn' });
  }
  return lines;
}
