/// <reference lib="dom" />
/** What a browser computes on. */

/** Devices that this browser offers: WebGPU needs a graphics card that the browser trusts. */
export async function browserDevices(): Promise<readonly string[]> {
  const { gpu } = navigator as Navigator & { readonly gpu?: { requestAdapter(): Promise<unknown> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter ? ['cpu', 'webgpu'] : ['cpu'];
}
