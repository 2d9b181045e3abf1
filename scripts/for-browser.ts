/** What builds for browsers have in common: files that are named `node.ts` have one beside them for browsers, `web.ts`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** What esbuild may use: what browsers have had since 2022 (modules in Workers, and Firefox 114 for that). */
export const BROWSERS = 'es2022';

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
