/** Files that are given for ONNX by mistake, told by how they begin. */
import type { ByteSource } from './bytes.ts';

/** What a file is instead, and how its owner comes by a model. */
export interface OtherFormat {
  readonly what: string;
  readonly remedy: string;
}

/** As many bytes as tell all of them. */
const START = 64;

const EXPORT = 'Export the model with torch.onnx.export';

/** Told by their first bytes, each as the character of its number. */
const FORMATS: readonly (OtherFormat & { readonly is: (start: string) => boolean })[] = [
  {
    is: (start) => start.startsWith('version https://git-lfs.'),
    what: 'a Git LFS pointer instead of the model',
    remedy: 'Fetch the model with git lfs pull',
  },
  {
    is: (start) => /^\s*<(!doctype|html)/i.test(start),
    what: 'a web page',
    remedy: 'Download the file itself, not the page that shows it',
  },
  { is: isPicture, what: 'a picture', remedy: 'Use the .onnx file; pictures go to --calibrate or --data' },
  { is: (start) => start.startsWith('\x1f\x8b'), what: 'compressed by gzip', remedy: 'Unpack it with gunzip' },
  {
    is: (start) => start.startsWith('PK\x03\x04'),
    what: 'a zip archive, as checkpoints of PyTorch are',
    remedy: `${EXPORT}, or unzip it`,
  },
  {
    is: (start) => ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'].includes(start.slice(0, 2)),
    what: 'a Python pickle, as old checkpoints of PyTorch are',
    remedy: EXPORT,
  },
  {
    is: (start) => start.startsWith('\0\0{', 6),
    what: 'safetensors: weights without a graph',
    remedy: EXPORT,
  },
  {
    is: (start) => start.startsWith('\x89HDF\r\n'),
    what: 'HDF5, as models of Keras are',
    remedy: 'Convert it with tf2onnx, or model.export',
  },
  {
    is: (start) => start.startsWith('TFL3', 4),
    what: 'a model of TensorFlow Lite',
    remedy: 'Convert it with python -m tf2onnx.convert --tflite',
  },
  {
    is: (start) => start.startsWith('ORTM', 4),
    what: 'in the ORT format, which ONNX Runtime makes of an .onnx file',
    remedy: 'Use the .onnx file that it was converted from',
  },
];

/** PNG, JPEG, GIF, WebP. */
function isPicture(start: string): boolean {
  return /^(\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|RIFF[\s\S]{4}WEBP)/.test(start);
}

/** What a file is that is no ONNX model; `undefined` where nobody knows. */
export function otherFormatOf(source: ByteSource): OtherFormat | undefined {
  const start = String.fromCharCode(...source.read(0, Math.min(START, source.size)));
  return FORMATS.find(({ is }) => is(start));
}
