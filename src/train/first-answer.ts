/**
 * What a model answers to the sample that a task is fitted on.
 *
 * Whether it has the classes of the data, what its outputs are, and whether a rebuilt head answers as before is all asked of the same sample.
 */
import type { Model } from '../onnx/model.ts';
import { type Values, withSession } from '../runtime/session.ts';
import { knownTo } from './judge.ts';

const answers = new WeakMap<Values, Map<Model, Promise<Values>>>();

/**
 * Runs a model on a sample, not optimised, as it runs once: who asks again is given the same answer.
 *
 * @param inputs are told apart by identity; those that the model does not take are left out
 */
export function firstAnswer(model: Model, inputs: Values): Promise<Values> {
  const known = answers.get(inputs) ?? new Map<Model, Promise<Values>>();
  answers.set(inputs, known);
  const answer =
    known.get(model) ?? withSession(model, (session) => session.run(knownTo(session, inputs)), { optimize: false });
  known.set(model, answer);
  return answer;
}

/** Frees what models answered to a sample: maps of classes are large. */
export function forgetAnswers(inputs: Values): void {
  answers.delete(inputs);
}
