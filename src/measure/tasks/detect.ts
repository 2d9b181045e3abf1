/**
 * Boxes: recall and precision of the source's boxes.
 *
 * 1. A box counts if its score is at least 0.25. Where the graph has no non-maximum suppression, it is done here, class by class.
 * 2. Boxes are of the same object if they have the same class and overlap by at least 0.5.
 * 3. Recall is the share of the source's boxes that the rewritten model finds; precision the share of its boxes that the source
 *    finds too. What is kept is the smaller one: a model that sees boxes everywhere has a recall of 1.
 * 4. Masks and keypoints of matched boxes count too: see boxes/beside.ts.
 */
import { BesideMeter } from '../boxes/beside.ts';
import type { Detection } from '../boxes/box.ts';
import { decodingOf } from '../boxes/decoding.ts';
import { matchAnchors, matchBoxes, type Pair } from '../boxes/match.ts';
import { type Decoding, detectionsOf, FOUND } from '../boxes/read.ts';
import { rolesOf } from '../boxes/roles/index.ts';
import type { Roles } from '../boxes/roles/types.ts';
import { suppress } from '../boxes/suppress.ts';
import type { Answers, Claim, Measured, Meter, Task } from './types.ts';

export const detect: Task = {
  name: 'detect',
  measures: `recall and precision of the source’s boxes with a score of ${FOUND} or more`,
  find(outputs, context, asked): Claim[] {
    const roles = rolesOf(outputs, context, asked);
    if (roles === undefined) return [];
    const { inputs, source } = context.first;
    const decoding = decodingOf(source, inputs, roles, context.options);
    if (decoding === undefined) return [];
    const used = [...roles.boxes, ...roles.scores, roles.labels, roles.pictures].flatMap((it) => it?.output ?? []);
    const hasRows = roles.rows === 'found' && roles.boxes.every(({ layout }) => layout === 'rc');
    const beside = new BesideMeter(hasRows ? outputs.filter(({ name }) => roles.beside.includes(name)) : []);
    return [
      {
        outputs: [...new Set([...used, ...beside.outputs])],
        beside: roles.beside,
        why: `${roles.why}; read as ${describe(decoding)}`,
        meter: new BoxMeter(roles, decoding, beside),
      },
    ];
  },
};

function describe({ format, grid, score }: Decoding): string {
  const scores = score === 'none' ? 'no scores' : score === 'probability' ? 'probabilities' : `logits of a ${score}`;
  return `${format}${grid === undefined ? '' : grid.isPixels ? ' in pixels' : ' in cells'}, ${scores}`;
}

class BoxMeter implements Meter {
  readonly #roles: Roles;
  readonly #decoding: Decoding;
  readonly #beside: BesideMeter;
  #expected = 0;
  #found = 0;
  #matched = 0;
  #before = 0;
  #after = 0;
  #top = 0;
  #unreadable = false;

  constructor(roles: Roles, decoding: Decoding, beside: BesideMeter) {
    this.#beside = beside;
    this.#roles = roles;
    this.#decoding = decoding;
  }

  add({ inputs, source, rewritten }: Answers): void {
    const lists = [source, rewritten].map((values) => detectionsOf(values, inputs, this.#roles, this.#decoding));
    const [before, after] = lists;
    if (before === undefined || after === undefined) {
      this.#unreadable = true;
      return;
    }
    this.#top = Math.max(this.#top, before.top);
    for (let picture = 0; picture < Math.max(before.pictures.length, after.pictures.length); picture++) {
      const pairs = this.#compare(before.pictures[picture] ?? [], after.pictures[picture] ?? []);
      this.#beside.add(pairs, source, rewritten);
    }
  }

  #compare(before: readonly Detection[], after: readonly Detection[]): readonly Pair[] {
    // Without the anchors themselves, boxes of two of them can't be compared, so none is suppressed.
    const isPlaced = this.#decoding.format === 'anchors';
    const isWhole = isPlaced || this.#roles.rows === 'found' || this.#decoding.score === 'none';
    const [a, b] = isWhole ? [before, after] : [suppress(before), suppress(after)];
    const pairs = (isPlaced ? matchAnchors : matchBoxes)(a, b);
    this.#expected += a.length;
    this.#found += b.length;
    this.#matched += pairs.length;
    for (const [source, rewritten] of pairs) {
      this.#before += source.score;
      this.#after += rewritten.score;
    }
    return pairs;
  }

  result(): Measured {
    const ratio = (of: number) => (of === 0 ? null : this.#matched / of);
    const [recall, precision] = [ratio(this.#expected), ratio(this.#found)];
    const mean = (sum: number) => (this.#matched === 0 || Number.isNaN(sum) ? null : sum / this.#matched);
    const [before, after] = [mean(this.#before), mean(this.#after)];
    const { masks, keypoints } = this.#beside.result();
    const figures = {
      recall,
      precision,
      boxes: this.#expected,
      found: this.#found,
      scoreBefore: before,
      scoreAfter: after,
      topScore: Number.isNaN(this.#top) ? null : this.#top,
      ...(masks === null ? {} : { masks }),
      ...(keypoints === null ? {} : { keypoints }),
    };
    if (this.#unreadable)
      return { kept: null, detail: 'the output shapes differ from those of the first run', figures };
    if (this.#expected === 0 && this.#found === 0) {
      return { kept: null, detail: 'neither model detects anything, so there is nothing to compare', figures };
    }
    if (this.#expected === 0) {
      return { kept: 0, detail: `the source finds no box, the new model ${this.#found}`, figures };
    }
    const parts = [
      `recall ${recall?.toFixed(3)}`,
      `precision ${precision?.toFixed(3) ?? '–'} of ${this.#expected} boxes`,
      ...(before === null || after === null ? [] : [`mean score ${before.toFixed(3)} → ${after.toFixed(3)}`]),
      ...(masks === null ? [] : [`masks overlap by ${masks.toFixed(3)}`]),
      ...(keypoints === null ? [] : [`${keypoints.toFixed(3)} of keypoints in place`]),
    ];
    return {
      kept: Math.min(recall ?? 0, precision ?? 0, masks ?? 1, keypoints ?? 1),
      detail: parts.join(', '),
      figures,
    };
  }
}
