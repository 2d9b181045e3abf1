import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersIn } from '../../../src/runtime/session.ts';
import { MOVES } from '../../../src/train/detect/moves.ts';
import { runModel } from '../../support/session.ts';

describe('train/detect/moves', () => {
  it('lay numbers out and compute nothing: what comes out went in', async () => {
    const numbers = Array.from({ length: 24 }, (_, index) => index + 0.5);
    const one = (op: string, net: Net, x: string) => {
      const ints = (name: string, values: readonly number[]) =>
        net.weight(name, [values.length], values, DataType.INT64);
      const more: Readonly<Record<string, readonly (readonly number[])[]>> = {
        Reshape: [[4, 6]],
        Squeeze: [[0]],
        Unsqueeze: [[0]],
        Slice: [[1], [3], [2]],
        Gather: [[0]],
      };
      const given = (more[op] ?? []).map((values, index) => ints(`given${index}`, values));
      net.node(op, [x, ...given], {}, { outputs: op === 'Split' ? ['y', 'rest'] : ['y'] });
    };
    for (const op of MOVES) {
      const net = new Net({ opset: 13 });
      one(op, net, net.input('x', op === 'Split' ? [2, 12] : [1, 4, 6]));
      const dims = op === 'Split' ? [2, 12] : [1, 4, 6];
      const feeds = { x: { type: DataType.FLOAT, dims, data: Float32Array.from(numbers) } };
      const { y } = await runModel(net.output('y').model(), feeds);
      expect(numbers, op).to.include.members(Array.from(numbersIn(y)));
    }
  });
});
