/** What came of it, in a few lines. */
import type { Outcome } from '../../jobs/outcome.ts';
import { plural } from '../../words.ts';
import type { Block, Tone } from '../blocks.ts';
import { figure, largest, ratio } from '../figures.ts';
import { bytes, duration } from '../format.ts';
import { driftOf, proofOf } from '../proof.ts';
import { trainingFacts, trainingTiles } from '../training-facts.ts';
import { latencyOf, verdictLines } from '../verdict.ts';
import type { VerdictLine } from '../verdict-line.ts';
import { countLeft } from '../wording.ts';
import type { Section } from './types.ts';

export const summary: Section = {
  name: 'summary',
  title: 'Summary',
  wide: true,
  blocks(outcome) {
    const { error } = outcome;
    const verdict = verdictLines(outcome).map(
      ({ text, tone }): Block => ({ kind: 'text', text, ...(tone && { tone }) }),
    );
    if (error !== undefined) {
      const place = error.node === undefined || error.node === '' ? '' : `${error.node}: `;
      const lines = [
        { text: `${place}${error.message}` },
        ...(error.remedy === undefined ? [] : [{ text: error.remedy }]),
      ];
      return [...verdict, { kind: 'list', items: lines }];
    }
    return [...verdict, ...tilesOf(outcome), { kind: 'facts', items: factsOf(outcome) }];
  },
};

/** Shows kept, sites, fit and slowdown; a dash and not a figure for what was not measured. */
function tilesOf(outcome: Outcome): Block[] {
  const { plan, check, calibration, finetune } = outcome;
  if (finetune !== undefined) return [trainingTiles(finetune)];
  const proof = proofOf(outcome);
  if (proof === undefined) return [];
  const lines = verdictLines(outcome);
  const toneOf = (about: VerdictLine['about']) => lines.find((line) => line.about === about)?.tone;
  const share = proof.isSame ? 1 : (proof.kept?.kept ?? null);
  const sites = check?.sites.length ?? plan?.sites.length ?? 0;
  const all = sites + (check === undefined && plan !== undefined ? countLeft(plan) : 0);
  const fits = (calibration?.fits ?? []).flatMap(({ r2 }) => (Number.isNaN(r2) ? [] : [r2]));
  const times = latencyOf(proof);
  const tile = (label: string, value: string | undefined, tone?: Tone) => ({
    label,
    value: value ?? '–',
    ...(tone === undefined ? {} : { tone }),
  });
  return [
    {
      kind: 'tiles',
      items: [
        tile('Kept', share === null ? 'not measured' : `${(100 * share).toFixed(0)} %`, toneOf('behaviour')),
        tile('Sites', `${sites} of ${all}`, sites < all ? 'warn' : toneOf('rewrite')),
        tile('Fit', fits.length === 0 ? undefined : `R² ${ratio(fits.reduce((sum, r2) => sum + r2, 0) / fits.length)}`),
        tile('Slowdown', times && `× ${(times.written / times.source).toFixed(2)}`),
      ],
    },
  ];
}

function factsOf(outcome: Outcome): [string, string][] {
  const { file, model, output, outputBytes, plan, check, calibration, comparedOn, externalData, timings } = outcome;
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
  if (outcome.finetune !== undefined) facts.push(...trainingFacts(outcome.finetune));
  if (plan !== undefined) {
    const left = countLeft(plan);
    facts.push(['Sites', `${plan.sites.length} rewritten to ${plan.norm} norm${left === 0 ? '' : `, ${left} left`}`]);
  }
  const data = calibration ?? comparedOn;
  if (data !== undefined) {
    const { solvedOn, heldOut, path } = data;
    facts.push(['Solved on', `${plural(solvedOn, 'input')} of ${path}, ${heldOut} held out`]);
  }
  if (comparedOn?.pictures !== undefined) facts.push(['Pictures', `read as ${comparedOn.pictures}`]);
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
