import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { OpenSession } from '../../src/runtime/session.ts';
import { closeSized, forwardOf, type Sized } from '../../src/train/sized.ts';
import { floats } from '../support/answers.ts';
import { runModel } from '../support/session.ts';

describe('train/sized', () => {
  it('cuts out what some outputs need, with a captured value, and computes the same', async () => {
    const net = new Net({ opset: 18 });
    const [x, t] = [net.input('x', [2, 3]), net.input('target', [2, 2])];
    const y = net.node('MatMul', [x, net.weight('w', [3, 2])], {}, { outputs: ['y'] });
    net.node('Sub', [y, t], {}, { outputs: ['gap'] });
    net.node('Mul', ['gap', net.weight('unread', [], [2])], {}, { outputs: ['seed'] });
    net.node('Relu', [y], {}, { outputs: ['z'] });
    const model = net.output('y', [2, 2]).output('seed', [2, 2]).output('z', [2, 2]).model();
    const part = forwardOf(model, ['z', 'y']);
    const { node, input, output, initializer } = part.proto.graph;
    expect(node.map(({ opType }) => opType)).to.deep.equal(['MatMul', 'Relu']);
    expect(input.map(({ name }) => name)).to.deep.equal(['x']);
    expect(output.map(({ name }) => name)).to.deep.equal(['y', 'z']);
    expect(initializer.map(({ name }) => name)).to.deep.equal(['w']);
    const feeds = { x: floats([2, 3], [1, -2, 3, 0.5, 2, -1]) };
    const whole = await runModel(model, { ...feeds, target: floats([2, 2], [1, 2, 3, 4]) });
    const own = await runModel(part, feeds);
    for (const name of ['y', 'z']) expect(own[name]?.data).to.deep.equal(whole[name]?.data);
  });

  it('an output that is an input needs no node', () => {
    const net = new Net({ opset: 18 });
    const x = net.input('x', [2]);
    net.node('Relu', [x], {}, { outputs: ['y'] });
    const { node, input } = forwardOf(net.output('y', [2]).output('x', [2]).model(), ['x']).proto.graph;
    expect([node.length, input.map(({ name }) => name)]).to.deep.equal([0, ['x']]);
  });

  it('closes each session that was opened, and none that was not', async () => {
    const closed: string[] = [];
    const session = (name: string) => ({ close: async () => void closed.push(name) }) as unknown as OpenSession;
    const none = { backward: undefined, forward: undefined, inference: undefined };
    await closeSized(undefined);
    await closeSized({ ...none, made: {} as Sized['made'] });
    expect(closed).to.deep.equal([]);
    const all = { backward: session('backward'), forward: session('forward'), inference: session('inference') };
    await closeSized({ ...all, made: {} as Sized['made'] });
    expect(closed).to.have.members(['backward', 'forward', 'inference']);
  });
});
