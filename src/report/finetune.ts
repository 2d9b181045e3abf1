/** What was trained, and how, as text; the verdict is above. */
import type { Choice } from '../gradient/choose.ts';
import type { FinetuneFacts } from '../jobs/finetune.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { Score } from '../train/types.ts';
import { plural } from '../words.ts';
import { classNamed } from './answer-words.ts';
import { bytes, grouped, printable, table } from './format.ts';
import { MOST_CLASSES, seenClasses } from './seen-classes.ts';
import type { TextStyle } from './terminal.ts';

const SHOWN = 12;

/** How training went, and what was trained. */
export function finetuneLines(facts: FinetuneFacts, { colors, verbose }: TextStyle): string[] {
  const lines = setting(facts);
  if (facts.history.length > 0) lines.push('', ...epochs(facts));
  if (facts.task === 'detect') lines.push('', ...ofDetector(facts));
  if (facts.confusion !== null) lines.push('', ...confusion(facts.confusion, facts.classes));
  if (verbose) lines.push('', ...trainedTensors(facts));
  for (const note of facts.notes) lines.push(`note: ${printable(note)}`);
  if (facts.skipped.length > 0) {
    lines.push(`${colors.yellow('warning')}: ${plural(facts.skipped.length, 'file')} could not be used in full:`);
    const shown = verbose ? facts.skipped : facts.skipped.slice(0, SHOWN);
    lines.push(...shown.map(({ file, reason }) => `  ${printable(file)}: ${printable(reason)}`));
    if (shown.length < facts.skipped.length)
      lines.push(`  and ${facts.skipped.length - shown.length} more (--verbose)`);
  }
  return lines;
}

function setting(facts: FinetuneFacts): string[] {
  const {
    task,
    samples,
    pictures,
    batch,
    accumulate,
    rate,
    tried,
    optimizer,
    seed,
    trained,
    parameters,
    augment,
    seconds,
    steps,
    history,
  } = facts;
  const tensors = parameters.filter(({ taken }) => taken).length;
  const lines = [
    `task ${task}: ${plural(samples.train, 'sample')} to train on, ${samples.heldOut} held out; ${plural(tensors, 'tensor')} trained, ${grouped(trained)} numbers`,
    `${plural(steps, 'step')} of ${plural(batch * accumulate, 'sample')} in ${seconds.toFixed(1)} s, ${optimizer}, ${history.length === 0 ? '' : `rate ${rate}, `}seed ${seed}; varied by ${augment.length === 0 ? 'nothing' : augment.join(', ')}`,
  ];
  if (pictures !== null) lines.push(`pictures read as ${pictures}`);
  if (tried.length > 0) {
    const list = tried.map((it) => `${it.rate}: ${it.loss === null ? 'not finite' : it.loss.toFixed(4)}`);
    const loss = samples.heldOut > 0 ? 'held-out loss' : 'loss on training samples';
    lines.push(`rates tried, with the ${loss} each led to: ${list.join('; ')}`);
  }
  return lines;
}

function epochs({ history, bestEpoch, measure, stopped }: FinetuneFacts): string[] {
  const cell = (value: number | null) => (value === null ? '–' : value.toFixed(4));
  const rows = history.map(({ epoch, trainLoss, trainScore, loss, score }) => [
    epoch === 0 ? 'before' : String(epoch),
    ...[cell(trainLoss), cell(loss), cell(trainScore), cell(score)],
    epoch === bestEpoch ? 'kept' : '',
  ]);
  const head = ['epoch', 'loss', 'held-out loss', measure, `held-out ${measure}`, ''];
  const lines = table([head, ...rows], [1, 2, 3, 4]);
  if (stopped === 'patience') lines.push('ended early: the score had stopped rising');
  if (stopped === 'interrupted' && history.length > 1)
    lines.push('interrupted: the best epoch so far is kept; add --resume to go on');
  if (typeof stopped === 'object' && stopped !== null) {
    lines.push(`ended at step ${stopped.notFinite}: the loss was not a finite number; try a smaller --lr`);
  }
  return lines;
}

function confusion(rows: NonNullable<Score['confusion']>, classes: readonly string[] | null): string[] {
  const seen = seenClasses(rows, classes);
  if (seen.length > MOST_CLASSES) return [];
  const nameOf = (label: number) => printable(classes?.[label] ?? String(label));
  const body = seen.map((right) => [nameOf(right), ...seen.map((answered) => String(rows[right]?.[answered]))]);
  return table(
    [['right \\ answered', ...seen.map(nameOf)], ...body],
    seen.map((_, index) => index + 1),
  );
}

/** More than AP50, before and after, and of each class as it is now. */
function ofDetector({ before, after, classes }: FinetuneFacts): string[] {
  const told = Object.entries({ before, after }).flatMap(([when, score]) =>
    score === null ? [] : [`${when}: ${printable(score.detail)}`],
  );
  const rows = (after ?? before)?.classes ?? [];
  if (rows.length === 0 || rows.length > MOST_CLASSES) return told;
  const names = ['AP50', 'AP75', 'recall', 'precision'];
  const body = rows.map(({ label, count, figures }) => [
    printable(classNamed(label, classes)),
    String(count),
    ...names.map((name) => figures[name]?.toFixed(3) ?? '–'),
  ]);
  return [...told, ...table([['class', 'objects', ...names], ...body], [1, 2, 3, 4, 5])];
}

function trainedTensors({ parameters }: FinetuneFacts): string[] {
  return table([
    ['tensor', 'size', 'trained', 'why'],
    ...parameters.map(({ name, dims, taken, why }) => [
      ...[printable(name), dims.join(' × ') || 'one number', taken ? 'yes' : 'no', printable(why)],
    ]),
  ]);
}

/** The file, and what to do next. */
export function finetuneSummary({ output, outputBytes = 0, finetune, typed }: Outcome): string[] {
  if (output !== undefined) {
    return [`wrote ${printable(output)}, ${bytes(outputBytes)}`];
  }
  // Nothing is saved before the rate is known.
  if (finetune?.stopped === 'interrupted' && finetune.history.length === 0) return [];
  if (finetune?.stopped === 'interrupted') return [`Go on: gn-swap ${(typed ?? []).join(' ')} --resume`];
  return [tryNext(finetune?.parameters ?? [])];
}

/** Says what to try if no epoch was better: to train less, of what the file has and was not trained alone. */
export function tryNext(parameters: readonly Pick<Choice, 'ofNorm' | 'inHead' | 'taken'>[]): string {
  const taken = parameters.filter((it) => it.taken);
  const fewer = parameters.some(({ ofNorm }) => ofNorm) ? 'norms' : 'head';
  const isTried = taken.every((it) => (fewer === 'norms' ? it.ofNorm : it.inHead));
  return `Try a smaller --lr${isTried ? ' or more samples' : `, more samples, or --train ${fewer}`}`;
}
