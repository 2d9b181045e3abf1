import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { main } from '../../src/cli/main.ts';
import { useScratch } from '../support/scratch.ts';

/** Command lines that cannot work, and what is said of each. All end with status 2. */
const WRONG: readonly (readonly [args: readonly string[], message: string])[] = [
  [[], 'no model is given. Run gn-swap model.onnx.'],
  [['inspect'], 'no model is given. Run gn-swap inspect model.onnx.'],
  [['check'], 'no model is given. Run gn-swap check model.onnx.'],
  [['moments'], 'no model is given. Run gn-swap moments model.onnx.'],
  [['inspct', 'model.onnx'], '"inspct" is neither a command nor a file. Did you mean gn-swap inspect?'],
  [['chek', 'model.onnx'], '"chek" is neither a command nor a file. Did you mean gn-swap check?'],
  [['compair', 'model.onnx'], '"compair" is neither a command nor a file. Did you mean gn-swap compare?'],
  [
    ['verify', 'model.onnx'],
    '"verify" is neither a command nor a file. The commands are swap, check, inspect, compare, moments, gradient, finetune, consumers, help, completion.',
  ],
  [['help', 'inspct'], '"inspct" is neither a command nor a file. Did you mean gn-swap inspect?'],
  [
    ['finetune', 'model.onnx'],
    'model.onnx: --data: no labelled samples are given. Run gn-swap finetune model.onnx --data DIR --task classify.',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'empty'],
    'model.onnx: --task: nothing says what is to be learned. Run gn-swap finetune model.onnx --data empty --task classify (or segment, regress, distill).',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'gone', '--task', 'classify'],
    'gone: there is no such file or folder. Give the path of a file you can read.',
  ],
  [['finetune', 'model.onnx', '--lr', 'fast'], '--lr is "fast". Give auto, or a rate such as 3e-4.'],
  [['finetune', 'model.onnx', '--lr', '0'], '--lr is "0". Give auto, or a rate such as 3e-4.'],
  [['finetune', 'model.onnx', '--epochs', '0'], '--epochs is 0. Give a positive whole number.'],
  [['finetune', 'model.onnx', '--batch', '1.5'], '--batch is 1.5. Give a positive whole number.'],
  [['finetune', 'model.onnx', '--clip', '0'], '--clip is 0. Give a number above 0.'],
  [['finetune', 'model.onnx', '--weight-decay', '-1'], '--weight-decay is -1. Give a number that is not negative.'],
  [['finetune', 'model.onnx', '--val', '1.5'], '--val is 1.5. Give a share between 0 and 1, such as 0.2, or a folder.'],
  [['finetune', 'model.onnx', '--classes', 'a,,b'], '--classes has an empty name. Give names separated by commas: a,b,c.'],
  [['finetune', 'model.onnx', '--optimizer', 'adam'], '--optimizer cannot be "adam". Did you mean --optimizer adamw?'],
  [
    ['finetune', 'model.onnx', '--task', 'detect'],
    '--task cannot be "detect". Choose one of classify, segment, regress, distill.',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'classify', '--teacher', 'model.onnx'],
    '--teacher and --task classify are both given. Give --task distill, or leave --teacher out.',
  ],
  [['model.onx'], 'model.onx: there is no such file or folder. Give the path of a file you can read.'],
  [
    ['gone/*.onnx'],
    'gone/*.onnx: it stands for no .onnx file. Give the path of an .onnx file, or of a folder that has some.',
  ],
  [['empty'], 'empty: it stands for no .onnx file. Give the path of an .onnx file, or of a folder that has some.'],
  [[''], 'there is no such file or folder. Give the path of a file you can read.'],
  [
    ['text.onnx'],
    'text.onnx: not an ONNX file, or a damaged one (invalid wire type 4 at offset 3). Export or download the model again.',
  ],
  [['plain.onnx'], 'plain.onnx: 0 BatchNormalization nodes. Give a model that has BatchNormalization.'],
  [['done.onnx'], 'done.gn.onnx: it exists already. Pass --force to replace it, or choose another name with --output.'],
  [['done.onnx', '--groups', '0'], '--groups is 0. Give a positive whole number, auto or paper.'],
  [['model.onnx', '--grops', '8'], 'unknown option --grops. Did you mean --groups? See gn-swap --help.'],
  [['model.onnx', '--group', '8'], 'unknown option --group. Did you mean --groups? See gn-swap --help.'],
  [['model.onnx', '--calibate', 'photos'], 'unknown option --calibate. Did you mean --calibrate? See gn-swap --help.'],
  [['model.onnx', '--nonsense'], 'unknown option --nonsense. See gn-swap --help.'],
  [['model.onnx', '-x'], 'unknown option -x. See gn-swap --help.'],
  [['model.onnx', '--groups'], '--groups needs a value. Write --groups <value>; see gn-swap --help.'],
  [['model.onnx', '--groups', '--json'], '--groups needs a value. Write --groups <value>; see gn-swap --help.'],
  [['model.onnx', '--groups', 'x'], '--groups is "x". Give a positive whole number, auto or paper.'],
  [['model.onnx', '--groups', '0'], '--groups is 0. Give a positive whole number, auto or paper.'],
  [['model.onnx', '--groups', '-4'], '--groups is "-4". Give a positive whole number, auto or paper.'],
  [['model.onnx', '--groups', '1.5'], '--groups is "1.5". Give a positive whole number, auto or paper.'],
  [
    ['model.onnx', '--groups', '4', '--channels-per-group', '2'],
    'both --groups and --channels-per-group are given. Give one of them.',
  ],
  [['model.onnx', '--channels-per-group', '-3'], '--channels-per-group is -3. Give a positive whole number.'],
  [['model.onnx', '--to', 'gruop'], '--to cannot be "gruop". Did you mean --to group?'],
  [
    ['model.onnx', '--to', 'nothing'],
    '--to cannot be "nothing". Choose one of group, layer, instance, frozen, weight, batch, batch-renorm.',
  ],
  [
    ['model.onnx', '--form', 'fancy'],
    '--form cannot be "fancy". Choose one of auto, native, reduce, instance, instance-conv, native-trainable, mul-add, fold, weight-norm, renorm, batch-normalization.',
  ],
  [
    ['model.onnx', '--to', 'frozen', '--form', 'native'],
    '--to frozen has no form native. Choose one of mul-add, fold.',
  ],
  [
    ['model.onnx', '--form', 'reduce', '--for', 'pytorch'],
    '--form reduce and --for pytorch are both given. Give one of them.',
  ],
  [
    ['model.onnx', '--for', 'tensorflow'],
    '--for cannot be "tensorflow". Choose one of ort-training, pytorch, onnxruntime, onnxruntime-web, tensorrt, openvino, tract, onnx2tf, burn, ncnn.',
  ],
  [['model.onnx', '--fold'], '--fold and --to group are both given. Leave --fold out, or choose --to frozen.'],
  [['model.onnx', '--r-max', '2'], '--to group has no --r-max. Leave it out, or choose --to batch-renorm.'],
  [
    ['model.onnx', '--to', 'batch'],
    'model.onnx: --to batch takes its numbers from data. Give a few inputs with --calibrate.',
  ],
  [
    ['model.onnx', '--to', 'frozen', '--init', 'copy'],
    '--to frozen takes its numbers from the source, so --init copy has no use. Leave --init out.',
  ],
  [
    ['model.onnx', '--sites', 'folded'],
    'model.onnx: none of 1 Conv looks as if a norm was folded into it. See why with gn-swap inspect --sites folded; --include names Conv outright.',
  ],
  [
    ['model.onnx', '--calibrate', 'gone'],
    'gone: there is no such file or folder. Give the path of a file you can read.',
  ],
  [
    ['model.onnx', '--calibrate', 'empty'],
    'empty: none of its 0 files is a picture, .npy, .npz or .pb. Give a folder of pictures, or of arrays named after the model’s inputs.',
  ],
  [
    ['model.onnx', '--calibrate', 'gone', '--init', 'copy'],
    '--calibrate and --init copy are both given. Give one of them.',
  ],
  [
    ['model.onnx', '--inputs', 'gone.npz'],
    'gone.npz: there is no such file or folder. Give the path of a file you can read.',
  ],
  [
    ['model.onnx', '--moments', 'gone.npz'],
    'gone.npz: there is no such file or folder. Give the path of a file you can read.',
  ],
  [['model.onnx', '--mean', '0.5'], '--mean is only used to read pictures. Add --calibrate DIR, or leave it out.'],
  [['model.onnx', '--preset', 'imagnet'], '--preset cannot be "imagnet". Did you mean --preset imagenet?'],
  [['model.onnx', '--seed', '-1'], '--seed is -1. Give a whole number from 0 to 4294967295.'],
  [['model.onnx', '--seed', 'x'], '--seed is not a number. Give a whole number from 0 to 4294967295.'],
  [['model.onnx', '--seed', '1', '--seed', '2'], '--seed is given more than once. Give it once.'],
  [['model.onnx', '--samples', '0'], '--samples is 0. Give a positive whole number.'],
  [['model.onnx', '--memory', 'lots'], '--memory is "lots". Give a size such as 500MB or 2GB.'],
  [['model.onnx', '--max-drift', '-1'], '--max-drift is -1. Give a number that is not negative.'],
  [
    ['model.onnx', '--include', '('],
    '--include is not a regular expression: Invalid regular expression: /(/u: Unterminated group. Put a backslash before special characters.',
  ],
  [['model.onnx', '--output', ''], '--output is empty. Give it a value, or leave it out.'],
  [
    ['model.onnx', '--output', 'model.onnx'],
    'model.onnx: the output is the source itself, which is never changed. Choose another name with --output.',
  ],
  [['model.onnx', '--json=yes'], '--json takes no value, and "yes" is given. Write --json alone, or leave it out.'],
  [['model.onnx', '--report', 'report.pdf'], '--report is "report.pdf". Give a name that ends in .html or .md.'],
  [
    ['model.onnx', 'other.onnx', '--output', 'one.onnx'],
    'one.onnx: it is to be written from 2 models. Give the name of a folder with --output.',
  ],
  [
    ['model.onnx', '--shard', '1/2'],
    '--shard is not an option of gn-swap <models..>; it belongs to gn-swap moments. See gn-swap --help.',
  ],
  [
    ['inspect', 'model.onnx', '--output', 'x'],
    '--output is not an option of gn-swap inspect; it belongs to gn-swap <models..>, gn-swap moments, gn-swap gradient and gn-swap finetune. See gn-swap inspect --help.',
  ],
  [
    ['compare', 'model.onnx', '--force'],
    '--force is not an option of gn-swap compare; it belongs to gn-swap <models..>, gn-swap check, gn-swap moments, gn-swap gradient and gn-swap finetune. See gn-swap compare --help.',
  ],
  [
    ['check', 'model.onnx', '--groups', '4'],
    '--groups is not an option of gn-swap check; it belongs to gn-swap <models..>, gn-swap inspect and gn-swap moments. See gn-swap check --help.',
  ],
  [
    ['check', 'model.onnx', '--against', 'gone.onnx'],
    'gone.onnx: there is no such file or folder. Give the path of a file you can read.',
  ],
  [['moments', 'model.onnx'], 'model.onnx: there are no inputs to gather statistics of. Give them with --calibrate.'],
  [['moments', 'model.onnx', 'other.onnx'], '2 models are given. Give one.'],
  [
    ['moments', 'model.onnx', '--calibrate', 'empty', '--shard', '3/2'],
    '--shard is "3/2". Give i/n, such as 1/4, with i from 1 to n.',
  ],
  [['consumers', 'model.onnx'], 'gn-swap consumers takes no files, and model.onnx is given. Run gn-swap consumers.'],
  [
    ['gradient', 'model.onnx', '--loss', 'crossentropy'],
    'model.onnx: --loss: "crossentropy" is not a loss. Give none, cross-entropy, bce, dice, mse, l1, huber, kl, or the path of an .onnx file.',
  ],
];

