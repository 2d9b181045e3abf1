/** How long the whole model takes in each form. */
import type { Block } from '../blocks.ts';
import { figure } from '../figures.ts';
import { proofOf } from '../proof.ts';
import type { Section } from './types.ts';

export const latency: Section = {
  name: 'latency',
  title: 'Latency',
  wide: false,
  blocks(outcome) {
    const verification = proofOf(outcome);
    const { latency: measured, latencyNote } = verification?.observed ?? {};
    const blocks: Block[] = [];
    if (measured !== undefined) {
      const { timings, rounds, machine } = measured;
      const source = timings[0]?.median ?? Number.NaN;
      const told = timings.map(({ name, median }) => `${name} ${figure(median)} ms`).join(', ');
      blocks.push({
        kind: 'chart',
        title: 'Milliseconds of the whole model by form',
        description: `Median and quartiles of ${rounds} runs each, in turns, measured on this machine (${machine}): ${told}.`,
        options: (Plot, colour) => ({
          height: 60 + 30 * timings.length,
          marginLeft: 130,
          marginRight: 56,
          x: { label: 'ms', grid: true, zero: true },
          y: { label: null, domain: timings.map(({ name }) => name) },
          marks: [
            Plot.barX(timings, {
              x: 'median',
              y: 'name',
              fill: (it) => (it === timings[0] ? colour.first : colour.second),
            }),
            Plot.ruleY(timings, { x1: 'lower', x2: 'upper', y: 'name', stroke: 'currentColor', strokeWidth: 1.5 }),
            Plot.text(timings, {
              x: 'upper',
              y: 'name',
              dx: 5,
              textAnchor: 'start',
              text: (it) => `${(it.median / source).toFixed(2)} ×`,
            }),
            Plot.ruleX([0]),
          ],
        }),
      });
    }
    if (latencyNote !== undefined) blocks.push({ kind: 'text', text: `Latency: ${latencyNote}.` });
    return blocks;
  },
};
