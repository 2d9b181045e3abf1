/** What was written for training, and what is trained, as text. */
import type { Outcome } from '../jobs/outcome.ts';
import { plural } from '../words.ts';
import { bytes, grouped, printable, table } from './format.ts';

const SHOWN = 12;

/** The tensors that are trained, those that are left, and what a reader must know. */
export function gradientLines(
  { parameters, notes, byInputs, proof }: NonNullable<Outcome['gradient']>,
  verbose: boolean,
): string[] {
  const taken = parameters.filter((it) => it.taken);
  const left = parameters.filter((it) => !it.taken);
  const numbers = taken.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
  const rows = (list: typeof parameters) =>
    list.map(({ name, dims, why }) => [printable(name), dims.join(' × ') || 'one number', printable(why)]);
  const shown = (list: typeof parameters) => (verbose ? list : list.slice(0, SHOWN));
  const more = (list: typeof parameters) =>
    list.length > shown(list).length ? [`  and ${list.length - shown(list).length} more (--verbose lists them)`] : [];
  const lines = [`${plural(taken.length, 'tensor')} trained, ${grouped(numbers)} numbers`];
  if (taken.length > 0) lines.push(...table([['name', 'size', 'what it is'], ...rows(shown(taken))]), ...more(taken));
  if (byInputs.length > 0)
    lines.push(`differentiated by ${plural(byInputs.length, 'input')}: ${byInputs.map(printable).join(', ')}`);
  if (left.length > 0) {
    lines.push('', `${plural(left.length, 'tensor')} left`);
    lines.push(...table([['name', 'size', 'why'], ...rows(shown(left))]), ...more(left));
  }
  if (proof !== null) lines.push('', ...proofLines(proof));
  if (notes.length > 0) lines.push('', ...notes.map((note) => `note: ${printable(note)}`));
  return lines;
}

type Proof = NonNullable<NonNullable<Outcome['gradient']>['proof']>;

function proofLines({ nodes, kinds, error, worst, untried, outputs }: Proof): string[] {
  const where = worst === '' ? '' : ` (${printable(worst)})`;
  const tried = `✓ rules: ${plural(nodes, 'node')}, ${kinds} that differ, tried by themselves; largest error ${error.toExponential(1)}${where}`;
  const left = untried.length === 0 ? [] : [`– not tried, for lack of a float64 kernel: ${untried.join(', ')}`];
  return [
    tried,
    ...left,
    `✓ run once: outputs are the source's within ${outputs.toExponential(1)}, gradients are finite`,
  ];
}

/** The files, and what to do with them. */
export function gradientSummary({ output, outputBytes = 0, gradient }: Outcome): string[] {
  if (output === undefined || gradient === undefined) return [];
  return [
    `wrote ${printable(output)}, ${bytes(outputBytes)}: ${plural(gradient.nodes, 'node')}, opset ${gradient.opset}`,
    `wrote ${printable(gradient.init)}, ${bytes(gradient.initBytes)}: run it once; its outputs are the first values of the inputs of that name`,
  ];
}
