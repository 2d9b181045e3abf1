/**
 * Counts how many boxes of a detector a trained file still finds, in pictures that neither was trained on.
 *
 *     npx tsx bench/finetune/keep.ts source.onnx trained.onnx FOLDER [--old-classes a,b] [--preset bytes] [--channel-order bgr] [--size 416x416]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { images, picturesFor } from '../../src/call/pictures.ts';
import { DISK } from '../../src/cli/disk/index.ts';
import { openLabelled } from '../../src/inputs/labelled/open.ts';
import { readModel } from '../../src/onnx/model.ts';
import { forgotten } from '../../src/train/detect/forgetting.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'old-classes': { type: 'string' },
    preset: { type: 'string' },
    'channel-order': { type: 'string' },
    size: { type: 'string' },
  },
});
const [before, after, folder] = positionals;
if (before === undefined || after === undefined || folder === undefined)
  throw new Error('give two models and a folder');
const [source, trained] = await Promise.all(
  [before, after].map(async (path) => readModel(new Uint8Array(await readFile(path)))),
);
if (source === undefined || trained === undefined) throw new Error('a model was not read');
const pictures = await openLabelled(
  folder,
  source,
  { ...picturesFor('detect', images(values)), task: 'distill' },
  DISK,
);
async function* all() {
  for (let sample = 0; sample < pictures.count; sample++) yield pictures.load(sample);
}
const { boxes, kept } = await forgotten(source, trained, all(), {}, values['old-classes']?.split(','));
console.log(`of ${boxes} boxes in ${pictures.count} pictures, ${kept} are found (${(kept / boxes).toFixed(3)})`);
