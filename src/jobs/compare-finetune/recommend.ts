/**
 * Scores of rows → one piece of advice. Rows whose ranges overlap cannot be told apart, and of those the simplest is advised: no training is
 * simpler than training, and training the file as it is is simpler than a swap.
 *
 * The range of a row goes from its lowest score over the seeds to its highest. Which samples are measured on is chance, too, so both ends move outwards
 * by half the standard error √(p(1−p)/n) of a mean score p on n samples. They move by all of it if the seeds tell nothing of chance: there is one seed, or
 * all seeds score the same, as they do if no epoch is better than the model before training.
 */
import { ROWS, type Row, type RowName } from './rows.ts';

/** A row that has scores. */
export interface Scored {
  readonly name: RowName;
  /** One a seed, from 0 to 1 at best; higher is better. */
  readonly scores: readonly number[];
}

/** What to do. */
export interface Advice {
  /** `swap` the norms and train; train the `file` as it is; re-estimate `statistics` and train; `none`: do not train. */
  readonly do: 'swap' | 'file' | 'statistics' | 'none';
  readonly row: RowName;
  /** Whether that row is the best by more than chance, or simpler than rows that are no better by more than chance. */
  readonly isClear: boolean;
  /** Rows that can't be told from the best. */
  readonly tied: readonly RowName[];
  readonly sentence: string;
}

const DO = { none: 'none', source: 'file', statistics: 'statistics', swap: 'swap' } as const;

interface Ranked {
  readonly row: Row;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Advises.
 *
 * @param measure what scores are
 * @param samples how many each score is of
 * @returns undefined if there are no scores
 */
export function recommend(scored: readonly Scored[], measure: string, samples: number): Advice | undefined {
  const ranked = ROWS.flatMap((row) => {
    const own = scored.find(({ name }) => name === row.name);
    return own === undefined || own.scores.length === 0 ? [] : [rankOf(row, own.scores, samples)];
  });
  // Of equal means the simplest is first.
  const best = ranked.reduce<Ranked | undefined>((a, b) => (a === undefined || b.mean > a.mean ? b : a), undefined);
  if (best === undefined) return undefined;
  const tied = ranked.filter((it) => it !== best && it.high >= best.low);
  const [simplest = best] = ranked.filter((it) => it === best || tied.includes(it));
  const isAlone = ranked.length === 1 && best.row.kind !== 'none';
  const isClear = simplest === best && !isAlone;
  const one = scored.every(({ scores }) => scores.length < 2) ? ' One seed tells little: use --seeds 3.' : '';
  return {
    do: DO[simplest.row.kind],
    row: simplest.row.name,
    isClear,
    tied: tied.map(({ row }) => row.name),
    sentence: isAlone
      ? alone(best, measure)
      : `${isClear ? clear(best, ranked, measure) : unclear(simplest, best, measure)}${one}`,
  };
}

/** A row with what its model scores before training. */
export interface Started extends Scored {
  /** Null if it is not known. */
  readonly before: number | null;
}

/**
 * Tells of a rewritten model that scores more than the source before training, and as much as any row after it: the rewrite pays then, and
 * training does not.
 *
 * @returns undefined if there is none
 */
export function untrainedNote(rows: readonly Started[], measure: string): string | undefined {
  const known = rows.flatMap(({ name, before, scores }) => {
    const row = ROWS.find((it) => it.name === name);
    return row === undefined || before === null || scores.length === 0 ? [] : [{ row, before, scores }];
  });
  const rewritten = known.filter(({ row }) => row.kind === 'statistics' || row.kind === 'swap');
  const best = rewritten.reduce<(typeof known)[number] | undefined>(
    (a, b) => (a && a.before >= b.before ? a : b),
    undefined,
  );
  if (best === undefined) return undefined;
  const source = known.filter((it) => !rewritten.includes(it)).map(({ before }) => before);
  const after = known.map(({ scores }) => scores.reduce((sum, score) => sum + score, 0) / scores.length);
  if (source.length === 0 || best.before <= Math.max(...source) || best.before < Math.max(...after)) return undefined;
  return `${best.row.title}: ${measure} ${best.before.toFixed(3)} before training (the file as it is ${Math.max(...source).toFixed(3)}), and no row scores more after it. The rewrite alone may be enough`;
}

function rankOf(row: Row, scores: readonly number[], samples: number): Ranked {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const share = Math.min(1, Math.max(0, mean));
  const error = Math.sqrt((share * (1 - share)) / Math.max(1, samples));
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const slack = most > least ? error / 2 : error;
  return { row, mean, low: least - slack, high: most + slack };
}

function clear(best: Ranked, ranked: readonly Ranked[], measure: string): string {
  const { row } = best;
  const others = ranked.filter((it) => it !== best);
  const bestOf = (isMeant: (it: Ranked) => boolean) =>
    others.filter(isMeant).toSorted((a, b) => b.mean - a.mean)[0] as Ranked | undefined;
  const told = `${measure} ${figure(best)}`;
  const against = (other: Ranked | undefined) => (other === undefined ? '' : `, ${other.row.title} ${figure(other)}`);
  if (row.kind === 'none')
    return `Do not train: no row scores above the model as it is (${told}${against(bestOf(() => true))}).`;
  if (row.kind === 'swap') {
    return `Swap and train: ${row.title} (${told}${against(bestOf((it) => it.row.kind !== 'swap'))}).`;
  }
  const swap = against(bestOf((it) => it.row.kind === 'swap'));
  if (row.kind === 'statistics') return `Do not swap: re-estimate the running statistics, then train (${told}${swap}).`;
  return `Do not swap: train the file as it is, ${row.title} (${told}${swap}).`;
}

/** Nothing can be advised against nothing. */
function alone(only: Ranked, measure: string): string {
  return `Only ${only.row.title} has a score (${measure} ${figure(only)}), so nothing says whether it pays. Compare it: --rows none,${only.row.name === 'bn-frozen' ? '' : 'bn-frozen,'}${only.row.name}.`;
}

function unclear(simplest: Ranked, best: Ranked, measure: string): string {
  const tie = `Can’t tell ${simplest.row.title} from ${best.row.title}: their ranges overlap (${measure} ${figure(simplest)}, ${figure(best)})`;
  if (simplest.row.kind === 'none') return `${tie}, so do not train.`;
  if (simplest.row.kind === 'swap') return `${tie}, so use the simpler one, ${simplest.row.title}.`;
  return `${tie}, so do not swap; use ${simplest.row.title}.`;
}

function figure({ mean }: Ranked): string {
  return mean.toFixed(3);
}
