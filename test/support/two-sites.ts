/** Conv → BN → Relu → Conv → BN → Relu → Conv: one norm behind another. */
import { Net } from '../../fixtures/build.ts';
import { findSites, type Search } from '../../src/find/index.ts';

export function twoSites(): Search {
  const net = new Net();
  const x = net.conv(net.input('x', ['N', 3, 4, 4]), 3, 8, { kernel: 3 });
  const y = net.conv(net.relu(net.bn(x, 8, { name: 'first' })), 8, 8);
  net.output(net.conv(net.relu(net.bn(y, 8, { name: 'second' })), 8, 2), ['N', 2, 4, 4]);
  return findSites(net.model());
}
