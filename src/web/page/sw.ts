/**
 * The service worker: keeps every file of one version of the page, and answers from them, with or without a network. It adds the headers
 * that a plain file server does not send, so that from the second visit on ONNX Runtime has its threads there too.
 */

/**
 * Put in by the build: a digest of all files, their names relative to the page, names of those that are kept only once they were asked for,
 * and the headers to answer with.
 */
declare const CACHED: {
  readonly version: string;
  readonly files: readonly string[];
  readonly later: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
};

/** What of a service worker's own types is used here: TypeScript's do not go together with those of a page. */
interface Lifetime extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: 'install' | 'activate', hear: (event: Lifetime) => void): void;
  addEventListener(kind: 'fetch', hear: (event: Fetching) => void): void;
}
declare const self: Scope & typeof globalThis;

const PREFIX = 'gn-swap-';
const NAME = `${PREFIX}${CACHED.version}`;
const home = new URL('./', location.href);
const atOnce = CACHED.files.map(addressOf);
const later = new Set(CACHED.later.map(addressOf));
const own = new Set([...atOnce, ...later]);

self.addEventListener('install', (event) => {
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(replace());
});

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const [plain = ''] = url.split(/[?#]/);
  const asked = plain === home.href ? new URL('index.html', home).href : plain;
  if (method === 'GET' && own.has(asked)) event.respondWith(answer(asked));
});

async function keep(): Promise<void> {
  const cache = await caches.open(NAME);
  // Past the browser's own cache, which may hold files of another version.
  await cache.addAll(atOnce.map((url) => new Request(url, { cache: 'reload' })));
}

/** A new version takes over when no page of the old one is open any more: then nothing needs the old files. */
async function replace(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

/** From the network, and from then on from here, if it is one of those. */
async function fetched(url: string, cache: Cache): Promise<Response> {
  const found = await fetch(url);
  if (later.has(url) && found.ok) await cache.put(url, found.clone());
  return found;
}

function addressOf(file: string): string {
  return new URL(file, home).href;
}

async function answer(url: string): Promise<Response> {
  const cache = await caches.open(NAME);
  const found = (await cache.match(url)) ?? (await fetched(url, cache));
  const headers = new Headers(found.headers);
  for (const [name, value] of Object.entries(CACHED.headers)) headers.set(name, value);
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
