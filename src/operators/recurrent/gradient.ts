/** Operators without a gradient here, each with the reason. */
import { type Gradient, type Gradients, smooth } from '../gradient-rule.ts';

const FREEZE = 'Train parameters behind it only, with --wrt REGEX';

function refused(reason: string, remedy = FREEZE): Gradient {
  return smooth((g) => g.refuse(reason, remedy));
}

const stepwise = refused('it computes its steps one after the other inside one operator and keeps none of them');
const control = refused('what it computes is a graph of its own, chosen or repeated in the run');

export const recurrent: Gradients = {
  LSTM: stepwise,
  GRU: stepwise,
  RNN: stepwise,
  If: control,
  Loop: control,
  Scan: control,
  SequenceMap: control,
};
