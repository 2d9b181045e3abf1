/** What is printed, and which reports are written. */
import { type GroupOptions, proving, reporting, talking } from './types.ts';

export const REPORTING = {
  report: {
    type: 'string',
    commands: reporting,
    array: true,
    describe: 'write a report to this file: a page with charts (.html), Markdown (.md), or JSON (.json)',
  },
  junit: {
    type: 'string',
    commands: proving,
    describe: 'write JUnit XML to this file, one case per check and norm; replaces an earlier one',
  },
  sarif: {
    type: 'string',
    commands: proving,
    describe: 'write SARIF 2.1.0 to this file, one result per finding; replaces an earlier one',
  },
  markdown: {
    type: 'string',
    commands: proving,
    describe: 'append a Markdown summary to this file, such as $GITHUB_STEP_SUMMARY',
  },
  github: {
    type: 'boolean',
    commands: proving,
    describe: 'print a GitHub Actions annotation for each finding',
  },
  json: {
    type: 'boolean',
    commands: talking,
    describe: 'print a JSON document (schema: docs/report.schema.json)',
  },
  quiet: {
    type: 'boolean',
    commands: talking,
    alias: 'q',
    describe: 'print only errors',
  },
  verbose: {
    type: 'boolean',
    commands: talking,
    describe: 'print details of every check, and stack traces of errors',
  },
} as const satisfies GroupOptions;
