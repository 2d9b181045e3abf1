/** Gradients of mathematical functions of one number. */
import { minus, plus, product, type Slope } from './slope.ts';

/** 1 − y². */
const oneMinusSquare: (...at: [Parameters<Slope>[0], string]) => string = (g, y) => minus(g, 1, product(g, y, y));

/** f′ of each function f, times dy. */
export const FUNCTIONS: Readonly<Record<string, Slope>> = {
  Abs: (g, x, _, dy) => product(g, dy, g.op('Sign', [x])),
  Neg: (g, _, __, dy) => g.op('Neg', [dy]),
  Exp: (g, _, y, dy) => product(g, dy, y),
  Log: (g, x, _, dy) => g.op('Div', [dy, x]),
  Sqrt: (g, _, y, dy) => g.op('Div', [product(g, dy, 0.5), y]),
  Reciprocal: (g, _, y, dy) => g.op('Neg', [product(g, dy, product(g, y, y))]),
  Erf: (g, x, _, dy) => product(g, dy, g.op('Exp', [g.op('Neg', [product(g, x, x)])]), 2 / Math.sqrt(Math.PI)),
  Sin: (g, x, _, dy) => product(g, dy, g.op('Cos', [x])),
  Cos: (g, x, _, dy) => g.op('Neg', [product(g, dy, g.op('Sin', [x]))]),
  Tan: (g, _, y, dy) => product(g, dy, plus(g, product(g, y, y), 1)),
  Asin: (g, x, _, dy) => g.op('Div', [dy, g.op('Sqrt', [oneMinusSquare(g, x)])]),
  Acos: (g, x, _, dy) => g.op('Neg', [g.op('Div', [dy, g.op('Sqrt', [oneMinusSquare(g, x)])])]),
  Atan: (g, x, _, dy) => g.op('Div', [dy, plus(g, product(g, x, x), 1)]),
  Sinh: (g, x, _, dy) => product(g, dy, g.op('Cosh', [x])),
  Cosh: (g, x, _, dy) => product(g, dy, g.op('Sinh', [x])),
  Tanh: (g, _, y, dy) => product(g, dy, oneMinusSquare(g, y)),
  Asinh: (g, x, _, dy) => g.op('Div', [dy, g.op('Sqrt', [plus(g, product(g, x, x), 1)])]),
  Acosh: (g, x, _, dy) => g.op('Div', [dy, g.op('Sqrt', [minus(g, product(g, x, x), g.scalar(1))])]),
  Atanh: (g, x, _, dy) => g.op('Div', [dy, oneMinusSquare(g, x)]),
};
