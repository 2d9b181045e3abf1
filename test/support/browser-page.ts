/** The page for tests: built once, served on this machine, opened in Chromium with all that it says and asks for written down. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { type Server, type ServerOptions, serve } from '../../scripts/web-server.ts';
import { defined } from '../../src/defined.ts';

export const SHOTS = fileURLToPath(new URL('../../out/browser/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a server was asked for. */
export interface Asked {
  readonly method: string;
  readonly path: string;
}

/** Serves a folder, and writes down every request. */
export async function serveHeard(
  folder: string,
  options: Partial<ServerOptions> = {},
): Promise<Server & { readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const onRequest = (method: string, path: string) => void asked.push({ method, path });
  const server = await serve(folder, { port: 0, headers: true, ...options, onRequest });
  return { ...server, asked };
}

/** A page of the app in its own profile: nothing is kept from another test. */
export interface Opened {
  readonly page: Page;
  /** Messages of the console and errors that nobody caught. */
  readonly complaints: string[];
  /** Addresses that the page, its Worker or its service worker asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface View {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** Opens an address in a profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, scheme = 'light' }: View = {},
): Promise<Opened> {
  const context = await browser.createBrowserContext();
  const complaints: string[] = [];
  const requests: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => void complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => void complaints.push(String(error)));
  page.on('request', (request) => void requests.push(request.url()));
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.setViewport({ width, height: width < 500 ? 740 : 900 });
  await page.goto(url);
  return { page, complaints, requests, close: () => context.close() };
}

/** Chooses files in a file input. */
export async function choose(page: Page, input: string, ...files: readonly string[]): Promise<void> {
  const found = await page.waitForSelector(input);
  await (await found?.toElement('input'))?.uploadFile(...files);
}

/** Waits until the heading beside the form says something. */
export async function waitForHeading(page: Page, text: string, timeout = 110_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelector('#outcome h2')?.textContent?.includes(wanted) ?? false,
    { timeout },
    text,
  );
}

/** Drops files on an element, as from the desktop: folders too. */
export async function drop(page: Page, target: string, ...files: readonly string[]): Promise<void> {
  const place = await page.waitForSelector(target);
  const point = await place?.clickablePoint();
  const session = await page.createCDPSession();
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: point?.x ?? 0,
      y: point?.y ?? 0,
      data: { items: [], files: [...files], dragOperationsMask: 1 },
    });
  }
  await session.detach();
}

/** Lets the page download into a folder. @returns waits for a file of that name, and gives its path */
export async function downloadsInto(page: Page, folder: string): Promise<(name: string) => Promise<string>> {
  mkdirSync(folder, { recursive: true });
  const session = await page.createCDPSession();
  await session.send('Browser.setDownloadBehavior', {
    behavior: 'allow',
    downloadPath: folder,
    ...defined({ browserContextId: page.browserContext().id }),
  });
  return async (name) => {
    const path = join(folder, name);
    for (let tries = 0; tries < 200; tries++) {
      if (existsSync(path)) return path;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${name} did not come; there are ${readdirSync(folder).join(', ')}`);
  };
}

/** What axe objects to: the rules, with the elements. */
export async function objections(page: Page): Promise<unknown[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)]);
}
