/**
 * Constants of norms that are spelled by several operators: what an InstanceNormalization inside scales by, ε, the size of a group.
 * They look like parameters, and a norm whose constants were trained is not that norm any more.
 */
import { standingNorms } from '../find/standing/index.ts';
import type { Model } from '../onnx/model.ts';
import type { Candidate } from './parameters.ts';

/** The same candidates, without a role for those that are constants of a norm. */
export function withoutNormConstants(candidates: readonly Candidate[], model: Model): readonly Candidate[] {
  const constants = new Map<string, string>();
  const parameters = new Set<string>();
  for (const { name, nodes, scale, bias, flaws } of standingNorms(model).norms) {
    for (const parameter of [scale, bias]) if (parameter !== undefined) parameters.add(parameter.name);
    if (flaws.length > 0) continue;
    for (const value of nodes.flatMap(({ input }) => input)) constants.set(value, name);
  }
  return candidates.map((candidate): Candidate => {
    const norm = parameters.has(candidate.name) ? undefined : constants.get(candidate.name);
    if (norm === undefined || candidate.role === undefined) return candidate;
    return { ...candidate, role: undefined, why: `constant of the norm ${norm}, which has γ and β of its own` };
  });
}
