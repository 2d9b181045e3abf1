/**
 * What came of a job, in three lines at most, the same in every format: whether the rewrite is correct, how much behaviour is kept,
 * what it costs in time. The first is proven; the second is measured on real inputs, or unknown.
 */
import type { Outcome } from '../jobs/outcome.ts';
import type { Kept } from '../measure/kept.ts';
import { isSingle, tellsLittle } from '../measure/tells-little.ts';
import { whyUnknown } from '../measure/why-unknown.ts';
import { normNamed } from '../norms/index.ts';
import type { Verification } from '../verify/verification.ts';
import { commandText, plural } from '../words.ts';
import type { Tone } from './blocks.ts';
import { figure } from './figures.ts';
import { proofOf } from './proof.ts';
import { trainingLines } from './training-verdict.ts';
import type { VerdictLine } from './verdict-line.ts';

/** From here on a model counts as kept. */
const WELL = 0.95;
/** Below this, most of the behaviour is lost. */
const LOST = 0.5;
/** With fewer runs of each model, what else the machine did may be all that its latency shows. */
const FEW_RUNS = 3;

/** Judges an outcome; no lines for jobs that rewrite and check nothing. */
export function verdictLines(outcome: Outcome): VerdictLine[] {
  const { error, command } = outcome;
  if (error !== undefined) {
    const what = command === 'check' ? 'it was not checked' : 'nothing was written';
    return [{ about: 'rewrite', tone: 'bad', text: `Error: ${what}` }];
  }
  if (outcome.finetune !== undefined) return trainingLines(outcome.finetune);
  if (command !== 'swap' && command !== 'check') return [];
  const lines = [rewriteLine(outcome), behaviourLine(outcome), latencyLine(outcome)];
  return lines.filter((line) => line !== undefined);
}

/** The line that matters most: what is wrong, else what is doubtful, else that all is well. */
export function headline(lines: readonly VerdictLine[]): VerdictLine | undefined {
  return lines.find(({ tone }) => tone === 'bad') ?? lines.find(({ tone }) => tone === 'warn') ?? lines[0];
}

/** Limits of the user, which say nothing of whether the rewrite is right. */
const LIMITS: readonly string[] = ['kept', 'drift'];

function rewriteLine(outcome: Outcome): VerdictLine {
  const { check, verification, plan, output } = outcome;
  const wrong = wrongIn(outcome);
  const line = (tone: Tone, text: string): VerdictLine => ({ about: 'rewrite', tone, text });
  if (wrong.length > 0)
    return line('bad', `Failed: ${wrong.join(', ')}${check === undefined ? '; nothing was written' : ''}`);
  if (check !== undefined) {
    const norms = plural(check.sites.length, 'norm');
    const isUnknown = check.checks.some(({ findings }) => findings.some(({ rule }) => rule === 'no-record'));
    const isCompared = check.checks.some(({ name, status }) => name === 'unchanged' && status === 'passed');
    if (check.sites.length === 0 && isCompared)
      return line(
        'warn',
        'Valid: the graph is that of the original model, with 0 norms swapped. To fail such files: --require-record',
      );
    if (check.sites.length === 0 && isUnknown)
      return line('warn', 'Valid model, but with 0 norms and no gn-swap record. To fail such files: --require-record');
    const unjudged = check.checks.some((it) => it.unjudged === true);
    return unjudged
      ? line('warn', `Valid structure, but not run: ${norms}. Use real input: --inputs FILE.npz`)
      : line('good', `Valid: ${norms}`);
  }
  const norms = plan?.sites.length ?? 0;
  const count = plural(norms, 'norm');
  if (verification !== undefined)
    return line(
      'good',
      `Correct: ${count} match${norms === 1 ? 'es its' : ' their'} float64 reference in ONNX Runtime`,
    );
  return line('warn', output === undefined ? `Dry run: ${count} would be swapped` : `Not verified: ${count} swapped`);
}

/** Names of the checks that failed, but for limits of the user. */
function wrongIn({ check, verification }: Outcome): string[] {
  const checks: readonly { readonly name: string; readonly status: string }[] =
    check?.checks ?? verification?.checks ?? [];
  const failed = checks.filter(({ status }) => status === 'failed');
  return failed.map(({ name }) => name).filter((name) => !LIMITS.includes(name));
}

