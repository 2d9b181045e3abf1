/** Gradients of operators that work on each element by itself, with broadcasting. */
import { ends, type Gradients, linear } from '../gradient-rule.ts';
import { ACTIVATIONS, SPELLINGS } from './activations.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { FUNCTIONS } from './functions.ts';
import { unary } from './slope.ts';

/** Steps: their slope is 0 wherever they have one. */
const STEPS = ['Sign', 'Floor', 'Ceil', 'Round', 'Hardmax'];

/** Answers that are no floats, or of what is none. */
const ANSWERS = [
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
  'Xor',
  'Not',
  'IsNaN',
  'IsInf',
];

const BITS = ['BitShift', 'BitwiseAnd', 'BitwiseNot', 'BitwiseOr', 'BitwiseXor'];

/** Cast to another float type; to an integer there is none. */
const cast = linear((g, dy) => [g.op('Cast', [dy], { to: g.type(g.input(0)) })]);

export const elementwise: Gradients = {
  ...Object.fromEntries(
    Object.entries({ ...FUNCTIONS, ...ACTIVATIONS }).map(([name, slope]) => [
      name,
      { ...unary(slope), ...(name in SPELLINGS ? { spelling: SPELLINGS[name] } : {}) },
    ]),
  ),
  ...ARITHMETIC,
  Cast: cast,
  CastLike: cast,
  ...Object.fromEntries([...STEPS, ...ANSWERS, ...BITS].map((name) => [name, ends])),
};
