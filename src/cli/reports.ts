/** Files of `--report`: checked before any work is done, written when all of it is. */
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { Outcome, ReportCall } from '../jobs/outcome.ts';
import { reportFormatOf } from '../report/formats.ts';
import { proofOf } from '../report/proof.ts';
import { VERSION } from '../version.ts';
import { checkTextTarget, writeText } from './disk/index.ts';

const OPTION = '--report';

/**
 * Refuses files that can't or must not be written.
 *
 * @param read what the call reads
 * @param written models that it writes
 * @throws GnSwapError `invalid-arguments`, `output-exists`, `unwritable`
 */
export function checkReports(
  { reports, gate, force }: CallOptions,
  read: readonly string[],
  written: readonly string[],
): void {
  const others = [...written, ...Object.values(gate).filter((file) => file !== undefined)];
  const taken = new Set(others.map((file) => path.resolve(file)));
  for (const file of reports) {
    if (taken.has(path.resolve(file))) {
      throw new GnSwapError('invalid-arguments', 'another output has the same name', {
        file,
        remedy: `Use another name with ${OPTION}`,
      });
    }
    taken.add(path.resolve(file));
    checkTextTarget(file, read, force, OPTION);
  }
}

/**
 * Refuses what is a model's external data.
 *
 * @param locations of the data, beside the model
 * @throws GnSwapError `invalid-arguments`
 */
export function checkReportsBeside({ reports }: CallOptions, model: string, locations: readonly string[]): void {
  const data = new Set(locations.map((location) => path.resolve(path.dirname(model), location)));
  const file = reports.find((it) => data.has(path.resolve(it)));
  if (file === undefined) return;
  throw new GnSwapError('invalid-arguments', 'the report has the name of a data file of the model', {
    file,
    remedy: `Use another name with ${OPTION}`,
  });
}

/**
 * Writes the reports of a call.
 *
 * @returns each file's bytes
 * @throws GnSwapError `output-exists`, `unwritable`
 */
export async function writeReports(
  { reports, force, commandLine, given }: CallOptions,
  outcomes: readonly Outcome[],
): Promise<{ file: string; bytes: number }[]> {
  const call: ReportCall = {
    commandLine,
    options: given,
    versions: [
      ['gn-swap', VERSION],
      ...runtimeOf(outcomes),
      ['Node', `${process.version.slice(1)} on ${process.platform} ${process.arch}`],
    ],
    date: new Date(),
  };
  const written: { file: string; bytes: number }[] = [];
  for (const file of reports) {
    const text = await reportFormatOf(file)?.render({ outcomes, call });
    if (text !== undefined) written.push({ file, bytes: await writeText(file, text, force, OPTION) });
  }
  return written;
}

function runtimeOf(outcomes: readonly Outcome[]): [string, string][] {
  const version = outcomes.map((it) => proofOf(it)?.observed?.runtime).find((it) => it !== undefined);
  return version === undefined ? [] : [['ONNX Runtime', version]];
}
