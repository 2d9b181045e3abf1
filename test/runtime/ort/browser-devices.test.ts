import { expect } from 'chai';
import { browserDevices } from '../../../src/runtime/ort/browser-devices.ts';

describe('devices of a browser', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', own);
  });

  const found = (navigator: object) => {
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    return browserDevices();
  };

  it('are the CPU alone without WebGPU, without a graphics card for it, and where it fails', async () => {
    const asked = (requestAdapter: () => Promise<unknown>) => found({ gpu: { requestAdapter } });
    expect(await found({})).to.deep.equal(['cpu']);
    expect(await asked(async () => null)).to.deep.equal(['cpu']);
    expect(await asked(() => Promise.reject(new Error('no')))).to.deep.equal(['cpu']);
  });

  it('have WebGPU where the browser gives an adapter', async () => {
    expect(await found({ gpu: { requestAdapter: async () => ({}) } })).to.deep.equal(['cpu', 'webgpu']);
  });
});
