/** What to differentiate by: the words and patterns that a caller gives, and what they pick. */
import { GnSwapError } from '../errors.ts';
import { isFloat } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import type { Forward } from './forward.ts';
import type { Candidate } from './parameters.ts';

/** A candidate, and whether it is trained. */
export interface Choice extends Candidate {
  readonly taken: boolean;
}

/** How words were typed. */
export interface TypedOptions {
  /** The option that the words were typed with: `--wrt` takes all of them; beside `--train`, those to leave out are typed with `--freeze`. `--wrt`. */
  readonly chosenBy?: '--wrt' | '--train' | undefined;
}

export type ChosenBy = NonNullable<TypedOptions['chosenBy']>;

/** A word as it was typed, and its option. */
interface Typed {
  readonly node: string;
  readonly word: string;
}

/** What {@link choose} picked. */
export interface Chosen {
  readonly parameters: readonly Choice[];
  readonly inputs: readonly string[];
}

/**
 * - `all`: every parameter; `norms`: scale and bias of norms; `head`: parameters of the last layers; `inputs`: float inputs.
 * - Anything else is a regular expression over names: of parameters, and of other stored float tensors and inputs as well.
 * - Behind `!`, a word or pattern leaves out what it picks.
 * - Running statistics are never picked: they follow the data, and names such as `layer4` match them as well.
 *
 * @throws GnSwapError `invalid-arguments` if a pattern is broken or picks nothing
 */
export function choose(
  wrt: readonly string[],
  candidates: readonly Candidate[],
  forward: Forward,
  by: ChosenBy = '--wrt',
): Chosen {
  const inputs = forward.inputs.flatMap(({ name }) => (isFloat(forward.types.get(name)?.type) ? [name] : []));
  const statistics = statisticsOf(forward);
  const trainable = candidates.filter(({ name }) => !statistics.has(name));
  const picked = new Set<string>();
  const onlyLeft = wrt.every((word) => word.startsWith('!'));
  for (const word of onlyLeft ? ['all', ...wrt] : wrt) {
    const leaves = word.startsWith('!');
    const own = leaves ? word.slice(1) : word;
    const typed = by === '--wrt' ? { node: by, word } : { node: leaves ? '--freeze' : by, word: own };
    const names = pick(own, leaves ? candidates : trainable, inputs, typed);
    if (names.length === 0) throw nothing(typed, candidates);
    for (const name of names) {
      if (leaves) picked.delete(name);
      else picked.add(name);
    }
  }
  return {
    parameters: candidates.map((it) => ({ ...it, taken: picked.has(it.name) })),
    inputs: inputs.filter((name) => picked.has(name)),
  };
}

function statisticsOf({ nodes }: Forward): ReadonlySet<string> {
  const norms = nodes.filter(({ opType, domain }) => opType === 'BatchNormalization' && normalDomain(domain) === '');
  return new Set(norms.flatMap(({ input }) => input.slice(3, 5)));
}

function pick(word: string, candidates: readonly Candidate[], inputs: readonly string[], typed: Typed): string[] {
  const parameters = candidates.filter(({ role }) => role !== undefined);
  const namesOf = (list: readonly Candidate[]) => list.map(({ name }) => name);
  switch (word) {
    case 'all':
      return namesOf(parameters);
    case 'norms':
      return namesOf(parameters.filter(({ ofNorm }) => ofNorm));
    case 'head':
      return namesOf(parameters.filter(({ inHead }) => inHead));
    case 'inputs':
      return [...inputs];
    default: {
      const pattern = compiled(word, typed);
      return [...namesOf(candidates), ...inputs].filter((name) => pattern.test(name));
    }
  }
}

function compiled(word: string, { node }: Typed): RegExp {
  try {
    return new RegExp(word);
  } catch (cause) {
    const inputs = node === '--wrt' ? 'inputs, ' : '';
    throw new GnSwapError('invalid-arguments', `${JSON.stringify(word)} is not a regular expression`, {
      node,
      remedy: `Use all, norms, head, ${inputs}or a regular expression over tensor names`,
      cause,
    });
  }
}

function nothing({ node, word }: Typed, candidates: readonly Candidate[]): GnSwapError {
  const some = candidates
    .filter(({ role }) => role !== undefined)
    .slice(0, 3)
    .map(({ name }) => name);
  const known =
    some.length === 0 ? 'The model has no stored parameters' : `Parameters are named like ${some.join(', ')}`;
  return new GnSwapError('invalid-arguments', `${JSON.stringify(word)} matches no parameter`, {
    node,
    remedy: known,
  });
}
