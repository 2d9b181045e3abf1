/** The Worker of the page in Chromium: built, served, and asked through the client that the page uses. */
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import { buildWeb } from '../../scripts/web-build.ts';
import type { Options, RunResult, TaskName } from '../../src/web/messages.ts';
import type { Scratch } from './scratch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What a run came to, without its blob: the output is in a file of the scratch folder. */
export interface Ran extends Omit<RunResult, 'output'> {
  readonly output: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  readonly steps: readonly string[];
  readonly milliseconds: number;
}

/** Files by the paths that a page would see, each with the path on this disk. */
export type Dropped = Readonly<Record<string, string>>;

/** What a run is given. */
export interface Asked {
  readonly model: string;
  readonly external?: Dropped;
  readonly options?: Options;
  readonly calibrate?: Dropped;
  readonly data?: Dropped;
  readonly against?: string;
}

const ENTRY = `
import { Client } from '${ROOT}src/web/client.ts';
const load = async (url) => new File([await (await fetch(url)).blob()], decodeURIComponent(url.split('/').pop()));
const dropped = (files) => files && Promise.all(Object.entries(files).map(async ([path, url]) => ({ path, file: await load(url) })));
let client = new Client(() => new Worker('worker.js', { type: 'module' }));
globalThis.gn = {
  Client,
  client: () => client,
  load,
  async open({ model, external }) {
    return client.open(await load(model), (await dropped(external)) ?? []);
  },
  async run(task, asked, talk = {}) {
    const model = await gn.open(asked);
    const steps = [];
    const files = { calibrate: await dropped(asked.calibrate), data: await dropped(asked.data), against: asked.against && { file: await load(asked.against), external: [] } };
    const start = performance.now();
    const result = await model.run(task, asked.options ?? {}, files, { onProgress: ({ step }) => steps.includes(step) || steps.push(step), ...talk });
    const milliseconds = performance.now() - start;
    gn.last = result;
    const { output, ...rest } = result;
    if (output) await fetch('/put', { method: 'POST', body: output.blob });
    return { ...rest, milliseconds, steps, output: output && { name: output.name } };
  },
};
gn.ready = true;
`;

/** A served folder with the Worker in it. */
export class WebPage {
  readonly url: string;
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    const address = server.address();
    this.url = `http://localhost:${typeof address === 'object' ? address?.port : ''}/`;
  }

  /** @param isolated whether the page may have threads */
  static async build(scratch: Scratch, isolated = true): Promise<WebPage> {
    const folder = scratch.path('web');
    if (!existsSync(folder)) {
      await buildWeb(folder);
      await build({
        stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'js' },
        bundle: true,
        format: 'esm',
        outfile: join(folder, 'test.js'),
        logLevel: 'warning',
      });
      writeFileSync(
        join(folder, 'test.html'),
        '<!doctype html><title>test</title><script type="module" src="test.js"></script>',
      );
    }
    mkdirSync(scratch.path('out'), { recursive: true });
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
      if (isolated) {
        response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      }
      if (request.method === 'POST') {
        const parts: Buffer[] = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', () => {
          writeFileSync(scratch.path('out/put'), Buffer.concat(parts));
          response.end();
        });
        return;
      }
      const file = path.startsWith('/disk/') ? path.slice('/disk'.length) : join(folder, path);
      if (!existsSync(file) || !statSync(file).isFile()) {
        response.statusCode = 404;
        response.end();
        return;
      }
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    return new WebPage(server, folder);
  }

  /** Opens the page that talks to the Worker. What the browser complains of is put into the list. */
  async open(browser: Browser, complaints: string[] = []): Promise<Page> {
    const page = await browser.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${this.url}test.html`);
    await page.waitForFunction('globalThis.gn?.ready');
    return page;
  }

  /** Runs a task in a page. */
  async run(page: Page, task: TaskName, asked: Asked): Promise<Ran> {
    const served = servedOf(asked);
    const ran = (await page.evaluate(`gn.run(${JSON.stringify(task)}, ${JSON.stringify(served)})`)) as Ran;
    if (ran.output === undefined) return ran;
    const bytes = new Uint8Array(readFileSync(join(this.#folder, '../out/put')));
    return { ...ran, output: { name: ran.output.name, bytes } };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The same with addresses in place of paths. */
function servedOf({ model, external, options, calibrate, data, against }: Asked): object {
  const all = (files: Dropped | undefined) =>
    files && Object.fromEntries(Object.entries(files).map(([path, file]) => [path, addressOf(file)]));
  return {
    model: addressOf(model),
    options,
    external: all(external),
    calibrate: all(calibrate),
    data: all(data),
    against: against && addressOf(against),
  };
}

function addressOf(file: string): string {
  return `/disk${file.split('/').map(encodeURIComponent).join('/')}`;
}
