/** The sections of a report, in the order that they are read. */
import { activations } from './activations.ts';
import { beta } from './beta.ts';
import { change } from './change.ts';
import { checks } from './checks.ts';
import { classes } from './classes.ts';
import { comparison } from './comparison.ts';
import { confusion } from './confusion.ts';
import { drift } from './drift.ts';
import { errors } from './errors.ts';
import { examples } from './examples.ts';
import { findings } from './findings.ts';
import { fit } from './fit.ts';
import { gamma } from './gamma.ts';
import { job } from './job.ts';
import { latency } from './latency.ts';
import { losses } from './losses.ts';
import { parameters } from './parameters.ts';
import { precision } from './precision.ts';
import { rates } from './rates.ts';
import { refusals } from './refusals.ts';
import { remarks } from './remarks.ts';
import { scores } from './scores.ts';
import { shownSite } from './shown-site.ts';
import { siteDrift } from './site-drift.ts';
import { sites } from './sites.ts';
import { summary } from './summary.ts';
import { training } from './training.ts';
import type { Section } from './types.ts';

export const SECTIONS: readonly Section[] = [
  summary,
  training,
  comparison,
  findings,
  remarks,
  losses,
  scores,
  rates,
  precision,
  classes,
  confusion,
  examples,
  checks,
  drift,
  siteDrift,
  fit,
  gamma,
  beta,
  errors,
  latency,
  change,
  shownSite,
  activations,
  sites,
  refusals,
  parameters,
  job,
];
