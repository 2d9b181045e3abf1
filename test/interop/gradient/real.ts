/**
 * Copies PaddleOCR's three models to a folder, with a rendered input for each: noise saturates them, and then there is no gradient to
 * compare. Also writes the gradient model that the examples of docs/gradient.md train. `node --import tsx test/interop/gradient/real.ts FOLDER`
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderLines } from '../../../bench/ocr/lines.ts';
import { MODELS } from '../../../bench/ocr/models.ts';
import { renderPages } from '../../../bench/ocr/pages.ts';
import { Net } from '../../../fixtures/build.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { writeModel } from '../../../src/onnx/model.ts';

const [, , folder = '.'] = process.argv;
mkdirSync(folder, { recursive: true });
const inputs = {
  detector: await renderPages({ count: 1, seed: 3, size: 320 }),
  recogniser: await renderLines({ count: 1, seed: 3, width: 160, turned: 0 }),
  classifier: await renderLines({ count: 2, seed: 3 }),
};
const sizes: Record<string, Record<string, readonly number[]>> = {};
for (const [name, { dims, data }] of Object.entries(inputs)) {
  copyFileSync(MODELS[name as keyof typeof inputs], join(folder, `${name}.onnx`));
  writeFileSync(join(folder, `${name}.npz`), writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
  sizes[name] = { x: dims };
}
writeFileSync(join(folder, 'sizes.json'), JSON.stringify(sizes));

const { model, init } = await gradientOf(conv().model(), { loss: 'mse', optimizer: 'adamw' });
mkdirSync(join(folder, 'example'), { recursive: true });
writeFileSync(join(folder, 'example', 'model.grad.onnx'), writeModel(model));
writeFileSync(join(folder, 'example', 'model.init.onnx'), writeModel(init));

function conv(): Net {
  const net = new Net({ opset: 17 });
  const inner = net.relu(net.bn(net.conv(net.input('x', [2, 3, 8, 8]), 3, 8), 8));
  return net.output(net.node('GlobalAveragePool', [inner], {}, { outputs: ['y'] }), [2, 8, 1, 1]);
}
