/**
 * What training prints while it goes on: a line for each rate that was tried and each epoch, and what it does in between. On a terminal that is one
 * line that is redrawn; in a file a line for what takes long, so that a log does not stay silent for minutes.
 */
import type { FitEvent } from '../train/fit-types.ts';
import { plural } from '../words.ts';

/** Progress of a training run. */
export interface TrainingLines {
  update(event: FitEvent): void;
  stop(): void;
}

/** Milliseconds between redrawings. */
const PACE = 200;
/** Milliseconds that a phase has to take to be told in a file, and between lines of what goes on. */
const IN_FILES = { phase: 2000, silence: 60_000 } as const;

/**
 * @param write prints to standard error
 * @param isTerminal whether a line can be redrawn
 */
export function trainingLines(
  write: (text: string) => unknown,
  isTerminal: boolean,
  inFiles: Readonly<Record<keyof typeof IN_FILES, number>> = IN_FILES,
): TrainingLines {
  return isTerminal ? new RedrawnLine(write) : new LogLines(write, inFiles);
}

class RedrawnLine implements TrainingLines {
  readonly #write: (text: string) => unknown;
  #drawn = false;
  #last = 0;

  constructor(write: (text: string) => unknown) {
    this.#write = write;
  }

  update(event: FitEvent): void {
    const text = lineOf(event);
    if (event.kind === 'tried' || event.kind === 'epoch') {
      this.stop();
      this.#write(`${text}\n`);
      return;
    }
    // The begin of a phase is told, as nothing else may come for long.
    const isBegin = event.kind === 'phase' && event.done === 0;
    if (!isBegin && performance.now() - this.#last < PACE) return;
    this.#last = performance.now();
    this.stop();
    this.#write(text);
    this.#drawn = true;
  }

  stop(): void {
    if (this.#drawn) this.#write('\r\x1b[K');
    this.#drawn = false;
  }
}

class LogLines implements TrainingLines {
  readonly #write: (text: string) => unknown;
  readonly #paces: Readonly<Record<keyof typeof IN_FILES, number>>;
  #last = performance.now();
  #waiting: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => unknown, paces: Readonly<Record<keyof typeof IN_FILES, number>>) {
    this.#write = write;
    this.#paces = paces;
  }

  update(event: FitEvent): void {
    const isBegin = event.kind === 'phase' && event.done === 0;
    if (event.kind !== 'phase' || isBegin) this.stop();
    if (event.kind === 'tried' || event.kind === 'epoch') this.#print(event);
    else if (!isBegin && performance.now() - this.#last >= this.#paces.silence) this.#print(event);
    else if (isBegin && event.epoch === 0) {
      this.#waiting = setTimeout(() => this.#print(event), this.#paces.phase);
      this.#waiting.unref();
    }
  }

  stop(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }

  #print(event: FitEvent): void {
    this.#last = performance.now();
    this.#write(`${lineOf(event)}\n`);
  }
}

function lineOf(event: FitEvent): string {
  switch (event.kind) {
    case 'phase':
      return phaseLine(event);
    case 'rate':
      return `trying rate ${event.rate}: ${event.done} of at most ${event.of} steps`;
    case 'tried': {
      const { rate, loss } = event.facts;
      return `tried rate ${rate}: ${loss === null ? 'the loss was not a finite number' : `loss ${loss.toFixed(4)}`}`;
    }
    case 'step': {
      const { epoch, step, steps, loss, rate, perSecond, left } = event;
      const speed = `${perSecond.toPrecision(3)} samples/s, ${duration(left)} left`;
      return `epoch ${epoch}: step ${step} of ${steps}, loss ${loss.toFixed(4)}, rate ${rate.toExponential(1)}, ${speed}`;
    }
    default:
      return epochLine(event);
  }
}

function phaseLine({ phase, done, of, epoch }: Extract<FitEvent, { kind: 'phase' }>): string {
  const held = plural(of, 'held-out sample');
  const so = done === 0 ? '' : `: ${done} done`;
  switch (phase) {
    case 'samples':
      return 'reading the samples';
    case 'gradient':
      return 'preparing the gradient';
    case 'rate':
      return `searching the rate: at most ${plural(of, 'step')}`;
    case 'held':
      return `${epoch === 0 ? 'before training' : `epoch ${epoch}`}: measuring on ${held}${so}`;
    case 'file':
      return 'writing the file and reading it back';
    case 'compare':
      return `comparing with the model before training on ${held}${so}`;
    case 'forgotten':
      return 'looking for what was forgotten';
  }
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
