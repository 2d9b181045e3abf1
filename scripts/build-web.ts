/** Makes dist/web, and says how large it is. `npm run build:web`. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb, compressed, loadedWith } from './web-build.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const metafile = await buildWeb(fileURLToPath(new URL('../dist/web/', import.meta.url)));
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
for (const entry of ['main.js', 'worker.js']) {
  const files = loadedWith(entry, metafile);
  const bytes = files.reduce((sum, file) => sum + statSync(join(ROOT, file)).size, 0);
  if (files.length > 0)
    console.log(`${entry} with what it imports: ${kilobytes(bytes)}, ${kilobytes(compressed(files))} compressed`);
}
