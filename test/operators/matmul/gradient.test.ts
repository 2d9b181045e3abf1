import { adjointCases, type Case } from '../support/cases.ts';

function product(title: string, a: readonly number[], b: readonly number[]): Case {
  return { title, op: 'MatMul', inputs: [{ dims: a }, { dims: b }] };
}

function gemm(title: string, transA: number, transB: number, more: Partial<Case> = {}): Case {
  const a = transA ? [4, 3] : [3, 4];
  const b = transB ? [5, 4] : [4, 5];
  return {
    title,
    op: 'Gemm',
    inputs: [{ dims: a }, { dims: b }, { dims: [5] }],
    attributes: { transA, transB },
    ...more,
  };
}

describe('operators/matmul: gradients', () => {
  adjointCases([
    product('matrices', [3, 4], [4, 5]),
    product('a batch by a shared matrix', [2, 3, 4], [4, 5]),
    product('a batch by a batch', [2, 3, 4], [2, 4, 5]),
    product('a shared matrix by a batch', [3, 4], [2, 4, 5]),
    product('batches that broadcast both ways', [2, 1, 3, 4], [3, 4, 5]),
    product('a row by a matrix', [4], [4, 5]),
    product('a matrix by a column', [3, 4], [4]),
    product('a row by a column', [4], [4]),
    product('a row by a batch', [4], [2, 4, 5]),
    product('a batch by a column', [2, 3, 4], [4]),
    product('batches of batches', [2, 3, 4, 5], [2, 3, 5, 2]),
  ]);
  adjointCases([
    gemm('plain', 0, 0),
    gemm('a transposed', 1, 0),
    gemm('b transposed', 0, 1),
    gemm('both transposed', 1, 1),
    gemm('α and β', 0, 1, { attributes: { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } } }),
    gemm('α and β, both transposed', 1, 1, {
      attributes: { transA: 1, transB: 1, alpha: { float: -0.5 }, beta: { float: 0.25 } },
    }),
    gemm('no bias', 0, 0, { inputs: [{ dims: [3, 4] }, { dims: [4, 5] }] }),
    gemm('a bias of one number', 0, 0, { inputs: [{ dims: [3, 4] }, { dims: [4, 5] }, { dims: [1] }] }),
    gemm('a bias a row', 0, 0, { inputs: [{ dims: [3, 4] }, { dims: [4, 5] }, { dims: [3, 1] }] }),
    gemm('a scalar bias', 0, 0, { inputs: [{ dims: [3, 4] }, { dims: [4, 5] }, { dims: [] }] }),
    gemm('opset 7', 0, 1, { opset: 7 }),
    gemm('opset 11', 0, 1, { opset: 11 }),
  ]);
});
