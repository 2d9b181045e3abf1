/** What reports of every format say in the same words. Names in them are as the model has them. */

import { foldedWords } from '../find/kinds.ts';
import { quantizedWords, UNQUANTIZE } from '../find/quantized-words.ts';
import { NO_NORM } from '../find/types.ts';
import type { CalibrationFacts, Outcome } from '../jobs/outcome.ts';
import { normNamed } from '../norms/index.ts';
import type { Plan } from '../plan/index.ts';
import type { Verification } from '../verify/verification.ts';
import { plural } from '../words.ts';

/** Remarks on the sites of a plan, each with the names of the sites that it is on. */
export function notesOf({ sites }: Plan): { note: string; names: string[] }[] {
  const byNote = new Map<string, string[]>();
  for (const { site, notes } of sites) {
    for (const note of notes) byNote.set(note, [...(byNote.get(note) ?? []), site.name]);
  }
  return [...byNote].map(([note, names]) => ({ note, names }));
}

/** A remark on sites whose source answered by its batch; `undefined` where there are none. */
export function trainingNote({ sites }: Plan): string | undefined {
  const count = sites.filter(({ site }) => site.training).length;
  return count === 0
    ? undefined
    : `${plural(count, 'site')} used batch statistics (training_mode=1); the reference is the same node with its running statistics`;
}

/** What to look at before a plan's result is used, each a sentence without the full stop. */
export function planWarnings(plan: Plan): string[] {
  const { quantized, sites } = plan;
  const lost = lostStatisticsWarning(plan);
  return [
    ...(quantized === undefined ? [] : [`${quantizedWords(quantized, sites.length > 0)}. ${UNQUANTIZE}`]),
    ...(lost === undefined ? [] : [lost]),
  ];
}

/**
 * Says that γ and β of some sites rest on running statistics that were never trained, or were lost: σ² is 0 in every channel.
 * One sentence for all such sites, with what to do; `undefined` if there are none.
 */
function lostStatisticsWarning({ sites, norm }: Plan): string | undefined {
  const lost = sites.filter(lostStatistics);
  const [first] = lost;
  if (first === undefined) return undefined;
  const zeros = first.site.statistics.mean.every((value) => value === 0) ? 'mean and variance are' : 'variance is';
  const where = lost.length === 1 ? first.site.name : `${first.site.name} and ${plural(lost.length - 1, 'other site')}`;
  const what = `the running ${zeros} 0 in every channel of ${where}: never trained, or lost`;
  if (lost.every(({ init }) => init === 'calibrate')) {
    return `${what}. γ and β were solved from the data, to match a source that divides by √ε there`;
  }
  const { data } = normNamed(norm);
  const remedy = data === 'unused' ? '' : data === 'optional' ? '. Solve γ and β from data: --calibrate DIR' : '';
  return `${what}. The source divides by √ε there, and γ and β solved from such statistics are meaningless${remedy}`;
}

/** Whether the running statistics of a site were never trained, or were lost: σ² is 0 in every channel. */
export function lostStatistics({ site }: Plan['sites'][number]): boolean {
  return site.statistics.variance.length > 0 && site.statistics.variance.every((value) => value === 0);
}

/** So many names are told. */
const NAMED = 3;

/** What trains in the program that the model is for; `undefined` if that is not known. */
export function trainsNote({ trains, sites }: Plan): string | undefined {
  if (trains === undefined || sites.length === 0) return undefined;
  const { reader, parameters, buffers } = trains;
  const isFolded = sites.every(({ form }) => form === 'fold');
  const own = isFolded ? '' : `γ and β of ${plural(sites.length, 'norm')}, and `;
  const what = `in ${reader}, ${own}${plural(parameters.length, 'other tensor')} of Conv, Gemm and norms train`;
  if (buffers.length === 0) return what;
  const names = buffers.slice(0, NAMED).join(', ') + (buffers.length > NAMED ? ', …' : '');
  return `${what}; not ${plural(buffers.length, 'tensor')} of MatMul, Mul, Add and PRelu, which become buffers: ${names}`;
}

/** A remark on a source whose nodes do not stand in the order that the format asks for; `undefined` where they do. */
export function earlyNote({ early = 0 }: Plan): string | undefined {
  if (early === 0) return undefined;
  const read = early === 1 ? 'reads' : 'read';
  return `${plural(early, 'node')} of the source ${read} a value before it is produced, as float16 converters write them; the written file is in order`;
}

/** A remark on norms that an exporter folded into their Conv before, and that a swap of the others leaves there. */
export function foldedNote({ command, plan, foldedConv = 0, typed = [] }: Outcome): string | undefined {
  if (command !== 'swap' || plan === undefined || foldedConv === 0) return undefined;
  const there = foldedConv === 1 ? 'To add a norm there too' : 'To add norms there too';
  return `${foldedWords(foldedConv)}. ${there}: --sites all${typed.includes('--calibrate') ? '' : ' --calibrate DIR'}`;
}

/** How many norms are left as they were; Conv that are no candidates do not count. */
export function countLeft({ refusals }: Plan): number {
  return refusals.filter(({ code }) => !NO_NORM.has(code)).length;
}

/** What re-estimating did, to follow the inputs that it was done on; `undefined` where nothing was re-estimated. */
export function movedText({ moved }: CalibrationFacts): string | undefined {
  if (moved === undefined) return undefined;
  const { shift, spread } = moved;
  return `μ moved by ${shift.toPrecision(2)} σ and σ changed by a factor of ${spread.toPrecision(3)} (medians over channels)`;
}

/** Which inputs verification ran on. */
export function fedOn({ inputs, inputDims, seed }: Verification, calibration: CalibrationFacts | undefined): string {
  const dims = Object.entries(inputDims).map(([name, list]) => `${name} [${list.join(', ')}]`);
  const given = calibration?.measured ? 'calibration inputs' : 'the given inputs';
  return `${inputs === 'made' ? `random input (seed ${seed})` : given}: ${dims.join(', ')}`;
}

/** Which inputs drift was measured on, to follow `drift from the source`. */
export function driftedOn(
  calibration: CalibrationFacts | undefined,
  inputs: Verification['inputs'],
  plan?: Plan,
): string {
  if (inputs === 'made') {
    if (plan !== undefined && normNamed(plan.norm).data === 'unused')
      return ' (random input; --inputs FILE.npz uses real input)';
    return calibration === undefined
      ? ' (random input says nothing about accuracy; use --calibrate DIR)'
      : ' (random input says nothing about accuracy; use --inputs FILE.npz)';
  }
  if (!calibration?.measured) return ' on the given inputs';
  const { heldOut } = calibration;
  return heldOut === 0
    ? ' on the one input that was also used for solving'
    : ` on ${plural(heldOut, 'held-out input')}`;
}

/** The same for a file that was checked. */
export function comparedOn(inputs: Verification['inputs'] | undefined): string {
  return inputs === 'made'
    ? ' on random input, which says nothing about accuracy; use --inputs FILE.npz'
    : ' on the given inputs';
}
