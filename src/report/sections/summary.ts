/** What came of it, in a few lines. */
import type { CheckReport } from '../../check/index.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import { plural } from '../../words.ts';
import type { Block, Text } from '../blocks.ts';
import { figure, largest, ratio } from '../figures.ts';
import { bytes, duration } from '../format.ts';
import { driftOf } from '../proof.ts';
import { countLeft } from '../wording.ts';
import type { Section } from './types.ts';

export const summary: Section = {
  name: 'summary',
  title: 'Summary',
  wide: true,
  blocks(outcome) {
    const { error } = outcome;
    const verdict: Block = { kind: 'text', ...verdictOf(outcome) };
    if (error !== undefined) {
      const place = error.node === undefined || error.node === '' ? '' : `${error.node}: `;
      const lines = [
        { text: `${place}${error.message}` },
        ...(error.remedy === undefined ? [] : [{ text: error.remedy }]),
      ];
      return [verdict, { kind: 'list', items: lines }];
    }
    return [verdict, { kind: 'facts', items: factsOf(outcome) }];
  },
};

/** The one line that says how it ended. */
export function verdictOf({ error, command, plan, verification, check, output }: Outcome): Pick<Text, 'text' | 'tone'> {
  if (error !== undefined) {
    return { tone: 'bad', text: `An error: ${command === 'check' ? 'it was not checked' : 'nothing was written'}` };
  }
  if (check !== undefined) return checkVerdict(check);
  const count = plural(plan?.sites.length ?? 0, 'site');
  const failed = verification?.checks.filter(({ status }) => status === 'failed').map(({ name }) => name) ?? [];
  if (failed.length > 0) return { tone: 'bad', text: `Failed: ${failed.join(', ')}; nothing was written` };
  if (verification !== undefined) return { tone: 'good', text: `Verified: ${count} rewritten` };
  if (output === undefined) return { tone: 'warn', text: `A dry run: ${count} would be rewritten` };
  return { tone: 'warn', text: `Not verified: ${count} rewritten` };
}

function checkVerdict({ passed, checks, sites }: CheckReport): Pick<Text, 'text' | 'tone'> {
  if (passed) return { tone: 'good', text: `Valid: ${plural(sites.length, 'norm')}` };
  const failed = checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return { tone: 'bad', text: `Failed: ${failed.join(', ')}` };
}

function factsOf(outcome: Outcome): [string, string][] {
  const { file, model, output, outputBytes, plan, check, calibration, externalData, timings } = outcome;
  const facts: [string, string][] = [[check === undefined ? 'Source' : 'File', file]];
  if (check?.against !== undefined) facts.push(['Against', check.against]);
  if (model !== undefined) {
    const producer = model.producer === '' ? '' : `, from ${model.producer}`;
    facts.push(['Model', `opset ${model.opset}, IR version ${model.irVersion}, ${bytes(model.bytes)}${producer}`]);
  }
  if (output !== undefined) facts.push(['Output', `${output}, ${bytes(outputBytes ?? 0)}`]);
  if (externalData !== undefined) {
    facts.push(['External data', `${plural(externalData.files.length, 'file')} ${externalData.carried}`]);
  }
  if (plan !== undefined) {
    const left = countLeft(plan);
    facts.push(['Sites', `${plan.sites.length} rewritten to ${plan.norm} norm${left === 0 ? '' : `, ${left} left`}`]);
  }
  if (calibration !== undefined) {
    const { solvedOn, heldOut, path } = calibration;
    facts.push(['Solved on', `${plural(solvedOn, 'input')} of ${path}, ${heldOut} held out`]);
  }
  const drift = driftOf(outcome);
  const far = largest(drift, ({ relative }) => relative);
  if (far !== undefined) {
    const among = drift.length > 1 ? ', the farthest output' : '';
    facts.push(['Drift', `${figure(far.relative)} relative, cosine ${ratio(far.cosine)} at ${far.output}${among}`]);
  }
  facts.push([
    'Time',
    Object.entries(timings)
      .map(([step, time]) => `${step} ${duration(time)}`)
      .join(', '),
  ]);
  return facts;
}
