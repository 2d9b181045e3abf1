import { inMemory, type Materialize } from '../../src/verify/materialize.ts';

/** Hands models over as their bytes, and counts them. */
export function countedMaterialize(): { readonly materialize: Materialize; models(): number } {
  let count = 0;
  const materialize: Materialize = (model) => {
    count++;
    return inMemory(model);
  };
  return { materialize, models: () => count };
}
