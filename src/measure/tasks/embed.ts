/**
 * Embeddings: cosine of the two models' vectors, mean over the inputs.
 *
 * Vectors of one model often lie in a narrow cone, so that any two of them have a cosine of 0.9. So both are taken from the mean of
 * the source's vectors: what is compared is what tells one input from another. The plain cosine is told too.
 */
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf } from '../../runtime/session.ts';
import type { Answers, Claim, Context, Measured, Meter, Output, Task } from './types.ts';

const EMBEDDING = /embed|feat|descriptor|(?:^|[^a-z])(?:emb|vector|fc1)(?:$|[^a-z])/i;
/** An embedding has at least as many numbers. */
const NARROWEST = 32;
/** Numbers that are kept to be compared. Embeddings are short, and held-out inputs few. */
const MOST = 1 << 22;

export const embed: Task = {
  name: 'embed',
  measures: 'cosine of embeddings, around the mean of the source’s',
  find(outputs, context, asked): Claim[] {
    return outputs.flatMap((output): Claim[] => {
      const why = asked ? 'asked for' : whyEmbedding(output, context);
      const isRow = isFloat(output.type) && output.dims.length >= 2;
      return why === undefined || !isRow ? [] : [{ outputs: [output.name], why, meter: new CosineMeter(output.name) }];
    });
  },
};

function whyEmbedding({ name, type, dims }: Output, { evidence }: Context): string | undefined {
  const width = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const isRow = dims.length === 2 || (dims.length === 4 && dims[2] === 1 && dims[3] === 1);
  if (!isFloat(type) || !isRow || width < NARROWEST) return undefined;
  const made = evidence.made(name, 1);
  if (made === 'unit') return 'its vectors are normalised to a length of 1';
  if (made === 'activation') return 'produced by a normalization or an activation, not by a classifier';
  return made !== 'softmax' && made !== 'sigmoid' && EMBEDDING.test(name) ? `named ${JSON.stringify(name)}` : undefined;
}

interface Row {
  readonly source: Float64Array;
  readonly rewritten: Float64Array;
}

class CosineMeter implements Meter {
  readonly #output: string;
  readonly #rows: Row[] = [];

  constructor(output: string) {
    this.#output = output;
  }

  add({ source, rewritten }: Answers): void {
    const [before, after] = [source[this.#output], rewritten[this.#output]];
    const [a, b] = [before && numbersOf(before), after && numbersOf(after)];
    if (before === undefined || a === undefined || b === undefined || a.length !== b.length) return;
    const width = before.dims.slice(1).reduce((product, dim) => product * dim, 1);
    for (let start = 0; start < a.length && (this.#rows.length + 1) * width <= MOST; start += width) {
      const row = (values: ArrayLike<number>) =>
        Float64Array.from({ length: width }, (_, i) => values[start + i] as number);
      this.#rows.push({ source: row(a), rewritten: row(b) });
    }
  }

  result(): Measured {
    const rows = this.#rows;
    const [first] = rows;
    const zero = new Float64Array(first?.source.length ?? 0);
    const plain = meanCosine(rows, zero);
    // The mean of one vector is itself.
    const centre =
      rows.length < 2 ? zero : Float64Array.from(zero, (_, i) => meanOf(rows.map(({ source }) => source[i] as number)));
    const own = meanCosine(rows, centre);
    const figures = { cosine: plain, centred: own, vectors: rows.length };
    if (own === null) {
      return {
        kept: null,
        detail: 'the source gives the same vector for every input, so there is nothing to compare',
        figures,
      };
    }
    const detail = `cosine ${own.toFixed(3)} around the mean of ${rows.length} vectors, ${plain?.toFixed(3)} around 0`;
    return { kept: Math.min(1, Math.max(0, own)), detail, figures };
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `null` if no vector of the source differs from the centre. A vector that the rewritten model leaves there counts as 0. */
function meanCosine(rows: readonly Row[], centre: Float64Array): number | null {
  const cosines = rows.flatMap(({ source, rewritten }) => {
    let [dot, a, b] = [0, 0, 0];
    for (let i = 0; i < centre.length; i++) {
      const [x, y] = [(source[i] as number) - (centre[i] as number), (rewritten[i] as number) - (centre[i] as number)];
      dot += x * y;
      a += x * x;
      b += y * y;
    }
    return a === 0 ? [] : [b > 0 ? dot / Math.sqrt(a * b) : 0];
  });
  return cosines.length === 0 ? null : meanOf(cosines);
}
