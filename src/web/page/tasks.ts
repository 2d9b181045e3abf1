/** What each task asks for in the page: its words, the options that are seen at once, and its files. */
import type { TaskName } from '../messages.ts';

/** What a picker asks for. */
export interface PickerSpec {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  /** Whether it stands among what can be left out. */
  readonly optional: boolean;
  readonly accept?: string;
  readonly multiple: boolean;
  /** Whether it offers to choose a folder too. */
  readonly folder: boolean;
}

/** A task that can be chosen. */
export interface Task {
  readonly name: Exclude<TaskName, 'inspect'>;
  /** On the switch between tasks. */
  readonly label: string;
  /** On the button. */
  readonly verb: string;
  /** While it runs. */
  readonly running: string;
  readonly intro: string;
  /** Options that are seen at once, in this order. */
  readonly main: readonly string[];
  /** Whether pictures among its files are read as {@link READING} says. */
  readonly readsPictures: boolean;
  readonly pickers: readonly (PickerSpec & { readonly takes: 'calibrate' | 'inputs' | 'against' | 'data' })[];
}

/** Options that say how pictures are read: seen once there are some. The first is mostly enough; the others are folded away. */
export const READING = {
  main: ['preset', 'size', 'channel-order'],
  more: ['mean', 'std', 'scale', 'fit', 'layout'],
} as const;

export const TASKS: readonly Task[] = [
  {
    name: 'swap',
    label: 'Swap',
    verb: 'Swap',
    running: 'Swapping norms',
    intro: 'Replaces BatchNormalization and verifies the result in ONNX Runtime.',
    main: ['to', 'groups', 'form', 'for', 'sites'],
    readsPictures: true,
    pickers: [
      {
        takes: 'calibrate',
        id: 'calibrate',
        title: 'Calibration data',
        hint: '16 to 64 pictures, .npy or .npz like the training data keep more of the accuracy. Labels are not needed.',
        optional: true,
        multiple: true,
        folder: true,
      },
    ],
  },
  {
    name: 'finetune',
    label: 'Fine-tune',
    verb: 'Fine-tune',
    running: 'Training',
    intro: 'Trains the model on your labelled pictures. The graph stays the same; only weights change.',
    main: ['task', 'epochs', 'lr', 'train'],
    readsPictures: true,
    pickers: [
      {
        takes: 'data',
        id: 'data',
        title: 'Labelled data',
        hint: 'For classes: a folder with one folder of pictures per class. For boxes: a folder in YOLO, COCO or Pascal VOC layout.',
        optional: false,
        multiple: true,
        folder: true,
      },
    ],
  },
  {
    name: 'check',
    label: 'Check',
    verb: 'Check',
    running: 'Checking',
    intro: 'Tests whether a model with swapped norms is still valid, and finds what is damaged.',
    main: ['max-drift', 'min-kept', 'require-record'],
    readsPictures: false,
    pickers: [
      {
        takes: 'against',
        id: 'against',
        title: 'Source model',
        hint: 'The .onnx that this model was made from. Everything except the norms must match it.',
        optional: true,
        multiple: true,
        folder: false,
      },
      {
        takes: 'inputs',
        id: 'inputs',
        title: 'Real inputs',
        hint: 'One .npz with an array per model input. Without it, the model runs on random input.',
        optional: true,
        accept: '.npz',
        multiple: false,
        folder: false,
      },
    ],
  },
];

/** Choices that need a file which the page does not ask for. */
export const CHOICES_LEFT_OUT: ReadonlySet<string> = new Set(['distill']);

/** Options that a page has no use for: it writes no files, and takes its own by dropping. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['output', 'force', 'dry-run', 'report', 'junit', 'sarif', 'markdown', 'github', 'json', 'quiet', 'verbose'],
  ...['calibrate', 'moments', 'shard', 'inputs', 'against', 'data', 'keep', 'teacher', 'resume', 'memory', 'threads'],
]);

const LABELS: Readonly<Record<string, string>> = {
  to: 'Norm',
  for: 'Consumer',
  lr: 'Learning rate',
  device: 'Compute on',
  val: 'Held-out share',
  train: 'Train only',
  'no-verify': 'Skip verification',
  'r-max': 'Largest r',
  'd-max': 'Largest d',
  std: 'Standard deviation',
};

/** Names an option for people: `channel-order` is `Channel order`. */
export function labelOf(option: string): string {
  const words = option.replaceAll('-', ' ');
  return LABELS[option] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
