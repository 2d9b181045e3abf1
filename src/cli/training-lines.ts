/** What training prints while it goes on: one line that is redrawn on a terminal, and a line for each epoch. */
import type { FitEvent } from '../train/fit-types.ts';

/** Progress of a training run. */
export interface TrainingLines {
  update(event: FitEvent): void;
  stop(): void;
}

/** Milliseconds between redrawings. */
const PACE = 200;

/**
 * @param write prints to standard error
 * @param isTerminal whether a line can be redrawn
 */
export function trainingLines(write: (text: string) => unknown, isTerminal: boolean): TrainingLines {
  let drawn = false;
  let last = 0;
  const clear = () => {
    if (drawn) write('\r\x1b[K');
    drawn = false;
  };
  const draw = (text: string) => {
    if (!isTerminal || performance.now() - last < PACE) return;
    last = performance.now();
    clear();
    write(text);
    drawn = true;
  };
  return {
    update(event) {
      if (event.kind === 'rate') {
        draw(`trying rate ${event.rate}: ${event.done} of at most ${event.of} steps`);
      } else if (event.kind === 'step') {
        const { epoch, step, steps, loss, rate, perSecond, left } = event;
        const speed = `${perSecond.toPrecision(3)} samples/s, ${duration(left)} left`;
        draw(
          `epoch ${epoch}: step ${step} of ${steps}, loss ${loss.toFixed(4)}, rate ${rate.toExponential(1)}, ${speed}`,
        );
      } else {
        clear();
        write(`${event.kind === 'tried' ? triedLine(event) : epochLine(event)}\n`);
      }
    },
    stop: clear,
  };
}

function triedLine({ facts: { rate, loss } }: Extract<FitEvent, { kind: 'tried' }>): string {
  return `tried rate ${rate}: ${loss === null ? 'the loss was not a finite number' : `loss ${loss.toFixed(4)}`}`;
}

function epochLine({ facts: { epoch, trainLoss, loss, score }, isBest }: Extract<FitEvent, { kind: 'epoch' }>): string {
  const parts = [
    trainLoss === null ? undefined : `loss ${trainLoss.toFixed(4)}`,
    loss === null ? undefined : `held-out loss ${loss.toFixed(4)}`,
    score === null ? undefined : `score ${score.toFixed(4)}`,
  ].filter((part) => part !== undefined);
  return `epoch ${epoch}: ${parts.join(', ')}${isBest ? ' (best)' : ''}`;
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
