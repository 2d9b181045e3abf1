/** Which forms stop, or end the process, where nothing comes: an empty batch, or a sequence without steps. */
import type { Site } from '../find/types.ts';
import { mayBeEmpty } from '../forms/grouped-shape.ts';
import type { Form, FormSite } from '../forms/types.ts';
import type { PlanOptions } from './choices.ts';

/**
 * Leaves out forms that fail where nothing comes, if others are left: on an empty batch ONNX Runtime's GroupNormalization fails; on an empty
 * sequence LayerNormalization fails, and InstanceNormalization ends the process. BatchNormalization answers an empty one.
 *
 * @param isFree whether the form is left to the plan
 * @returns the forms that are left, and one of them that ends the process
 */
export function withoutFailing(
  possible: readonly Form[],
  site: FormSite,
  isFree: boolean,
): { readonly legal: readonly Form[]; readonly ending: Form | undefined } {
  const mayEnd = mayHaveNoSteps(site);
  const mayFail = site.norm === 'group' ? mayBeEmpty(site) : NO_STEPS.has(site.norm) && mayEnd;
  const isEnding = (it: Form) => mayEnd && endsProcess(it, site.norm);
  const isSafe = (it: Form) => !(mayFail && it.name === 'native') && !isEnding(it);
  const legal = (isFree || mayEnd) && possible.some(isSafe) ? possible.filter(isSafe) : possible;
  return { legal, ending: legal.find(isEnding) };
}

/** What an InstanceNormalization does to ONNX Runtime. */
export function ends({ shape }: Pick<Site, 'shape'>): string {
  const open =
    shape === undefined ? 'its input may be one, because the rank is unknown' : 'the length of sequences is open here';
  return `ends the process of ONNX Runtime on a sequence without steps, and ${open}`;
}

/** Of a form that was asked for, or that a program reads, and that stops where nothing comes. */
export function emptyNotes(site: FormSite, { name }: Form, { for: consumer }: Pick<PlanOptions, 'for'>): string[] {
  if (!failsEmpty(site, name)) return [];
  const instead = consumer === undefined ? 'use --form reduce' : 'leave --for out';
  return [`form ${name} fails in ONNX Runtime on an empty batch; if one may come, ${instead}`];
}

/** Whether x may be empty, and a form fails then: the operator of group norm, and the usual Reshape to [0, G, −1]. */
export function failsEmpty({ shape, plain, norm }: FormSite, form: string): boolean {
  const fails =
    form === 'native' ? norm === 'group' : plain === true && (form === 'instance' || form === 'instance-conv');
  return fails && mayBeEmpty({ shape });
}

/** Whether a form holds an InstanceNormalization. */
function endsProcess({ name }: Form, norm: string): boolean {
  return name === 'instance' || name === 'instance-conv' || (norm === 'instance' && name === 'native');
}

/** Norms whose `native` form is an operator that takes no empty sequence. */
const NO_STEPS = new Set(['layer', 'instance']);

/** Whether what a site normalises may be sequences without a step. Maps without a pixel have not been met. */
function mayHaveNoSteps({ shape }: Pick<Site, 'shape'>): boolean {
  return shape === undefined || (shape.length === 3 && !((shape[2] ?? 0) > 0));
}
