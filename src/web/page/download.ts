/** Files for the user. */
import { el } from './dom.ts';

/** Hands a file to the browser's downloads. */
export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  el('a', { href: url, download: name }).click();
  // The browser needs it until it has begun to write.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
