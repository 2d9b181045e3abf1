/** Where a form that takes the variance as E[x²] − m² is not a safe choice, by the statistics that the source has. */
import type { Site } from '../find/types.ts';
import type { Form } from '../forms/types.ts';

/**
 * m²/(V + ε) of a group up to which such a form is chosen: its mean is no further from 0 than its deviation. E[x²] − m² then
 * loses at most one binary digit. ONNX Runtime's GroupNormalization was measured at 0.01 to 0.2 of what is allowed there, and
 * above it from a ratio of 16 on (docs/measurements/precision.md).
 */
const MOST = 1;

/**
 * Tells why a form may lose digits at a site; undefined if it does not, by what is known of the site's input.
 *
 * @param groups G, divides the site's channels
 */
export function whyLosesDigits(form: Form, site: Site, norm: string, groups: number): string | undefined {
  if (form.bySquares?.includes(norm) !== true) return undefined;
  if (site.needsData === true) return 'the mean and variance of its input are unknown before it runs';
  const ratio = largestRatio(site, groups);
  if (ratio <= MOST) return undefined;
  const deviations = Math.sqrt(ratio);
  const far = deviations < 10 ? deviations.toFixed(1) : Math.round(deviations);
  return `the mean of a group is ${far} standard deviations from 0, and ONNX Runtime's kernel loses digits there`;
}

/** The largest m²/(V + ε) of a site's groups, with the mean and variance that its running statistics give them. */
function largestRatio({ statistics: { mean, variance }, epsilon, channels }: Site, groups: number): number {
  const size = channels / groups;
  let largest = 0;
  for (let start = 0; start < channels; start += size) {
    let [m, v] = [0, 0];
    for (let c = start; c < start + size; c++) m += (mean[c] as number) / size;
    for (let c = start; c < start + size; c++) v += ((variance[c] as number) + ((mean[c] as number) - m) ** 2) / size;
    largest = Math.max(largest, m === 0 ? 0 : (m * m) / (v + epsilon));
  }
  return largest;
}
