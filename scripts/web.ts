/** Builds the page and serves it on this machine: `npm run web [-- --port 4173] [-- --plain]`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildWeb } from './web-build.ts';
import { serve } from './web-server.ts';

const FOLDER = fileURLToPath(new URL('../dist/web/', import.meta.url));

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4173' },
    // As a server of static files that sends no headers: the page then has no threads on the first visit.
    plain: { type: 'boolean', default: false },
  },
});
await buildWeb(FOLDER);
const { url } = await serve(FOLDER, { port: Number(values.port), headers: !values.plain });
console.log(`${url}\nPress Ctrl-C to stop.`);
