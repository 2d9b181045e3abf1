/** Gradients of matrix products. */
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, type Gradients, linear, sizeOf, wanted } from '../gradient-rule.ts';
import { einsum } from './einsum.ts';

/** y = a·b with the leading axes broadcast: da = dy·bᵀ, db = aᵀ·dy. A vector is a row on the left and a column on the right. */
const matMul = linear((g, dy) => {
  const [a, b] = [g.input(0), g.input(1)];
  const [aDims, bDims] = [g.dims(a), g.dims(b)];
  const row = aDims.length === 1;
  const column = bDims.length === 1;
  const aFull = row ? [1, ...aDims] : aDims;
  const bFull = column ? [...bDims, 1] : bDims;
  const batch = broadcastBatch(aFull.slice(0, -2), bFull.slice(0, -2));
  const [m, k, n] = [aFull.at(-2) as number, aFull.at(-1) as number, bFull.at(-1) as number];
  const full = (value: string, from: readonly number[], to: readonly number[]) =>
    from.length === to.length ? value : g.op('Reshape', [value, g.ints(to)]);
  const gradient = row || column ? g.op('Reshape', [dy, g.ints([...batch, m, n])]) : dy;
  const [aMatrix, bMatrix] = [full(a, aDims, aFull), full(b, bDims, bFull)];
  // A matrix that every sample shares is one product over all rows, not one a sample that is summed.
  const isShared = bFull.length === 2 && aFull.length > 2;
  const rows = isShared ? sizeOf(aFull.slice(0, -1)) : m;
  const back = (value: string, to: readonly number[], own: readonly number[]) =>
    to.length === own.length ? value : g.op('Reshape', [value, g.ints(own)]);
  const first = () => {
    const sum = g.sumTo(g.op('MatMul', [gradient, flipped(g, bMatrix, bFull.length)]), [...batch, m, k], aFull);
    return back(sum, aFull, aDims);
  };
  const second = () => {
    const sum = isShared
      ? g.op('Gemm', [flat(g, aMatrix, rows, k), flat(g, gradient, rows, n)], { transA: 1 })
      : g.sumTo(g.op('MatMul', [flipped(g, aMatrix, aFull.length), gradient]), [...batch, k, n], bFull);
    return back(sum, bFull, bDims);
  };
  return wanted(g, first, second);
});

function flat(g: GradientContext, value: string, rows: number, columns: number): string {
  return g.op('Reshape', [value, g.ints([rows, columns])]);
}

function flipped(g: GradientContext, value: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  return g.op('Transpose', [value], { perm });
}

function broadcastBatch(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return one === 1 ? other : one;
  });
}

/** y = α·op(a)·op(b) + β·c. */
const gemm = linear((g, dy) => {
  const [transA, transB] = [intAttribute(g.node, 'transA', 0), intAttribute(g.node, 'transB', 0)];
  const alpha = { float: floatAttribute(g.node, 'alpha', 1) };
  const beta = floatAttribute(g.node, 'beta', 1);
  const [a, b] = [g.input(0), g.input(1)];
  const dA = () =>
    transA === 0
      ? g.op('Gemm', [dy, b], { alpha, transB: 1 - transB })
      : g.op('Gemm', [b, dy], { alpha, transA: transB, transB: 1 });
  const dB = () =>
    transB === 0
      ? g.op('Gemm', [a, dy], { alpha, transA: 1 - transA })
      : g.op('Gemm', [dy, a], { alpha, transA: 1, transB: transA });
  const dC = () => {
    const sum = g.sumTo(dy, g.dims(g.output(0)), g.dims(g.input(2)));
    return beta === 1 ? sum : g.op('Mul', [sum, g.scalar(beta)]);
  };
  return wanted(g, dA, dB, dC);
});

export const matmul: Gradients = { MatMul: matMul, Gemm: gemm, Einsum: einsum };
