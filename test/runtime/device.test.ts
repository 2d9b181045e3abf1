import { expect } from 'chai';
import { create, type NodeProto } from '../../src/onnx/schema.ts';
import { DEVICES, nodesForCpu } from '../../src/runtime/device.ts';

describe('nodesForCpu', () => {
  const graph = (node: readonly NodeProto[]) => create('GraphProto', { name: 'g', node: [...node] });
  const split = (name: string, parts: number) =>
    create('NodeProto', {
      name,
      opType: 'Split',
      input: ['x'],
      output: Array.from({ length: parts }, (_, i) => `${name}${i}`),
    });
  const pool = (name: string, output: string[]) =>
    create('NodeProto', { name, opType: 'MaxPool', input: ['x'], output });
  const nodes = graph([split('narrow', 3), split('wide', 40), pool('plain', ['y']), pool('places', ['y', 'i'])]);

  it('names what WebGPU refuses while it runs', () => {
    expect(nodesForCpu(nodes, 'webgpu')).to.deep.equal(['wide', 'places']);
  });

  it('leaves other devices to the runtime', () => {
    for (const device of DEVICES) if (device !== 'webgpu') expect(nodesForCpu(nodes, device)).to.deep.equal([]);
  });
});
