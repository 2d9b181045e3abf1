/**
 * How long norms take in ONNX Runtime on the CPU, form by form, against the BatchNormalization that they replace: alone on
 * maps of twelve sizes, and in whole models. Two Markdown tables, and a chart of the first.
 *
 *     npx tsx bench/latency.ts [--quick] [--chart FILE.svg]
 *
 * All forms of a size are run in turn, so that what else the machine does falls on all alike.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drawChart } from './latency/chart.ts';
import { timeModels } from './latency/models.ts';
import { SHAPES, timeNorms } from './latency/norms.ts';
import { renderTimes } from './latency/table.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, chart: { type: 'string' } } });
const log = (message: string) => process.stderr.write(`${message}\n`);
const budget = values.quick ? 100 : 1500;
const norms = await timeNorms(values.quick ? SHAPES.slice(-3) : SHAPES, budget, log);
console.log(renderTimes('map', norms));
console.log();
console.log(renderTimes('model', await timeModels(budget, log)));
if (values.chart !== undefined) writeFileSync(values.chart, `${drawChart(norms)}\n`);
