/** What a site answered, against both float64 oracles. */
import { formNamed } from '../../src/forms/index.ts';
import { groupReference } from '../../src/norms/reference.ts';
import { formSiteOf, type SitePlan } from '../../src/plan/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { absoluteFloor, boundFactor, termsOf } from './bound.ts';
import { naiveGroupNorm } from './naive.ts';

export interface Comparison {
  /** How far each number may be from what it should be. */
  readonly bounds: Float64Array;
  /** The largest error, as a share of its bound. NaN where a value is NaN. */
  readonly worst: number;
}

/** Compares y with the norm of x for the γ′ and β′ that the model holds. */
export function compare(
  plan: SitePlan,
  affine: { scale: Float64Array; bias: Float64Array },
  x: Value,
  y: Value,
): Comparison {
  const { groups, epsilon, channels, form } = plan;
  const { scale, bias } = affine;
  const [numbers, answers] = [numbersOf(x) ?? [], numbersOf(y) ?? []];
  const oracles = [
    groupReference(numbers, x.dims, { channels, groups, epsilon, scale, bias }),
    naiveGroupNorm(numbers, x.dims, groups, epsilon, scale, bias),
  ];
  const oneStage = formNamed(form).oneStage(formSiteOf(plan));
  const factor = boundFactor(x.type, termsOf(x.dims, groups, oneStage));
  const bounds = Float64Array.from(oracles[1]?.magnitude ?? [], (size) => factor * size + absoluteFloor(x.type));
  let worst = answers.length === numbers.length ? 0 : Number.NaN;
  for (let i = 0; i < answers.length; i++) {
    for (const { values } of oracles) {
      const error = Math.abs((answers[i] as number) - (values[i] as number));
      // Math.max keeps NaN.
      worst = Math.max(worst, error === 0 ? 0 : error / (bounds[i] as number));
    }
  }
  return { bounds, worst };
}
