/** What a model answered to one sample, in words. */
import type { Answer, AnsweredBox } from '../train/types.ts';
import { figure, percent } from './figures.ts';

/** Numbers of a sample that are listed. */
const MOST_VALUES = 4;

/** The name of a class; boxes may be of a class that the data has not. */
export function classNamed(label: number, classes: readonly string[] | null): string {
  return label < 0 ? 'another class' : (classes?.[label] ?? String(label));
}

/** The name of what a box is around. */
export function boxNamed({ label, name }: AnsweredBox, classes: readonly string[] | null): string {
  return name ?? classNamed(label, classes);
}

/** `cat 98.1 %`, `2 × star, ring`, `road 61.0 %, sky 39.0 % of the pixels`, `age 31.2`. */
export function answerWords(answer: Answer | null, classes: readonly string[] | null): string {
  if (answer === null) return '–';
  switch (answer.kind) {
    case 'class': {
      const chance = answer.chance === undefined ? '' : ` ${percent(answer.chance)}`;
      return `${classNamed(answer.label, classes)}${chance}`;
    }
    case 'boxes': {
      const counts = countsOf(answer.boxes.map((box) => boxNamed(box, classes)));
      const parts = counts.map(([name, count]) => `${count > 1 ? `${count} × ` : ''}${name}`);
      return parts.length === 0 ? 'nothing' : parts.join(', ');
    }
    case 'map': {
      const labels = [...answer.labels].filter((label) => label >= 0);
      if (labels.length === 0) return 'no pixel has a label';
      const parts = countsOf(labels).map(
        ([label, count]) => `${classNamed(label, classes)} ${percent(count / labels.length)}`,
      );
      return `${parts.slice(0, MOST_VALUES).join(', ')} of the pixels`;
    }
    default:
      return Object.entries(answer.values)
        .flatMap(([name, values]) =>
          values
            .slice(0, MOST_VALUES)
            .map((value, at) => `${name}${values.length > 1 ? `[${at}]` : ''} ${figure(value)}`),
        )
        .slice(0, MOST_VALUES)
        .join(', ');
  }
}

/** How often each is there, the most frequent first. */
function countsOf<T extends string | number>(all: readonly T[]): [it: T, count: number][] {
  const counts = new Map<T, number>();
  for (const it of all) counts.set(it, (counts.get(it) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
