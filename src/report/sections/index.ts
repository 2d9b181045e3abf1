/** The sections of a report, in the order that they are read. */
import { activations } from './activations.ts';
import { beta } from './beta.ts';
import { change } from './change.ts';
import { checks } from './checks.ts';
import { drift } from './drift.ts';
import { errors } from './errors.ts';
import { findings } from './findings.ts';
import { fit } from './fit.ts';
import { gamma } from './gamma.ts';
import { job } from './job.ts';
import { latency } from './latency.ts';
import { refusals } from './refusals.ts';
import { remarks } from './remarks.ts';
import { siteDrift } from './site-drift.ts';
import { sites } from './sites.ts';
import { summary } from './summary.ts';
import type { Section } from './types.ts';

export const SECTIONS: readonly Section[] = [
  summary,
  findings,
  remarks,
  checks,
  drift,
  siteDrift,
  fit,
  gamma,
  beta,
  errors,
  latency,
  change,
  activations,
  sites,
  refusals,
  job,
];
