/** Why ONNX Runtime does not load a source as it was exported, and what can be done about it. */
import { GnSwapError } from '../errors.ts';
import { convertCommand } from '../words.ts';

/** What the runtime says → what to do; the first that fits counts. */
const REMEDIES: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [
    // bfloat16 came to most operators with opset 22: Conv, ConvTranspose, the pools, InstanceNormalization.
    /'tensor\(bfloat16\)' of input parameter .* of operator \((\w+)\)/,
    (op) =>
      `${op} supports bfloat16 from opset 22 on: export the model at opset 22, or convert it: ${convertCommand(22)}`,
  ],
  [
    // PyTorch's newer exporter without its optimizer makes the bias that a Conv3d has not as [channels, 2].
    /Conv : bias must be a 1D tensor of size output_channels/,
    () =>
      'The bias of that Conv has not one number for each channel. Export it anew, from PyTorch with optimize=True or dynamo=False',
  ],
  [
    /Opset \d+ is under development .* is till opset (\d+)/,
    (opset) => `Export it at opset ${opset}, or convert it: ${convertCommand(opset)}`,
  ],
  [
    // npm's onnxruntime-node counts CUDA among what it has, also where its libraries are not installed.
    /OrtSessionOptionsAppendExecutionProvider|load shared library/,
    () => 'Install the libraries of that device for ONNX Runtime, or leave --device out: the CPU does the same',
  ],
  [/two nodes with same node name/, () => 'Give each node of the source a unique name, or no name'],
  [
    /([\w.]+:\w+)\(-?\d+\) is not a registered function\/op/,
    (op) =>
      `Use a model without ${op}, which ONNX Runtime does not have: export it anew, or cut the graph before that node with onnx.utils.extract_model`,
  ],
];

/**
 * The error that blames the source.
 *
 * @param cause the runtime's refusal
 * @param unrun how to do without running it
 */
export function sourceFault(cause: GnSwapError, unrun: string): GnSwapError {
  const message = `the source itself fails: ${cause.message}`;
  return new GnSwapError('runtime-failed', message, {
    remedy: `${remedyFor(cause.message) ?? 'Fix the source model'}, or ${unrun}`,
    cause,
  });
}

/** What to do about a refusal of the runtime; undefined if it is none of those that are known. */
export function remedyFor(message: string): string | undefined {
  for (const [pattern, remedy] of REMEDIES) {
    const found = pattern.exec(message);
    if (found !== null) return remedy(...found.slice(1));
  }
  return undefined;
}
