/**
 * Sites found in torchvision's models against the truth that torchvision_models.py wrote beside them: `tsx torchvision_sites.ts
 * FOLDER [--wrong]`. Prints a table; the exit status is 1 if a norm is missed, or something is taken for one that is none.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { FileSource } from '../../src/cli/disk/index.ts';
import { findSites } from '../../src/find/index.ts';
import { readModel } from '../../src/onnx/model.ts';

const [folder = '', ...options] = process.argv.slice(2);
const STYLES = ['kept', 'folded', 'chain', 'muladd'];

/** The module that a node of torch.onnx.export was written for: `/a/a.0/conv/Conv_1` → `a.0.conv`. */
function moduleOf(node: string): string {
  const parts: string[] = [];
  for (const part of node.split('/').slice(1, -1)) {
    // A child of a container is called by both names.
    if (part.startsWith(`${parts.at(-1)}.`)) parts.pop();
    parts.push(part);
  }
  return parts.join('.');
}

interface Truth {
  readonly torch: string;
  readonly torchvision: string;
  readonly norms: readonly string[];
  readonly layers: readonly string[];
}

const models = [...new Set(readdirSync(folder).flatMap((it) => it.match(/^(\w+)\.\w+\.onnx$/)?.[1] ?? []))];
let failed = false;
const rows = models.map((model) => {
  const cells = STYLES.map((style) => {
    const truth: Truth = JSON.parse(readFileSync(path.join(folder, `${model}.${style}.json`), 'utf8'));
    const source = new FileSource(path.join(folder, `${model}.${style}.onnx`));
    try {
      const read = readModel(source);
      const expected = new Set(style === 'folded' ? truth.layers : truth.norms);
      const [byDefault, all] = (['batchnorm', 'all'] as const).map((kind) => {
        const found = findSites(read, undefined, kind).sites.map(({ node }) => moduleOf(node.name));
        const wrong = found.filter((it) => !expected.has(it));
        const missed = [...expected].filter((it) => !found.includes(it));
        const isBad = wrong.length > 0 || (missed.length > 0 && (kind === 'all' || style !== 'folded'));
        if (isBad) failed = true;
        if (isBad && options.includes('--wrong')) console.error(model, style, kind, { wrong, missed });
        return { found: found.length - wrong.length, wrong: wrong.length };
      });
      const none = style === 'folded' ? '' : `${byDefault?.found} and `;
      return `${none}${all?.found} of ${truth.norms.length}, ${(byDefault?.wrong ?? 0) + (all?.wrong ?? 0)} wrong`;
    } finally {
      source.close();
    }
  });
  return `| ${[model, ...cells].join(' | ')} |`;
});
console.log([`| model | ${STYLES.join(' | ')} |`, `| ---${' | ---'.repeat(STYLES.length)} |`, ...rows].join('\n'));
process.exitCode = failed ? 1 : 0;
