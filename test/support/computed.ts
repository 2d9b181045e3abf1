/** Models with parameters that must be computed. */
import { Net } from '../../fixtures/build.ts';
import type { Model } from '../../src/onnx/model.ts';

/** Two norms; γ of the second is the remainder of a division, which is constant but for the runtime to tell. */
export function computed(operator: string): Model {
  const net = new Net();
  const x = net.bn(net.conv(net.input('x', [2, 3, 4, 4]), 3, 16), 16);
  const attributes = operator === 'Mod' ? { fmod: 1 } : {};
  const scale = net.node(
    operator,
    [net.weight('a', [16], net.numbers(16, 1, 2)), net.weight('b', [16], net.numbers(16, 2, 3))],
    attributes,
  );
  return net.output(net.bn(x, 16, { scale }), [2, 16, 4, 4]).model();
}
