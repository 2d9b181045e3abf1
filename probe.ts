import { FIXTURES } from './fixtures/index.ts';
import { gradientOf } from './src/gradient/index.ts';
import { modelOf } from './test/support/swapped.ts';
import { illegalities } from './src/graph/legal.ts';
import { besideFiles } from './test/support/home.ts';
const seen = new Map<string, string[]>();
for (const f of FIXTURES) {
  for (const [batchNorm, o] of ([{ flat: true, optimizer: 'adamw', loss: 'mse', optimizerOptions: { clip: 1 } }, { wrt: ['.*'], loss: 'l1', optimizer: 'sgd', optimizerOptions: { clip: 1 } }, { batchNorm: 'given' }, {optimizer: 'adamw', loss: 'mse'}] as any[]).entries()) {
  let line: string;
  try {
    let m = modelOf(f);
    const files = (f as any).files?.();
    if (files) m = { ...m, home: besideFiles(files) };
    const g = await gradientOf(m, { verify: true, batch: 2, ...o });
    const bad = [...illegalities(g.model), ...illegalities(g.init)];
    line = bad.length ? 'ILLEGAL ' + JSON.stringify(bad) : (g.proof!.error < 1e-4 ? 'ok' : 'error ' + g.proof!.error);
  } catch (e: any) { line = `${e.code}: ${e.message}`.slice(0, 170) + (e.code ? '' : e.stack); }
  (seen.get(line) ?? seen.set(line, []).get(line)!).push(f.name + '/' + batchNorm);
  }
}
for (const [k, v] of seen) console.log(k, '\n     ', k === 'ok' ? v.length : v.join(' '));
