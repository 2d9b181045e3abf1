/** Names that options have in other tools, so that whoever types one is told ours. */
import type { OptionName } from './index.ts';

/** By the name in another tool: PyTorch's scripts, Ultralytics, Keras. */
export const SYNONYMS: Readonly<Record<string, OptionName>> = {
  rate: 'lr',
  lr0: 'lr',
  'learning-rate': 'lr',
  learning_rate: 'lr',
  'batch-size': 'batch',
  batch_size: 'batch',
  'num-epochs': 'epochs',
  imgsz: 'size',
  'img-size': 'size',
  'image-size': 'size',
  'input-size': 'size',
  letterbox: 'fit',
  'num-groups': 'groups',
  names: 'classes',
  labels: 'classes',
  dataset: 'data',
  'val-split': 'val',
  'validation-split': 'val',
  wd: 'weight-decay',
  weight_decay: 'weight-decay',
  'grad-clip': 'clip',
  'max-grad-norm': 'clip',
  augmentation: 'augment',
  overwrite: 'force',
  out: 'output',
};
