/**
 * The Worker of the page in headless Chromium against the command line: how long it takes to look at a model, and to swap and verify it.
 *
 *     tsx bench/web.ts [ROUNDS]
 *
 * Times are those that both report of their steps, so that neither the start of Node nor of Chromium counts. The first round, in which the Worker
 * loads its modules and the runtime, is told apart.
 */

import { openBrowser } from '../test/browser/chromium.ts';
import { cli } from '../test/support/cli.ts';
import { Scratch } from '../test/support/scratch.ts';
import { WebPage } from '../test/support/web-page.ts';
import { MODELS } from './ocr/models.ts';
import { median } from './performance/median.ts';

const rounds = Number(process.argv[2] ?? 3);
const scratch = new Scratch();
const browser = await openBrowser();
if (browser === undefined) process.exit(1);
const web = await WebPage.build(scratch);
const page = await web.open(browser);

/** Milliseconds of all steps together. */
function timeOf(json: string): number {
  const { timings } = JSON.parse(json).results[0] as { timings: Record<string, number> };
  return Object.values(timings).reduce((sum, it) => sum + it, 0);
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

try {
  const looked: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    looked.push((await web.run(page, 'inspect', { model: MODELS.recogniser })).milliseconds);
  }
  const [first = 0, ...warm] = looked;
  console.log(`inspect, the recogniser (11 MB): ${seconds(median(warm))}, the first time ${seconds(first)}`);
  for (const [name, model] of Object.entries({ classifier: MODELS.classifier, detector: MODELS.detector })) {
    const [here, there]: [number[], number[]] = [[], []];
    let start = 0;
    for (let round = 0; round <= rounds; round++) {
      const time = timeOf((await web.run(page, 'swap', { model })).json);
      const target = scratch.path('own.onnx');
      const { stdout } = await cli([model, '--json', '--force', '-o', target]);
      if (round === 0) start = time;
      else {
        here.push(time);
        there.push(timeOf(stdout));
      }
    }
    const [a, b] = [median(here), median(there)];
    const ratio = (a / b).toFixed(1);
    console.log(
      `swap and verify, the ${name}: ${seconds(a)} in the browser (first ${seconds(start)}), ${seconds(b)} native, × ${ratio}`,
    );
  }
} finally {
  await browser.close();
  web.close();
  scratch.remove();
}
