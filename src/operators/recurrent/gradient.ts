/** Operators that carry a state or a graph: what is written out beforehand, and what has no gradient here, each with the reason. */
import type { Gradient, Gradients } from '../gradient-rule.ts';
import { recurrenceOf, whyNotSteps } from './steps.ts';

const control = 'what it computes is a graph of its own, chosen or repeated in the run';

/** Why each can't be passed, by operator. */
export const REFUSED: Readonly<Record<string, string>> = {
  If: control,
  Loop: control,
  Scan: control,
  SequenceMap: control,
};

function refused(reason: string): Gradient {
  return { proof: 'differences', rule: (g) => g.refuse(reason) };
}

/** Its steps are written out as other operators before gradients are taken; the node comes here only if they can't be. */
const stepwise: Gradient = {
  proof: 'differences',
  rule: (g) => {
    const lengths = g.input(4) === '' ? undefined : g.constant(g.input(4))?.values;
    const reason = whyNotSteps(g.node, recurrenceOf(g.node, g.dims(g.input(0)), g.dims(g.input(2))), lengths);
    return g.refuse(reason ?? 'its steps were not written out');
  },
};

export const recurrent: Gradients = {
  GRU: stepwise,
  LSTM: stepwise,
  RNN: stepwise,
  ...Object.fromEntries(Object.entries(REFUSED).map(([name, reason]) => [name, refused(reason)])),
};
