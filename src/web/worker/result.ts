/** What a job found out → what a page shows. */
import picocolors from 'picocolors';
import { GnSwapError } from '../../errors.ts';
import type { Outcome, Report } from '../../jobs/outcome.ts';
import type { Block } from '../../report/blocks.ts';
import { renderJson } from '../../report/json.ts';
import { proofOf } from '../../report/proof.ts';
import { SECTIONS } from '../../report/sections/index.ts';
import { renderText } from '../../report/text.ts';
import { verdictLines } from '../../report/verdict.ts';
import { VERSION } from '../../version.ts';
import { commandText } from '../../words.ts';
import type { OutputFile, Problem, RunResult, ShownBlock, ShownSection } from '../messages.ts';
import { foundLines } from './found.ts';

const PLAIN = picocolors.createColors(false);

/** A run that ended, with what was asked for. */
export interface Ended {
  readonly run: number;
  readonly outcome: Outcome;
  readonly output: OutputFile | undefined;
  readonly commandLine: readonly string[];
  readonly options: Report['call']['options'];
}

/** All that a report on a run is made from. */
export function reportOf({ outcome, commandLine, options }: Ended): Report {
  const runtime = proofOf(outcome)?.observed?.runtime;
  const versions: [string, string][] = [
    ['gn-swap', VERSION],
    ...(runtime === undefined ? [] : ([['ONNX Runtime', runtime]] as [string, string][])),
    ['Browser', navigator.userAgent],
  ];
  return { outcomes: [outcome], call: { commandLine, options, versions, date: new Date() } };
}

/** Makes plain data of an outcome. */
export function resultOf(ended: Ended): RunResult {
  const { run, outcome, output, commandLine } = ended;
  const { error, verification, check } = outcome;
  const failed = verification?.passed === false || check?.passed === false;
  return {
    run,
    status: error !== undefined ? 'error' : failed ? 'failed' : 'ok',
    problem: error && problemOf(error),
    verdict: (outcome.command === 'inspect' ? foundLines(outcome) : verdictLines(outcome)).map(
      ({ about, text, tone }) => ({ about, text, tone }),
    ),
    sections: error === undefined ? sectionsOf(ended) : [],
    text: error === undefined ? renderText(outcome, { colors: PLAIN, verbose: false }) : error.describe(),
    json: renderJson([outcome]),
    output,
    command: commandText(commandLine),
  };
}

/** What a page says elsewhere: the figures of a rewrite, where there is none, and the command. */
const ELSEWHERE: readonly string[] = ['summary', 'job'];

function sectionsOf(ended: Ended): ShownSection[] {
  const { outcome } = ended;
  const { call } = reportOf(ended);
  return SECTIONS.filter(({ name }) => outcome.command !== 'inspect' || !ELSEWHERE.includes(name)).flatMap(
    ({ name, title, blocks }) => {
      const shown = blocks(outcome, call).filter(isShown).map(plain);
      return shown.length === 0 ? [] : [{ name, title, blocks: shown }];
    },
  );
}

/** Whether a page shows a block itself; all that is drawn is in the HTML report. */
function isShown(block: Block): block is ShownBlock {
  return block.kind !== 'chart' && block.kind !== 'examples' && block.kind !== 'graph';
}

/** A block without what its section keeps in it for its own use, which no message could carry. */
function plain(block: ShownBlock): ShownBlock {
  if (block.kind !== 'table') return block;
  const columns = block.columns.map(({ label, numeric = false }) => ({ label, numeric }));
  return { ...block, columns };
}

/** An error as plain data. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof GnSwapError)) {
    const message = `internal error: ${error instanceof Error ? error.message : String(error)}`;
    return problemOf(
      new GnSwapError('internal', message, { remedy: 'Please report this, with the model if possible' }),
    );
  }
  const { code, message, file, node, remedy, next } = error;
  return { code, message, file, node, remedy, next };
}
