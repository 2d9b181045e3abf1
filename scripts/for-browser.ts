/** What builds for browsers have in common: files that are named `node.ts` have one beside them for browsers, `web.ts`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Takes `web.ts` for each import of a `node.ts` that has one beside it. */
export const forBrowser: Plugin = {
  name: 'for-browser',
  setup({ onResolve }) {
    onResolve({ filter: /\/node\.ts$/ }, ({ path, resolveDir }) => {
      const web = join(resolveDir, dirname(path), 'web.ts');
      return existsSync(web) ? { path: web } : undefined;
    });
  },
};
