/**
 * Writes gradients of a network whose BatchNormalization is in training: units.train.grad.onnx and units.renorm.grad.onnx, each with its
 * init.onnx. `node --import tsx test/interop/gradient/batch-norm.ts FOLDER`; see test_batch_norm.py
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gradientOf } from '../../../src/gradient/index.ts';
import { readModel, writeModel } from '../../../src/onnx/model.ts';

const [, , folder = '.'] = process.argv;

/** Limits that some channels reach. */
const LIMITS = { rMax: 1.1, dMax: 0.1 };

const source = readModel(readFileSync(join(folder, 'units.ts.onnx')));
for (const batchNorm of ['train', 'renorm'] as const) {
  const { model, init } = await gradientOf(source, { batchNorm, renormLimits: LIMITS, wrt: ['all', 'inputs'] });
  writeFileSync(join(folder, `units.${batchNorm}.grad.onnx`), writeModel(model));
  writeFileSync(join(folder, `units.${batchNorm}.init.onnx`), writeModel(init));
  console.log(`units.${batchNorm}`);
}
