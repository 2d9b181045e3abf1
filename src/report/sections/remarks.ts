/** Warnings and notes. */

import { olderNote } from '../../runtime/ir-version.ts';
import { plural } from '../../words.ts';
import { adviceOn, orderNote, unlike } from '../advice.ts';
import { chosenText, refinedText } from '../chosen.ts';
import { grouped } from '../format.ts';
import { proofOf } from '../proof.ts';
import { earlyNote, foldedNote, movedText, notesOf, planWarnings, trainingNote, trainsNote } from '../wording.ts';
import type { Section } from './types.ts';

export const remarks: Section = {
  name: 'remarks',
  title: 'Warnings and notes',
  wide: true,
  blocks(outcome) {
    const { model, plan, calibration, comparedOn, verification, finetune } = outcome;
    const advice =
      calibration &&
      adviceOn(
        calibration,
        calibration.measured ? (verification?.drift ?? []) : [],
        calibration.measured ? verification?.kept : undefined,
        plan,
      );
    const moved = calibration && movedText(calibration);
    const skipped = (calibration ?? comparedOn ?? finetune)?.skipped ?? [];
    const items: { text: string; tone?: 'warn' }[] = [
      ...(plan === undefined ? [] : planWarnings(plan)).map((text) => ({ tone: 'warn' as const, text: `${text}.` })),
      ...(advice ?? []).map((text) => ({ tone: 'warn' as const, text: `${text}.` })),
      ...skippedLines(skipped).map((text) => ({ tone: 'warn' as const, text })),
      ...(plan === undefined ? [] : notesOf(plan)).map(({ note, names }) => ({
        text: `${note} (${names.length === 1 ? names[0] : plural(names.length, 'site')})`,
      })),
    ];
    const { kept } = proofOf(outcome) ?? {};
    if (calibration?.measured !== true && kept !== undefined && kept.doubts.length > 0) {
      items.push({ tone: 'warn', text: `${unlike(kept.doubts)}.` });
    }
    if (moved !== undefined) items.push({ text: moved });
    const order = calibration && orderNote(calibration);
    for (const text of calibration === undefined ? [] : [chosenText(calibration), refinedText(calibration)]) {
      if (text !== undefined) items.push({ text });
    }
    if (order !== undefined) items.push({ text: order });
    for (const text of plan === undefined
      ? []
      : [trainingNote(plan), trainsNote(plan), earlyNote(plan), foldedNote(outcome)]) {
      if (text !== undefined) items.push({ text });
    }
    if (model?.ranAs !== undefined) items.push({ text: olderNote(model.irVersion, model.ranAs) });
    for (const text of finetune?.notes ?? []) items.push({ text });
    return items.length === 0 ? [] : [{ kind: 'list', items }];
  },
};

/** Names of more files than this are not read. */
const MOST_FILES = 20;

function shownOf(files: readonly string[]): string[] {
  const others = files.length - MOST_FILES;
  return others > 0 ? [...files.slice(0, MOST_FILES), `and ${grouped(others)} more`] : [...files];
}

/** One line for all files that were skipped for one reason. */
function skippedLines(skipped: readonly { readonly file: string; readonly reason: string }[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { file, reason } of skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), file]);
  return [...byReason].map(
    ([reason, files]) => `skipped ${plural(files.length, 'file')}: ${reason} (${shownOf(files).join(', ')})`,
  );
}
