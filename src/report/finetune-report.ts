/** A report on a training run in the library: the command line's, without a file and a command. */
import type { Finetuned } from '../jobs/finetune.ts';
import type { Report } from '../jobs/outcome.ts';
import { VERSION } from '../version.ts';
import { reportFormats } from './formats.ts';

/** How a report is written; each with its default. */
export interface FinetuneReportOptions {
  /** `html`, a page with charts and pictures; `markdown`; or `json`, after docs/report.schema.json. `html`. */
  readonly format?: 'html' | 'markdown' | 'json' | undefined;
  /** What to call the model. `model`. */
  readonly name?: string | undefined;
}

/** Writes a report on what `finetune` returned. */
export function finetuneReport(
  { facts }: Pick<Finetuned, 'facts'>,
  { format = 'html', name = 'model' }: FinetuneReportOptions = {},
): Promise<string> {
  const report: Report = {
    outcomes: [{ file: name, command: 'finetune', finetune: facts, timings: { train: facts.seconds * 1000 } }],
    call: { commandLine: [], options: [], versions: [['gn-swap', VERSION]], date: new Date() },
  };
  return reportFormats[format].render(report);
}
