/** JavaScript that changes a process before gn-swap starts in it. */

const without = (names: RegExp) => `
import * as module from 'node:module';
function resolve(name, context, next) {
  if (${names}.test(name)) throw new Error('not found: ' + name);
  return next(name, context);
}
// Older versions of Node know the one, newer ones warn of the other.
if (module.registerHooks) module.registerHooks({ resolve });
else module.register('data:text/javascript,' + encodeURIComponent('export ' + resolve));
`;

/** As if onnxruntime-node were not installed, and onnxruntime-web were. */
export const WITHOUT_NATIVE_RUNTIME = without(/^onnxruntime-node/);

/** As if neither onnxruntime-node nor onnxruntime-web were installed. */
export const WITHOUT_RUNTIME = without(/^onnxruntime/);

/** As if there were nothing to draw with. */
export const WITHOUT_CHARTS = without(/^(@observablehq|linkedom|d3)/);

/** As if a person were looking: both streams are terminals, 200 columns wide. */
export const ON_A_TERMINAL = `for (const stream of [process.stdout, process.stderr]) {
  stream.isTTY = true;
  stream.columns = 200;
}`;
