/** The page's entry. */
import { VERSION } from '../../version.ts';
import { Client } from '../client.ts';
import { App } from './app.ts';
import { byId } from './dom.ts';
import { workOffline } from './offline.ts';

/**
 * Starts the Worker from a blob that imports it. It is then held to the page's policy, and can send nothing anywhere, also on a server that
 * sends no headers.
 */
function startWorker(): Worker {
  const code = `import ${JSON.stringify(new URL('./worker.js', import.meta.url).href)};`;
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module' });
}

new App(new Client(startWorker)).start();
byId('version', HTMLElement).textContent = `gn-swap ${VERSION}`;
void workOffline(byId('offline', HTMLElement));