describe('a wrong command line', () => {
  const scratch = useScratch();
  const { write } = process.stderr;
  const folder = process.cwd();

  beforeEach(() => {
    for (const name of ['model.onnx', 'other.onnx', 'done.onnx', 'done.gn.onnx']) scratch().fixture('rank-4', name);
    scratch().fixture('no-bn', 'plain.onnx');
    scratch().write('text.onnx', 'hello');
    mkdirSync(scratch().path('empty'));
    process.chdir(scratch().folder);
  });

  afterEach(() => {
    process.stderr.write = write;
    process.chdir(folder);
  });

  for (const [args, message] of WRONG) {
    it(`gn-swap ${args.map((word) => (word === '' ? "''" : word)).join(' ')}`, async () => {
      const files = () =>
        readdirSync('.').map((name) => (name === 'empty' ? [name] : [name, readFileSync(name, 'latin1')]));
      const before = files();
      let said = '';
      process.stderr.write = (text: string | Uint8Array) => {
        said += text;
        return true;
      };
      const status = await main(args);
      process.stderr.write = write;
      expect([status, said]).to.deep.equal([2, `gn-swap: ${message}\n`]);
      expect(files()).to.deep.equal(before);
    });
  }

  it('has 60 examples or more, each told in a line without what only we understand', () => {
    expect(WRONG.length).to.be.at.least(60);
    for (const [, message] of WRONG) {
      expect(message)
        .to.match(/[.?]$/)
        .and.not.match(/\n|(?<!there )\bis no\b|undefined|Error:/);
      expect(message.length, message).to.be.below(260);
    }
  });
});
