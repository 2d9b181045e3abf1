/** `gn-swap compare --finetune` → what to type next. */
import * as path from 'node:path';
import type { CallOptions } from '../call/arguments.ts';
import { keptAs } from '../jobs/compare-finetune/make.ts';
import { rowNamed } from '../jobs/compare-finetune/rows.ts';
import type { ComparedTraining } from '../jobs/compare-finetune/types.ts';
import { normNamed } from '../norms/index.ts';
import { commandText } from '../words.ts';
import { isFolder, isThere } from './disk/paths.ts';
import { wordsFor } from './next.ts';
import { STANDARD } from './standard.ts';

/**
 * Says what has to be typed to do as the first advice says.
 *
 * @returns no command if the advice is not to train, or the model came on stdin
 */
export function commandsFor(
  { advice, batches, task }: Pick<ComparedTraining, 'advice' | 'batches' | 'task'>,
  file: string,
  call: Pick<CallOptions, 'commandLine' | 'comparison' | 'calibrate'>,
): string[] {
  const [first] = advice;
  if (first === undefined || first.do === 'none' || file === STANDARD) return [];
  const { swap, batchNorm } = rowNamed(first.row);
  const typed = (names: readonly string[]) => wordsFor(call.commandLine, names);
  const batch = (batches[0] ?? 1) === 1 ? [] : ['--batch', String(batches[0])];
  const mode = batchNorm === 'frozen' ? [] : ['--batch-norm', batchNorm];
  const train = (model: string) => commandText(['finetune', ...named(model)], [...typed(TRAINING), ...batch, ...mode]);
  if (swap === undefined) return [train(file)];
  const { to = 'group', groups, init, reference } = swap;
  const { dir, name } = path.parse(file);
  const written = path.join(dir, `${name}.${normNamed(to).tag}.onnx`);
  // Other norms have groups of their own.
  const asked = to === 'group' ? typed(['groups']) : [];
  const how = [
    ...(to === 'group' ? [] : ['--to', to]),
    ...(groups === undefined ? asked : ['--groups', String(groups)]),
    ...(init === undefined ? [] : ['--init', init]),
    ...(reference === undefined ? [] : ['--reference', reference]),
  ];
  const judged = keptAs(task, call.comparison?.finetune.lossOf) ?? [];
  const asTask = judged.flatMap((it) => ['--task', it]);
  const inputs = rowNamed(first.row).takesInputs ? ['--calibrate', inputsPath(call), ...asTask, ...typed(INPUTS)] : [];
  return [commandText(named(file), [...how, ...typed(SWAP), ...inputs]), train(written)];
}

/** A file, whatever its name begins with. */
function named(file: string): string[] {
  return file.startsWith('-') ? ['--', file] : [file];
}

/** Options of either command: those of all, of a swap, of a swap that takes inputs, and of training. */
const BOTH = ['batch-axis', 'seed', 'memory', 'threads'];
const SWAP = ['sites', 'absorb-affine', 'assume-spatial', 'include', 'exclude', ...BOTH];
const PICTURES = ['size', 'preset', 'mean', 'std', 'scale', 'channel-order', 'fit', 'layout'];
const INPUTS = [...PICTURES, 'samples'];
const DETECTOR = ['boxes', 'scores', 'box-format', 'box-unit', 'box-offset', 'score-kind', 'anchors', 'variances'];
const LOSS = ['loss', 'loss-of', 'optimizer', 'lr', 'weight-decay', 'clip', 'train', 'freeze'];
const LABELS = ['data', 'val', 'task', 'classes', 'old-classes', 'head', 'augment', 'epochs'];
const TRAINING = [...LABELS, ...LOSS, ...DETECTOR, ...PICTURES, ...BOTH];

/** Where the pictures of a file of labels are; arrays are in the file itself. */
function folderOf(data: string): string {
  if (/\.npz$/i.test(data) || !isThere(data) || isFolder(data)) return data;
  const folder = path.dirname(data);
  return path.basename(folder) === 'annotations' ? path.dirname(folder) : folder;
}

/** The pictures among labelled samples, if they have a folder of their own. */
function inputsPath({ calibrate, comparison }: Pick<CallOptions, 'calibrate' | 'comparison'>): string {
  const data = folderOf(comparison?.finetune.data ?? 'DIR');
  const pictures = ['images/train', 'train/images', 'images'].map((inner) => path.join(data, inner)).find(isThere);
  return calibrate ?? pictures ?? data;
}
