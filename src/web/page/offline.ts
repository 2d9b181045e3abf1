/** Lets the page work without a network, and says so once it does. */

/** Registers the service worker; pages that a browser gives none simply need the network. */
export async function workOffline(place: HTMLElement): Promise<void> {
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return;
  try {
    await navigator.serviceWorker.register('./sw.js');
    await navigator.serviceWorker.ready;
    place.textContent = 'Ready to work offline';
  } catch {
    place.textContent = 'Needs a network: this browser keeps no copy of the page';
  }
}
