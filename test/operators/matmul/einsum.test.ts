import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { adjointCases, type Case, make } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

const einsum = (equation: string, ...dims: readonly (readonly number[])[]): Case => ({
  title: equation,
  op: 'Einsum',
  inputs: dims.map((it) => ({ dims: it })),
  attributes: { equation },
});

describe('operators/matmul: Einsum', () => {
  adjointCases([
    einsum('ij,jk->ik', [2, 3], [3, 4]),
    einsum('ij,kj->ik', [2, 3], [4, 3]),
    einsum('bhid,bhjd->bhij', [2, 2, 3, 4], [2, 2, 5, 4]),
    einsum('bij,bjk->bik', [2, 3, 4], [2, 4, 2]),
    einsum('bchw,ck->bkhw', [2, 3, 2, 2], [3, 4]),
    einsum('i,j->ij', [3], [4]),
    einsum('i,i->', [4], [4]),
    einsum('ij->ji', [3, 4]),
    einsum('ij->i', [3, 4]),
    einsum('ij->', [3, 4]),
    einsum('ij,k->k', [2, 3], [4]),
    einsum('ij,jk', [2, 3], [3, 4]),
    einsum('ba,cb', [2, 3], [4, 2]),
    einsum(' i j , j k -> k i ', [2, 3], [3, 4]),
    einsum('ij,jk,kl->il', [2, 3], [3, 4], [4, 2]),
    einsum('ij,ij,i->j', [2, 3], [2, 3], [2]),
    { ...einsum('ij,jk->ik', [2, 3], [3, 4]), title: 'only the second is wanted', wrt: [1] },
    ...opsetsFrom(12, 18).map((opset) => ({ ...einsum('ij,jk->ik', [2, 3], [3, 4]), opset, title: `opset ${opset}` })),
  ]);

  for (const [equation, dims, reason] of [
    ['...ij,jk->...ik', [2, 2, 3], 'its equation "...ij,jk->...ik" has an ellipsis'],
    ['iij,jk->ik', [2, 2, 3], 'its equation "iij,jk->ik" takes a diagonal: a label comes twice in one input'],
  ] as const) {
    it(`refuses ${equation} with its reason`, async () => {
      const { model, wrt } = make(einsum(equation, dims, [3, 4]));
      const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'unsupported-model');
      expect(String(error)).to.include(reason);
    });
  }
});
