/** What the help says of each command. Apart from the commands themselves, so that the help loads nothing else. */
import type { CommandName } from '../../options/index.ts';

export interface About {
  readonly name: CommandName;
  readonly summary: string;
  /** What stands behind the command's name. */
  readonly usage: string;
  /** Whether it works on files; if not, it takes none. */
  readonly takesModels: boolean;
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

/** In the order of the help; the first is what `gn-swap` does if no command is named. */
export const ABOUT = [
  {
    name: 'swap',
    summary:
      'replace BatchNormalization in trained ONNX models, keep their accuracy, and verify the result in ONNX Runtime',
    usage: '<models..> [options]',
    takesModels: true,
    examples: [
      ['gn-swap model.onnx', 'write model.gn.onnx, verified'],
      [
        'gn-swap model.onnx --calibrate photos/ --preset imagenet',
        'solve γ and β from pictures, which keeps most of the accuracy',
      ],
      ['gn-swap model.onnx --groups 8 --no-verify', '8 groups per norm, rewrite only'],
      ['gn-swap models/ -o out/', 'every model in a folder'],
      ['gn-swap - < model.onnx > model.gn.onnx', 'from stdin to stdout; messages go to stderr'],
      ['gn-swap model.onnx --for pytorch -o train.onnx', 'for import into PyTorch, to a file of your choice'],
    ],
  },
  {
    name: 'check',
    summary: 'check that swapped files are still valid, after training or in CI',
    usage: 'check <models..> [options]',
    takesModels: true,
    examples: [
      ['gn-swap check model.gn.onnx', 'check the structure, and run every norm'],
      ['gn-swap check model.gn.onnx --against model.onnx', 'also compare it with the original model'],
      ['gn-swap check model.gn.onnx --junit results.xml', 'write a report for CI'],
    ],
  },
  {
    name: 'inspect',
    summary: 'show which norms would be swapped, and why others would not',
    usage: 'inspect <models..> [options]',
    takesModels: true,
    examples: [
      ['gn-swap inspect model.onnx', 'list every BatchNormalization with its groups and form'],
      ['gn-swap inspect model.onnx --sites all', 'also list Conv layers that absorbed a norm'],
      ['gn-swap inspect model.onnx --calibrate photos/', 'also show how well these inputs fit every site'],
    ],
  },
  {
    name: 'compare',
    summary: 'compare all norms on one model in a table: what is kept, latency; writes no model',
    usage: 'compare <models..> [options]',
    takesModels: true,
    examples: [
      ['gn-swap compare model.onnx --calibrate photos/', 'one row per norm, measured on held-out pictures'],
      ['gn-swap compare model.onnx --calibrate photos/ --json', 'the same as JSON'],
      ['gn-swap compare model.onnx --finetune --data labelled/', 'train with each norm, and say which pays'],
    ],
  },
  {
    name: 'moments',
    summary: 'gather calibration statistics of one shard of the inputs, to solve from with --moments',
    usage: 'moments <model> [options]',
    takesModels: true,
    examples: [
      ['gn-swap moments model.onnx --calibrate photos/ --shard 1/4 -o part-1.npz', 'the first quarter of the inputs'],
      ['gn-swap model.onnx --moments part-1.npz part-2.npz', 'solve from all parts'],
    ],
  },
  {
    name: 'gradient',
    summary: 'write a model that also computes gradients of a loss, to train with any ONNX Runtime',
    usage: 'gradient <model> [options]',
    takesModels: true,
    examples: [
      ['gn-swap gradient model.gn.onnx --loss cross-entropy', 'write model.gn.grad.onnx and model.gn.init.onnx'],
      ['gn-swap gradient model.gn.onnx --wrt norms --loss mse --optimizer sgd', 'one training step of the norms alone'],
    ],
  },
  {
    name: 'finetune',
    summary: 'train a model on labelled pictures or arrays, at a batch of 1, with ONNX Runtime alone',
    usage: 'finetune <model> [options]',
    takesModels: true,
    examples: [
      [
        'gn-swap finetune model.gn.onnx --data photos/ --task classify',
        'a folder of pictures per class; write model.gn.ft.onnx',
      ],
      ['gn-swap finetune model.onnx --data set/ --task segment --train norms', 'images/ and masks/; the norms alone'],
      [
        'gn-swap finetune model.gn.onnx --data photos/ --task distill --teacher model.onnx',
        'no labels: learn what the original answers',
      ],
    ],
  },
  {
    name: 'consumers',
    summary: 'list the values of --for: what each program supports, and how that is known',
    usage: 'consumers',
    takesModels: false,
    examples: [['gn-swap consumers', 'one row per program']],
  },
] as const satisfies readonly About[];

/** Returns what is said of a command. */
export function aboutOf(name: CommandName): About {
  return ABOUT.find((about) => about.name === name) ?? ABOUT[0];
}
