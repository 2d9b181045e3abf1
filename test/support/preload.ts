/** JavaScript that changes a process before gn-swap starts in it. */

const withLoader = (loader: string) =>
  `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(loader).replaceAll("'", '%27')}');`;

/** As if onnxruntime-node were not installed. */
export const WITHOUT_RUNTIME = withLoader(`export async function resolve(name, context, next) {
  if (name.startsWith('onnxruntime')) throw new Error('not found: ' + name);
  return next(name, context);
}`);

/** As if there were nothing to draw with. */
export const WITHOUT_CHARTS = withLoader(`export async function resolve(name, context, next) {
  if (/^(@observablehq|linkedom|d3)/.test(name)) throw new Error('not found: ' + name);
  return next(name, context);
}`);

/** As if a person were looking: both streams are terminals, 200 columns wide. */
export const ON_A_TERMINAL = `for (const stream of [process.stdout, process.stderr]) {
  stream.isTTY = true;
  stream.columns = 200;
}`;
