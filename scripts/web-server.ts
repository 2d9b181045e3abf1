/** A small server of static files, for `npm run web` and the tests: it answers GET from one folder. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface ServerOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** Whether the headers of the build are sent; without them it is as a plain file server. */
  readonly headers: boolean;
  /** Told each request. */
  readonly onRequest?: ((method: string, path: string) => void) | undefined;
}

export interface Server {
  /** Of the page, with a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder at /gn-swap/ on this machine alone: below a path, as project pages are. */
export async function serve(folder: string, { port, headers, onRequest }: ServerOptions): Promise<Server> {
  const sent: Record<string, string> = headers ? JSON.parse(readFileSync(join(folder, 'headers.json'), 'utf8')) : {};
  const server = createServer((request, response) => {
    onRequest?.(request.method ?? '', request.url ?? '');
    answer(folder, sent, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${own}${BASE}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const BASE = '/gn-swap/';

function answer(
  folder: string,
  headers: Readonly<Record<string, string>>,
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname === '/') {
    response.writeHead(302, { Location: BASE }).end();
    return;
  }
  const name = normalize(decodeURIComponent(pathname.replace(BASE, '/')));
  const file = join(folder, name.endsWith('/') ? `${name}index.html` : name);
  const found = (method === 'GET' || method === 'HEAD') && pathname.startsWith(BASE) && file.startsWith(folder);
  const size = found ? statSync(file, { throwIfNoEntry: false })?.size : undefined;
  if (size === undefined) {
    response.writeHead(404, headers).end('not found');
    return;
  }
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': size, 'Cache-Control': 'no-cache' });
  if (method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}
