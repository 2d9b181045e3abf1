/** Writes docs/gradient-operators.md from the registry of gradient rules: `npm run docs:gradients`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Gradient } from '../src/operators/gradient-rule.ts';
import { FAMILIES } from '../src/operators/gradients.ts';
import { REFUSED } from '../src/operators/recurrent/gradient.ts';

/** The page that {@link renderOperators} is written to. */
export const GRADIENT_PAGE = fileURLToPath(new URL('../docs/gradient-operators.md', import.meta.url));

const INTRODUCTION = `# Operators with a gradient

<!-- Written by \`npm run docs:gradients\` from src/operators; a test fails if the two differ. -->

\`gn-swap gradient\` passes these operators of the standard domain, at opsets 7 to 26. A node that is set to what its row excludes is
refused by name, with the reason, and only if it lies between a trained parameter and the loss. See [gradient.md](gradient.md).

- **linear**: linear in each float input by itself. Proven by the adjoint identity ⟨J u, v⟩ = ⟨u, Jᵀ v⟩ with random u and v.
- **smooth**: smooth almost everywhere. Proven by differences in float64.
- **ends**: no gradient goes through. Its slope is 0 wherever it has one, or its output is not a float.
- **refused**: it has a gradient, but gn-swap does not write it.
`;

/** Of operators that are written out step by step before gradients are taken. */
const STEPS = 'written out step by step, up to 1,024 steps; usual activations, all sequences of one length, no clip';

/** What a rule does not cover, or how it chooses where a slope is not unique; by operator. */
export const LIMITS: Readonly<Record<string, string>> = {
  BatchNormalization: 'in inference, linear; in training mode with the gradient of the batch statistics',
  Clip: 'passes where the input is unchanged; computed bounds get the rest',
  Dropout: 'in inference it passes its input on; in training it needs a constant ratio',
  Einsum: 'without an ellipsis, and without a label that comes twice in one input',
  GRU: STEPS,
  Gather: 'indices may be computed; then rows are added on one thread',
  LSTM: `${STEPS}, no peepholes, no coupled gates`,
  Max: 'equal largest inputs share the gradient',
  Min: 'equal smallest inputs share the gradient',
  Mod: 'of floats, with fmod',
  Pad: 'constant pads; a mode other than constant may not cut at the same time',
  PRelu: 'input and slope',
  Pow: 'constant and computed exponents',
  RNN: STEPS,
  ReduceMax: 'equal largest elements share the gradient',
  ReduceMin: 'equal smallest elements share the gradient',
  ReduceProd: 'also of zeros',
  ReduceL2: 'the gradient of a norm of 0 is 0',
  RoiAlign: 'of the feature map, mode avg; the gradient ends at the regions, as in PyTorch',
  ScatterElements: 'reduction none and add',
  ScatterND: 'reduction none and add',
  Sigmoid:
    'ONNX Runtime computes it to 6e-8 of 1, so a score of 1e-5 has a gradient with two digits: take the loss before it',
  Slice: 'constant starts, axes and steps; any step',
  TopK: 'of the values',
};

/** The text of docs/gradient-operators.md. */
export function renderOperators(): string {
  const sections = Object.entries(FAMILIES).map(([family, rules]) => {
    const rows = Object.entries(rules)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, rule]) => `| ${name} | ${kindOf(name, rule)} | ${REFUSED[name] ?? LIMITS[name] ?? ''} |`);
    const title = `${family[0]?.toUpperCase()}${family.slice(1)}`;
    return `## ${title}\n\n| operator | gradient | limits |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function kindOf(name: string, rule: Gradient): string {
  if (name in REFUSED) return 'refused';
  if ('ends' in rule) return 'ends';
  return rule.proof === 'linear' ? 'linear' : 'smooth';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(GRADIENT_PAGE, renderOperators());
