/** How far each output is from the source's. */
import { MAP_THRESHOLD } from '../../measure/drift.ts';
import type { Block } from '../blocks.ts';
import { figure, percent, ratio } from '../figures.ts';
import { driftOf, proofOf } from '../proof.ts';
import { comparedOn, driftedOn } from '../wording.ts';
import type { Section } from './types.ts';

/** More bars than this can't be read. */
const MOST_BARS = 30;

export const drift: Section = {
  name: 'drift',
  title: 'Drift of the outputs',
  wide: true,
  blocks(outcome) {
    const { calibration, plan, check } = outcome;
    const verification = proofOf(outcome);
    const list = driftOf(outcome);
    if (verification === undefined || list.length === 0) return [];
    const { inputs } = verification;
    const on = check === undefined ? driftedOn(calibration, inputs, plan) : comparedOn(inputs);
    const rows = list.map(({ output, dims, max, mean, relative, cosine, sqnr, argmax, overlap }) => ({
      cells: [
        ...[output, `[${dims.join(', ')}]`, figure(max), figure(mean), figure(relative), ratio(cosine)],
        ...[sqnr === null ? 'none differs' : `${figure(sqnr)} dB`, percent(argmax), percent(overlap)],
      ],
    }));
    const numeric = (label: string) => ({ label, numeric: true });
    const blocks: Block[] = [
      {
        kind: 'table',
        caption: `Drift from the source${on}`,
        columns: [
          ...[{ label: 'output' }, { label: 'shape' }],
          ...['max', 'mean', 'relative', 'cosine', 'SQNR', 'same argmax', `overlap at ${MAP_THRESHOLD}`].map(numeric),
        ],
        rows,
      },
    ];
    const bars = list.filter(({ relative }) => Number.isFinite(relative)).slice(0, MOST_BARS);
    if (bars.length > 1) {
      blocks.push({
        kind: 'chart',
        title: 'Relative drift of each output',
        description: `${bars.map(({ output, relative }) => `${output} ${figure(relative)}`).join(', ')}.`,
        options: (Plot, colour) => ({
          height: 50 + 22 * bars.length,
          marginLeft: 14 + 6.8 * Math.max(...bars.map(({ output }) => shortened(output).length)),
          x: { label: 'relative drift', grid: true },
          y: {
            label: null,
            domain: bars.map((_, index) => index),
            tickFormat: (index: number) => shortened(bars[index]?.output ?? ''),
          },
          marks: [
            Plot.barX(bars, { x: 'relative', y: (_, index) => index, fill: colour.first, title: 'output' }),
            Plot.ruleX([0]),
          ],
        }),
      });
    }
    return blocks;
  },
};

function shortened(name: string): string {
  return name.length > 18 ? `…${name.slice(-17)}` : name;
}
