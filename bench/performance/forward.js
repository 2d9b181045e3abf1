/**
 * What a calibration can't do without: reads the inputs, opens the model in ONNX Runtime as it comes, and runs it on
 * them. The measure for a calibration that does the same and more.
 *
 *     node forward.js MODEL INPUTS.npz SAMPLES-A-RUN
 */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [model, inputs, batch] = process.argv.slice(2);
const [[name, file]] = Object.entries(unzipSync(readFileSync(inputs)));
const { dims, data } = floatsOf(file);
const session = await InferenceSession.create(model);
const [samples, ...rest] = dims;
const size = rest.reduce((product, dim) => product * dim, 1);
for (let at = 0; at < samples; at += Number(batch)) {
  const count = Math.min(Number(batch), samples - at);
  const values = data.subarray(at * size, (at + count) * size);
  await session.run({ [name.replace('.npy', '')]: new Tensor('float32', values, [count, ...rest]) });
}

/** The numbers of a .npy of little-endian float32 in C order. */
function floatsOf(npy) {
  const start = 10 + npy[8] + 256 * npy[9];
  const header = new TextDecoder().decode(npy.subarray(10, start));
  const shape = /'shape': ?\(([^)]*)\)/.exec(header)[1];
  const bytes = npy.slice(start);
  return { dims: shape.split(',').filter((part) => part.trim() !== '').map(Number), data: new Float32Array(bytes.buffer) };
}
