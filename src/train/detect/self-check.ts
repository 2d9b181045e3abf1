/**
 * A gradient is tried before it is trusted: the loss of one picture along its own gradient, against the slope that it promises.
 *
 * What rows learn stays as decided at the start, so the loss is smooth but for kinks of ReLU and the like. float32 loses digits for
 * short steps and the loss bends for long ones, so several lengths are tried and the best agreement counts.
 */
import type { Example } from '../../inputs/labelled/types.ts';
import type { Trainer } from '../trainer.ts';
import type { PreparedTask } from '../types.ts';

/** How a gradient compares with the loss itself. */
export interface GradientCheck {
  /** Change of the loss for a step of 1 along the gradient's direction: the norm of the gradient. */
  readonly promised: number;
  /** The same from two runs; of the step length that agrees best. */
  readonly measured: number;
  /** |measured − promised| / promised. */
  readonly error: number;
}

/** Lengths of a step, as shares of the norm of all parameters. */
const STEPS = [1e-3, 1e-4, 1e-5, 1e-6] as const;

/**
 * Compares the gradient of one sample with central differences along it. Afterwards parameters are as before, and the optimizer is
 * fresh: this is for before training.
 *
 * @returns undefined if the task's loss is part of the graph, whose rules are proved elsewhere
 */
export async function checkGradient(
  trainer: Trainer,
  task: PreparedTask,
  example: Example,
): Promise<GradientCheck | undefined> {
  if (task.fixed === undefined) return undefined;
  const start = trainer.parametersNow();
  const { outputs } = await trainer.answer([example]);
  const lossOf = await task.fixed(outputs, [example]);
  const { gradient } = await trainer.gradient([example]);
  const norm = (of: Float32Array) => Math.sqrt(of.reduce((sum, it) => sum + it * it, 0));
  const promised = norm(gradient);
  if (!(promised > 0)) return { promised, measured: 0, error: promised === 0 ? 0 : Number.NaN };
  const lossAt = async (length: number) => {
    trainer.restore({ theta: start.map((it, i) => it + (length * (gradient[i] as number)) / promised) });
    return lossOf((await trainer.answer([example])).outputs);
  };
  let best: GradientCheck = { promised, measured: Number.NaN, error: Number.POSITIVE_INFINITY };
  try {
    for (const share of STEPS) {
      const length = share * norm(start);
      const measured = ((await lossAt(length)) - (await lossAt(-length))) / (2 * length);
      const error = Math.abs(measured - promised) / promised;
      if (error < best.error) best = { promised, measured, error };
    }
  } finally {
    trainer.restore({ theta: start });
  }
  return best;
}
