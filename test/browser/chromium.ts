/** Chromium, where the machine has one. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

function find(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A browser; `undefined`, and a word about it, where there is none.
 *
 * @param more arguments of Chromium
 */
export async function openBrowser(more: readonly string[] = []): Promise<Browser | undefined> {
  const executablePath = find();
  if (executablePath === undefined) {
    console.error(
      '\n  NO CHROMIUM ON THE PATH: THE BROWSER TESTS ARE SKIPPED. Install it, such as by: apt-get install chromium\n',
    );
    return undefined;
  }
  // A container's root has no sandbox of its own; the pages are ours.
  return puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', ...more] });
}
