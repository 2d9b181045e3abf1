/** Precision at each recall, of detectors: what it costs to find more. */
import type { ClassScore } from '../../train/types.ts';
import { classNamed } from '../answer-words.ts';
import type { Block, Chart } from '../blocks.ts';
import { figure } from '../figures.ts';
import type { Section } from './types.ts';

/** More small charts than this are not looked at. */
const MOST_CLASSES = 12;

export const precision: Section = {
  name: 'precision',
  title: 'Precision and recall',
  wide: true,
  blocks({ finetune }) {
    const [before, after] = [curvesOf(finetune?.before?.classes), curvesOf(finetune?.after?.classes)];
    const labels = [...new Set([...after.keys(), ...before.keys()])].sort((a, b) => a - b);
    if (finetune === undefined || labels.length === 0) return [];
    const chart = (title: string, from: readonly number[][], to: readonly number[][], small: boolean): Chart => {
      const [a, b] = [pointsOf(from), pointsOf(to)];
      const told = [
        ...(a.length === 0 ? [] : [`${figure(areaOf(a))} before`]),
        ...(b.length === 0 ? [] : [`${figure(areaOf(b))} after`]),
      ];
      return {
        kind: 'chart',
        title,
        description: `Precision at each recall, at an overlap of 0.5, on held-out samples. The area is AP50: ${told.join(', ')}.`,
        legend: ['before', 'after'],
        small,
        options: (Plot, colour) => ({
          ...(small ? { width: 150, height: 130, marginLeft: 30, marginBottom: 26, marginTop: 14 } : {}),
          x: { label: small ? null : 'recall', domain: [0, 1], ticks: small ? [0, 1] : 5 },
          y: { label: small ? null : 'precision', domain: [0, 1], grid: true, ticks: small ? [0, 1] : 5 },
          marks: [
            Plot.lineY(a, { x: 'recall', y: 'precision', stroke: colour.first, strokeWidth: 2 }),
            Plot.lineY(b, { x: 'recall', y: 'precision', stroke: colour.second, strokeWidth: 2 }),
          ],
        }),
      };
    };
    const blocks: Block[] = [chart('All classes', [...before.values()], [...after.values()], false)];
    if (labels.length === 1) return blocks;
    for (const label of labels.slice(0, MOST_CLASSES)) {
      const own = (curves: ReadonlyMap<number, number[]>) => [curves.get(label)].filter((it) => it !== undefined);
      blocks.push(chart(classNamed(label, finetune.classes), own(before), own(after), true));
    }
    return blocks;
  },
};

function curvesOf(classes: readonly ClassScore[] | undefined): Map<number, number[]> {
  return new Map(
    (classes ?? []).flatMap(({ label, curve }) => (curve === undefined ? [] : [[label, [...curve]] as const])),
  );
}

/** The mean of curves, point by point. */
function pointsOf(curves: readonly (readonly number[])[]): { recall: number; precision: number }[] {
  const [first = []] = curves;
  return first.map((_, at) => ({
    recall: at / (first.length - 1),
    precision: curves.reduce((sum, curve) => sum + (curve[at] ?? 0), 0) / curves.length,
  }));
}

function areaOf(points: readonly { readonly precision: number }[]): number {
  return points.reduce((sum, it) => sum + it.precision, 0) / points.length;
}
