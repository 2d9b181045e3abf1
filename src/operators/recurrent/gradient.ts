/** Operators without a gradient here, each with the reason. */
import { type Gradient, type Gradients, smooth } from '../gradient-rule.ts';

const REMEDY = 'Train parameters behind it only, with --wrt REGEX';

const stepwise = 'it computes its steps one after the other inside one operator and keeps none of them';
const control = 'what it computes is a graph of its own, chosen or repeated in the run';

/** Why each can't be passed, by operator. */
export const REFUSED: Readonly<Record<string, string>> = {
  LSTM: stepwise,
  GRU: stepwise,
  RNN: stepwise,
  If: control,
  Loop: control,
  Scan: control,
  SequenceMap: control,
};

function refused(reason: string): Gradient {
  return smooth((g) => g.refuse(reason, REMEDY));
}

export const recurrent: Gradients = Object.fromEntries(
  Object.entries(REFUSED).map(([name, reason]) => [name, refused(reason)]),
);
