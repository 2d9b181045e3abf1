/** What is said of the behaviour that a rewritten model keeps, and whether that is enough. */

import { batchOf } from '../inputs/batch.ts';
import { type Kept, KeptMeter } from '../measure/kept.ts';
import { samplesFirst } from '../measure/samples-first.ts';
import type { Answers, TaskOptions } from '../measure/tasks/types.ts';
import { whyUnknown } from '../measure/why-unknown.ts';
import type { Model } from '../onnx/model.ts';

/** Judges the answers of a single run on inputs that the caller gave. Random inputs are never judged. */
export function keptIn(model: Model, answers: Answers, tasks: TaskOptions | undefined): Kept {
  const meter = new KeptMeter(model, tasks);
  const [first] = [...batchOf(model).inputs].map((name) => answers.inputs[name]?.dims[0]);
  const count = first ?? 1;
  const turn = samplesFirst(model);
  const { inputs, source, rewritten } = answers;
  meter.add({ inputs, source: turn(source, count), rewritten: turn(rewritten, count) }, count);
  return meter.result();
}

/** What is known when behaviour is judged. */
export interface Behaviour {
  /** Undefined if both models were run on random inputs alone. */
  readonly kept: Kept | undefined;
  /** Whether the norm was shown to compute the source's own function. */
  readonly isSame: boolean;
  /** The least that passes; undefined if the caller set no limit. */
  readonly least: number | undefined;
}

/** What came of the check. */
export interface KeptCheck {
  readonly name: 'kept';
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** The check of behaviour: without a limit there is nothing that could fail, so it is told and not ticked. */
export function keptCheck({ kept, isSame, least }: Behaviour): KeptCheck {
  if (isSame) return { name: 'kept', status: 'passed', detail: 'the norm computes the same function as the source' };
  const share = kept?.kept ?? null;
  if (share === null) {
    const detail = `unknown: ${whyUnknown(kept)}`;
    return { name: 'kept', status: least === undefined ? 'skipped' : 'failed', detail };
  }
  const worst = kept?.tasks.find((it) => it.kept === share);
  const found = `${share.toFixed(3)} kept (${worst?.detail ?? ''})`;
  if (least === undefined) return { name: 'kept', status: 'skipped', detail: `${found}; set a limit with --min-kept` };
  const isEnough = share >= least;
  const detail = `${found}; ${isEnough ? 'at least' : 'less than'} ${least}`;
  return { name: 'kept', status: isEnough ? 'passed' : 'failed', detail };
}
