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

/** As if the disk were full, for files whose path matches: they can be made, and nothing can be written into them. */
export const diskFullFor = (files: RegExp) => `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const open = fs.promises.open;
fs.promises.open = async (path, ...more) => {
  const handle = await open(path, ...more);
  const full = async () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  if (${files}.test(String(path))) for (const name of ['write', 'writev', 'writeFile']) handle[name] = full;
  return handle;
};
syncBuiltinESMExports();
`;
