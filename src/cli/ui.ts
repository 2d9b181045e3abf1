/** What goes to the terminal: results to stdout, everything else to stderr. */
import picocolors from 'picocolors';
import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { Outcome } from '../jobs/outcome.ts';
import { bytes, printable } from '../report/format.ts';
import { withoutCommands } from '../report/gate/github.ts';
import { renderJson } from '../report/json.ts';
import { renderText } from '../report/text.ts';
import { trainingLines as gainLines } from '../report/training-verdict.ts';
import type { Ui } from './commands/types.ts';
import { complain } from './complain.ts';
import { progressFor } from './progress.ts';
import { trainingLines } from './training-lines.ts';

/** A {@link Ui} on this process, which prints JSON only when it is closed. */
export interface ProcessUi extends Ui {
  close(): void;
}

/** @param options of the call */
export function processUi(
  options: Pick<CallOptions, 'json' | 'quiet' | 'verbose' | 'github'> & {
    readonly commandLine?: readonly string[];
    /** Where results go: stdout, unless a model goes there. */
    readonly textTo: NodeJS.WriteStream;
  },
): ProcessUi {
  const { json, quiet, verbose, github, textTo } = options;
  // Whoever reads annotations takes lines for commands that names in a model must not be.
  const safe = (text: string) => (github ? withoutCommands(text) : text);
  const colors = picocolors.createColors(textTo.isTTY === true && picocolors.isColorSupported);
  const outcomes: Outcome[] = [];
  return {
    report(outcome) {
      outcomes.push(outcome);
      if (!json && !quiet && outcome.error === undefined) {
        textTo.write(`${outcomes.length > 1 ? '\n' : ''}${safe(renderText(outcome, { colors, verbose }))}\n`);
      }
      if (outcome.error !== undefined) complain(outcome.error, verbose, options.commandLine);
      else if (quiet && outcome.verification?.passed === false) complain(failedCheck(outcome), verbose);
      else if (quiet && outcome.finetune?.proof === null) complain(notTrained(outcome), verbose);
      else if (quiet) for (const error of errorsOf(outcome)) complain(error, verbose);
    },
    progress: (file) => progressFor(file, process.stderr.isTTY === true && !process.env.CI && !quiet && !json),
    training() {
      const isQuiet = quiet || json;
      return trainingLines(
        (text) => isQuiet || process.stderr.write(text),
        process.stderr.isTTY === true && !process.env.CI,
      );
    },
    wrote(file, size) {
      if (!json && !quiet) textTo.write(`${colors.green('wrote')} ${printable(file)}, ${bytes(size)}\n`);
    },
    annotate: (line) => (json ? process.stderr : textTo).write(`${line}\n`),
    print: (text) => textTo.write(`${text}\n`),
    close() {
      if (json) textTo.write(`${renderJson(outcomes)}\n`);
    },
  };
}

function failedCheck({ file, verification }: Outcome): GnSwapError {
  const failed = verification?.checks.find(({ status }) => status === 'failed');
  return new GnSwapError('verification-failed', `${failed?.name}: ${failed?.detail}`, {
    file,
    remedy: 'Nothing was written. Drop --quiet to see the figures',
  });
}

/** A script sees no file, and is told why. */
function notTrained({ file, finetune }: Outcome): GnSwapError {
  const [first] = finetune == null ? [] : gainLines(finetune);
  return new GnSwapError('refused', first?.text ?? 'nothing was written', { file });
}

/** What a check found, as errors are told. */
function errorsOf({ file, check }: Outcome): GnSwapError[] {
  const findings = check?.checks.flatMap((it) => it.findings) ?? [];
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, node, message, remedy }) => {
      const place = node === '' ? { file } : { file, node };
      return new GnSwapError('verification-failed', `${message} (${rule})`, { ...place, remedy });
    });
}