function behaviourLine(outcome: Outcome): VerdictLine | undefined {
  const { check } = outcome;
  const proof = proofOf(outcome);
  // Without a source there is no behaviour to keep.
  if (check !== undefined && check.against === undefined) return undefined;
  if (proof === undefined) return undefined;
  const limit = proof.checks.find(({ name, status }) => LIMITS.includes(name) && status === 'failed');
  const line = (tone: Tone, text: string): VerdictLine => ({ about: 'behaviour', tone, text });
  const nothing = check === undefined ? '; nothing was written' : '';
  if (limit !== undefined) return line('bad', `Behaviour: ${limit.detail}${nothing}`);
  if (proof.isSame) return line('good', 'Behaviour kept: 100 %; the norm computes the same function');
  const share = proof.kept?.kept ?? null;
  if (share === null)
    return line('warn', `Behaviour kept: not measured; ${whyUnknown(proof.kept)}${remedyOf(outcome, proof)}`);
  const [percent, of] = [`${(100 * share).toFixed(0)} %`, `(${detailOf(proof.kept)}; ${inputsOf(outcome, proof)})`];
  const isLost = share < LOST;
  if (isLost && !(proof.kept && isSingle(proof.kept)))
    return line('bad', `Behaviour lost: only ${percent} kept ${of}${whatKeepsMore(outcome)}`);
  const text = `${percent} ${of}`;
  const doubt = whyDoubtful(outcome, proof.kept);
  if (doubt !== undefined)
    return line('warn', `Behaviour kept: ${text}, ${doubt}${isLost ? whatKeepsMore(outcome) : ''}`);
  return line(share < WELL ? 'warn' : 'good', `Behaviour kept: ${text}`);
}

/** What to do where most is lost and γ and β do not come from data; nothing where data can't help, or are used. */
function whatKeepsMore({ check, calibration, plan }: Outcome): string {
  const isSolvable = plan?.sites.some(({ init }) => init !== FROM_SOURCE && init !== 'calibrate') === true;
  if (check !== undefined || calibration !== undefined || !isSolvable) return '';
  return '. To keep more, solve γ and β from data: --calibrate DIR';
}

/** The init of norms whose numbers follow from the source's. */
const FROM_SOURCE = 'source';

/** Why a figure proves little, however good it is. */
function whyDoubtful({ calibration }: Outcome, kept: Kept | undefined): string | undefined {
  if (calibration?.measured === true && calibration.heldOut === 0)
    return 'so it says little of others: give more inputs, and some are held out';
  const tasks = kept?.tasks ?? [];
  if (tellsLittle({ tasks })) return 'too few to tell: give more inputs';
  const isOneClass = tasks.some(({ task, figures }) => task === 'classify' && figures.classes === 1);
  return isOneClass ? 'all of one class, which says little: give inputs of several classes' : undefined;
}

function detailOf(kept: Kept | undefined): string {
  const worst = kept?.tasks.find((it) => it.kept === kept.kept);
  const others = (kept?.tasks ?? []).filter((it) => it.kept !== null && it !== worst).length;
  return `${worst?.detail ?? ''}${others > 0 ? `, the least of ${others + 1} outputs` : ''}`;
}

function inputsOf({ calibration }: Outcome, { kept }: Verification): string {
  const count = kept?.inputs ?? 0;
  if (calibration?.measured !== true) return `${plural(count, 'given input')}`;
  return calibration.heldOut === 0
    ? 'on the one input that was also used for solving'
    : plural(count, 'held-out input');
}

/** What to type to learn more; nothing if real inputs were given already, or the command would fail again. */
function remedyOf(outcome: Outcome, { kept }: Verification): string {
  const { command, typed, file, plan } = outcome;
  if (kept !== undefined || wrongIn(outcome).length > 0) return '';
  const words = typed?.length ? typed : command === 'check' ? ['check', file] : [file];
  const takesData = command === 'swap' && plan !== undefined && normNamed(plan.norm).data !== 'unused';
  const option = takesData ? ['--calibrate', 'DIR'] : ['--inputs', 'FILE.npz'];
  return `. Measure it with: ${commandText(words, option)}`;
}

/** Returns the milliseconds of a run of both models; undefined if they were not timed. */
export function latencyOf(proof: Verification | undefined): Verification['latency'] {
  const { timings: [source, written] = [], rounds = 0 } = proof?.observed?.latency ?? {};
  return source && written ? { source: source.median, written: written.median, rounds } : proof?.latency;
}

function latencyLine(outcome: Outcome): VerdictLine | undefined {
  const times = latencyOf(proofOf(outcome));
  if (times === undefined) return undefined;
  const ratio = (times.written / times.source).toFixed(2);
  const runs = times.rounds < FEW_RUNS ? `, ${plural(times.rounds, 'run')} each` : ' per run';
  const text = `Latency: × ${ratio} (${figure(times.source)} ms → ${figure(times.written)} ms${runs} on this machine)`;
  return { about: 'latency', text };
}
