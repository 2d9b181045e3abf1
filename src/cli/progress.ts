/** A progress bar on a terminal, for work that takes longer than a second. */
import type { SingleBar } from 'cli-progress';
import type { OnProgress } from '../jobs/job.ts';
import { printable } from '../report/format.ts';

const PATIENCE = 1000;

/** Progress of one file; `stop` clears the bar away. */
export interface Progress {
  readonly update: OnProgress;
  stop(): void;
}

/** @param shown whether there is a terminal to draw on */
export function progressFor(file: string, shown: boolean): Progress {
  if (!shown) return { update: () => {}, stop: () => {} };
  let bar: SingleBar | undefined;
  let latest: Parameters<OnProgress> = ['', 0, 1];
  let stopped = false;
  const draw = () => {
    const [step, done, of] = latest;
    bar?.setTotal(of);
    bar?.update(done, { step });
  };
  const timer = setTimeout(async () => {
    const { SingleBar, Presets } = await import('cli-progress');
    if (stopped) return;
    const format = `${printable(file)} {bar} {step} {value}/{total} {eta_formatted}`;
    bar = new SingleBar(
      { format, stream: process.stderr, clearOnComplete: true, hideCursor: true },
      Presets.shades_classic,
    );
    bar.start(latest[2], latest[1], { step: latest[0] });
  }, PATIENCE);
  return {
    update: (...now) => {
      latest = now;
      draw();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      bar?.stop();
    },
  };
}
