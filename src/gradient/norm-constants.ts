/**
 * Constants of norms that are spelled by several operators: what an InstanceNormalization inside scales by, ε, the size of a group.
 * They look like parameters, and a norm whose constants were trained is not that norm any more.
 */
import { standingNorms } from '../find/standing/index.ts';
import { inlineFunctions } from '../graph/inline.ts';
import type { Model } from '../onnx/model.ts';
import type { Candidate } from './parameters.ts';

/** The same candidates, without a role for those that are constants of a norm. */
export function withoutNormConstants(candidates: readonly Candidate[], model: Model): readonly Candidate[] {
  const constants = new Map<string, string>();
  const parameters = new Set<string>();
  // Every function, as where the candidates are from: how a value in one is called hangs on which were inlined before.
  for (const { name, nodes, scale, bias, flaws } of standingNorms(inlineFunctions(model, () => true).model).norms) {
    const own = [scale, bias].flatMap((it) => (it === undefined ? [] : [it.name]));
    for (const parameter of own) parameters.add(parameter);
    if (flaws.length > 0) continue;
    const why = `constant of the norm ${name}, which has ${own.length === 0 ? 'no parameters' : 'γ and β of its own'}`;
    for (const value of nodes.flatMap(({ input }) => input)) constants.set(value, why);
  }
  return candidates.map((candidate): Candidate => {
    const why = parameters.has(candidate.name) ? undefined : constants.get(candidate.name);
    return why === undefined || candidate.role === undefined ? candidate : { ...candidate, role: undefined, why };
  });
}
