import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { commandOf } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import { ROW_NAMES } from '../../src/options/rows.ts';
import { useScratch } from '../support/scratch.ts';

/** Command lines that cannot work, what is said of each, and what to type next. All end with status 2. */
const WRONG: readonly (readonly [args: readonly string[], message: string, next?: string])[] = [
  [[], 'no model given. Run gn-swap model.onnx.'],
  [['inspect'], 'no model given. Run gn-swap inspect model.onnx.'],
  [['check'], 'no model given. Run gn-swap check model.onnx.'],
  [['moments'], 'no model given. Run gn-swap moments model.onnx.'],
  [
    ['inspct', 'model.onnx'],
    '"inspct" is neither a command nor a file. Did you mean gn-swap inspect?',
    'gn-swap inspect model.onnx',
  ],
  [
    ['chek', 'model.onnx'],
    '"chek" is neither a command nor a file. Did you mean gn-swap check?',
    'gn-swap check model.onnx',
  ],
  [
    ['compair', 'model.onnx'],
    '"compair" is neither a command nor a file. Did you mean gn-swap compare?',
    'gn-swap compare model.onnx',
  ],
  [
    ['verify', 'model.onnx'],
    '"verify" is neither a command nor a file. The commands are swap, check, inspect, compare, moments, gradient, finetune, consumers, help, completion.',
  ],
  [
    ['help', 'inspct'],
    '"inspct" is neither a command nor a file. Did you mean gn-swap inspect?',
    'gn-swap help inspect',
  ],
  [
    ['finetune', 'model.onnx'],
    'model.onnx: --data: no labelled samples are given. Use --data DIR; docs/data.md shows the layouts.',
    'gn-swap finetune model.onnx --data DIR',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'empty'],
    'empty: it is empty. Use a folder of labelled samples; docs/data.md shows the layouts.',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'model.onnx', '--lr', '1e-3'],
    'model.onnx: --task: nothing says what is to be learned. Use --task segment (or classify, detect, regress, distill).',
    'gn-swap finetune model.onnx --data model.onnx --lr 1e-3 --task segment',
  ],
  [['finetune', 'model.onnx', '--data', 'gone', '--task', 'classify'], 'gone: no such file or folder. Check the path.'],
  [
    ['finetune', 'model.onnx', '--lr', 'fast'],
    '--lr is "fast". Use auto, or a rate below 10, such as 3e-4.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--lr', '0'],
    '--lr is "0". Use auto, or a rate below 10, such as 3e-4.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--epochs', '0'],
    '--epochs is 0. Use a positive whole number.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--batch', '1.5'],
    '--batch is 1.5. Use a positive whole number.',
    'gn-swap finetune model.onnx',
  ],
  [['finetune', 'model.onnx', '--clip', '0'], '--clip is 0. Use a number above 0.', 'gn-swap finetune model.onnx'],
  [
    ['finetune', 'model.onnx', '--weight-decay', '-1'],
    '--weight-decay is -1. Use a number that is not negative.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--val', '1.5'],
    '--val is 1.5. Use a share between 0 and 1, such as 0.2, or a folder.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--classes', 'a,,b'],
    '--classes has an empty name. Use names separated by commas: a,b,c.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--optimizer', 'adam'],
    '--optimizer cannot be "adam". Did you mean --optimizer adamw?',
    'gn-swap finetune model.onnx --optimizer adamw',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'embed'],
    '--task cannot be "embed". Use one of classify, segment, detect, regress, distill.',
    'gn-swap finetune model.onnx --task classify',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'classify', '--keep', 'empty'],
    '--keep and --task classify are both given. Use --task detect, or leave --keep out.',
    'gn-swap finetune model.onnx --task classify',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'detect', '--head', '('],
    '--head is "(", which is not a regular expression. Use one over names of nodes.',
    'gn-swap finetune model.onnx --task detect',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'detect', '--old-classes', 'a,,b'],
    '--old-classes has an empty name. Use names separated by commas: a,b,c.',
    'gn-swap finetune model.onnx --task detect',
  ],
  [
    ['finetune', 'model.onnx', '--task', 'classify', '--teacher', 'model.onnx'],
    '--teacher and --task classify are both given. Use --task distill, or leave --teacher out.',
    'gn-swap finetune model.onnx --task classify',
  ],
  [['model.onx'], 'model.onx: no such file or folder. Check the path: there is model.onnx.', 'gn-swap model.onnx'],
  [['gone/*.onnx'], 'gone/*.onnx: no .onnx files found. Check the path; files that gn-swap wrote are left out.'],
  [['empty'], 'empty: no .onnx files found. Check the path; files that gn-swap wrote are left out.'],
  [
    ['model.onnx', 'empty'],
    'empty: no .onnx files found. If it holds samples, give it with --calibrate empty.',
    'gn-swap model.onnx --calibrate empty',
  ],
  [
    ['finetune', 'model.onnx', 'empty'],
    'empty: no .onnx files found. If it holds samples, give it with --data empty.',
    'gn-swap finetune model.onnx --data empty',
  ],
  [[''], 'no such file or folder. Check the path.'],
  [
    ['text.onnx'],
    'text.onnx: not an ONNX file, or a damaged one (the wire type 4 does not exist). Export or download the model again.',
  ],
  [['plain.onnx'], 'plain.onnx: 0 BatchNormalization nodes. Choose a model that contains BatchNormalization.'],
  [
    ['done.onnx'],
    'done.gn.onnx: the file exists already. Use --force to replace it, or another name with --output.',
    'gn-swap done.onnx --force',
  ],
  [['done.onnx', '--groups', '0'], '--groups is 0. Use a positive whole number, auto or paper.', 'gn-swap done.onnx'],
  [
    ['model.onnx', '--grops', '8'],
    'unknown option --grops. Did you mean --groups? See gn-swap --help.',
    'gn-swap model.onnx --groups 8',
  ],
  [
    ['model.onnx', '--group', '8'],
    'unknown option --group. Did you mean --groups? See gn-swap --help.',
    'gn-swap model.onnx --groups 8',
  ],
  [
    ['model.onnx', '--calibate', 'photos'],
    'unknown option --calibate. Did you mean --calibrate? See gn-swap --help.',
    'gn-swap model.onnx --calibrate photos',
  ],
  [['model.onnx', '--nonsense'], 'unknown option --nonsense. See gn-swap --help.', 'gn-swap model.onnx'],
  [['--nonsense', '3', 'model.onnx'], 'unknown option --nonsense. See gn-swap --help.', 'gn-swap model.onnx'],
  [['--nonsense', 'model.onnx'], 'unknown option --nonsense. See gn-swap --help.', 'gn-swap model.onnx'],
  [
    ['finetune', 'model.onnx', '--learning-rate', '3e-4'],
    'unknown option --learning-rate. Did you mean --lr? See gn-swap finetune --help.',
    'gn-swap finetune model.onnx --lr 3e-4',
  ],
  [
    ['finetune', 'model.onnx', '--batch-size=4'],
    'unknown option --batch-size. Did you mean --batch? See gn-swap finetune --help.',
    'gn-swap finetune model.onnx --batch=4',
  ],
  [['model.onnx', '-x'], 'unknown option -x. See gn-swap --help.', 'gn-swap model.onnx'],
  [
    ['model.onnx', '--groups'],
    '--groups needs a value. Use --groups VALUE; see gn-swap --help.',
    'gn-swap model.onnx --groups VALUE',
  ],
  [
    ['model.onnx', '--groups', '--json'],
    '--groups needs a value. Use --groups VALUE; see gn-swap --help.',
    'gn-swap model.onnx --groups VALUE --json',
  ],
  [
    ['model.onnx', '--groups', 'x'],
    '--groups is "x". Use a positive whole number, auto or paper.',
    'gn-swap model.onnx',
  ],
  [['model.onnx', '--groups', '0'], '--groups is 0. Use a positive whole number, auto or paper.', 'gn-swap model.onnx'],
  [
    ['model.onnx', '--groups', '-4'],
    '--groups is "-4". Use a positive whole number, auto or paper.',
    'gn-swap model.onnx',
  ],
  [
    ['model.onnx', '--groups', '1.5'],
    '--groups is "1.5". Use a positive whole number, auto or paper.',
    'gn-swap model.onnx',
  ],
  [
    ['model.onnx', '--groups', '4', '--channels-per-group', '2'],
    'both --groups and --channels-per-group are given. Use only one of them.',
    'gn-swap model.onnx --groups 4',
  ],
  [
    ['model.onnx', '--channels-per-group', '-3'],
    '--channels-per-group is -3. Use a positive whole number.',
    'gn-swap model.onnx',
  ],
  [
    ['model.onnx', '--to', 'gruop'],
    '--to cannot be "gruop". Did you mean --to group?',
    'gn-swap model.onnx --to group',
  ],
  [
    ['model.onnx', '--to', 'nothing'],
    '--to cannot be "nothing". Use one of group, layer, instance, frozen, weight, batch, batch-renorm.',
    'gn-swap model.onnx --to group',
  ],
  [
    ['model.onnx', '--form', 'fancy'],
    '--form cannot be "fancy". Use one of auto, native, reduce, instance, instance-conv, native-trainable, mul-add, fold, weight-norm, renorm, batch-normalization.',
    'gn-swap model.onnx --form auto',
  ],
  [
    ['model.onnx', '--to', 'frozen', '--form', 'native'],
    '--to frozen has no form native. Use one of mul-add, fold.',
    'gn-swap model.onnx --to frozen',
  ],
  [
    ['model.onnx', '--form', 'reduce', '--for', 'pytorch'],
    '--form reduce and --for pytorch are both given. Use only one of them.',
    'gn-swap model.onnx --for pytorch',
  ],
  [
    ['model.onnx', '--for', 'tensorflow'],
    '--for cannot be "tensorflow". Use one of ort-training, pytorch, onnxruntime, onnxruntime-web, tensorrt, openvino, tract, onnx2tf, burn, ncnn.',
    'gn-swap model.onnx --for ort-training',
  ],
  [
    ['model.onnx', '--fold'],
    '--fold and --to group are both given. Drop --fold, or use --to frozen.',
    'gn-swap model.onnx --fold --to frozen',
  ],
  [
    ['model.onnx', '--r-max', '2'],
    '--to group has no --r-max. Drop it, or use --to batch-renorm.',
    'gn-swap model.onnx --r-max 2 --to batch-renorm',
  ],
  [
    ['model.onnx', '--to', 'batch'],
    'model.onnx: --to batch is computed from data. Use --calibrate DIR with a few inputs.',
    'gn-swap model.onnx --to batch --calibrate DIR',
  ],
  [
    ['model.onnx', '--to', 'frozen', '--init', 'copy'],
    '--to frozen takes its numbers from the source, so --init copy has no effect. Drop --init.',
    'gn-swap model.onnx --to frozen',
  ],
  [
    ['model.onnx', '--sites', 'folded'],
    'model.onnx: none of the 1 Conv layers appears to have absorbed a norm. List the reasons with gn-swap inspect MODEL --sites folded; --include REGEX selects Conv by name.',
  ],
  [['model.onnx', '--calibrate', 'gone'], 'gone: no such file or folder. Check the path.'],
  [
    ['model.onnx', '--calibrate', 'empty'],
    'empty: no inputs found: it is empty. Use a folder with pictures, or with arrays named after the model’s inputs.',
  ],
  [
    ['model.onnx', '--calibrate', 'gone', '--init', 'copy'],
    '--calibrate and --init copy are both given. Use only one of them.',
    'gn-swap model.onnx --calibrate gone',
  ],
  [['model.onnx', '--inputs', 'gone.npz'], 'gone.npz: no such file or folder. Check the path.'],
  [['model.onnx', '--moments', 'gone.npz'], 'gone.npz: no such file or folder. Check the path.'],
  [
    ['model.onnx', '--mean', '0.5'],
    '--mean only applies to pictures. Add --calibrate DIR, or drop --mean.',
    'gn-swap model.onnx --mean 0.5 --calibrate DIR',
  ],
  [
    ['model.onnx', '--preset', 'imagnet'],
    '--preset cannot be "imagnet". Did you mean --preset imagenet?',
    'gn-swap model.onnx --preset imagenet',
  ],
  [['model.onnx', '--seed', '-1'], '--seed is -1. Use a whole number from 0 to 4294967295.', 'gn-swap model.onnx'],
  [
    ['model.onnx', '--seed', 'x'],
    '--seed is not a number. Use a whole number from 0 to 4294967295.',
    'gn-swap model.onnx',
  ],
  [
    ['model.onnx', '--seed', '1', '--seed', '2'],
    '--seed is given more than once. Set it once.',
    'gn-swap model.onnx --seed 2',
  ],
  [['model.onnx', '--samples', '0'], '--samples is 0. Use a positive whole number.', 'gn-swap model.onnx'],
  [['model.onnx', '--memory', 'lots'], '--memory is "lots". Use a size such as 500MB or 2GB.', 'gn-swap model.onnx'],
  [['model.onnx', '--max-drift', '-1'], '--max-drift is -1. Use a number ≥ 0.', 'gn-swap model.onnx'],
  [
    ['model.onnx', '--include', '('],
    '--include is not a regular expression: Invalid regular expression: /(/u: Unterminated group. Escape special characters with a backslash.',
    'gn-swap model.onnx',
  ],
  [['model.onnx', '--output', ''], '--output is empty. Set a value, or drop it.', 'gn-swap model.onnx'],
  [
    ['model.onnx', '--output', 'model.onnx'],
    'model.onnx: the output is the source, which is never overwritten. Use another name with --output.',
    'gn-swap model.onnx',
  ],
  [
    ['model.onnx', '--json=yes'],
    '--json takes no value, but got "yes". Use --json alone, or drop it.',
    'gn-swap model.onnx --json',
  ],
  [
    ['model.onnx', '--report', 'report.pdf'],
    '--report is "report.pdf". Use a name that ends in .html, .md or .json.',
    'gn-swap model.onnx --report report.html',
  ],
  [
    ['model.onnx', 'other.onnx', '--output', 'one.onnx'],
    'one.onnx: 2 models cannot be written to one file. Use a folder with --output.',
    'gn-swap model.onnx other.onnx --output out/',
  ],
  [
    ['model.onnx', '--shard', '1/2'],
    '--shard is not an option of gn-swap <models..>; it belongs to gn-swap moments. See gn-swap --help.',
    'gn-swap model.onnx',
  ],
  [
    ['inspect', 'model.onnx', '--output', 'x'],
    '--output is not an option of gn-swap inspect; it belongs to gn-swap <models..>, gn-swap moments, gn-swap gradient and gn-swap finetune. See gn-swap inspect --help.',
    'gn-swap inspect model.onnx',
  ],
  [
    ['compare', 'model.onnx', '--output', 'x'],
    '--output is not an option of gn-swap compare; it belongs to gn-swap <models..>, gn-swap moments, gn-swap gradient and gn-swap finetune. See gn-swap compare --help.',
    'gn-swap compare model.onnx',
  ],
  [
    ['compare', 'model.onnx', '--data', 'empty'],
    '--data only applies with --finetune. Add --finetune, or drop --data.',
    'gn-swap compare model.onnx --data empty --finetune',
  ],
  [
    ['compare', 'model.onnx', '--batches', '1,2'],
    '--batches only applies with --finetune. Add --finetune, or drop --batches.',
    'gn-swap compare model.onnx --batches 1,2 --finetune',
  ],
  [
    ['compare', 'model.onnx', '--anchors', '8:16,32'],
    '--anchors only applies with --finetune. Add --finetune, or drop --anchors.',
    'gn-swap compare model.onnx --anchors 8:16,32 --finetune',
  ],
  [
    ['compare', 'model.onnx', '--groups', '4'],
    '--groups only applies with --finetune. Drop --groups: several counts of groups are compared already.',
    'gn-swap compare model.onnx',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'empty', '--r-max', '2'],
    '--r-max is a limit of batch renormalization. Use --batch-norm renorm as well.',
    'gn-swap finetune model.onnx --data empty --r-max 2 --batch-norm renorm',
  ],
  [
    ['gradient', 'model.onnx', '--batch-norm', 'renorm', '--d-max', '-1'],
    '--d-max is -1. Use a number ≥ 0.',
    'gn-swap gradient model.onnx --batch-norm renorm',
  ],
  [
    ['gradient', 'model.onnx', '--size', '64x64'],
    '--size is "64x64". Use NAME=1x3x64x64, the name and size of an input.',
    'gn-swap gradient model.onnx',
  ],
  [
    ['gradient', 'model.onnx', '--size', 'pictures=2x3x64x64'],
    'model.onnx: --size: no input is named "pictures"; the input is x. Use --size x=2x3x64x64.',
    'gn-swap gradient model.onnx --size x=2x3x64x64',
  ],
  [
    ['finetune', 'model.onnx', '--data', 'empty', '--size', 'x=2x3x64x64'],
    '--size is "x=2x3x64x64". Use HEIGHTxWIDTH in pixels, such as 48x192.',
    'gn-swap finetune model.onnx --data empty',
  ],
  [
    ['compare', 'model.onnx', '--finetune'],
    'model.onnx: compare --finetune needs labelled samples. Use --data DIR; docs/data.md shows the layouts.',
    'gn-swap compare model.onnx --finetune --data DIR',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--data', 'model.onnx'],
    'model.onnx: nothing says what is to be learned. Use --task classify (or segment, detect, regress).',
    'gn-swap compare model.onnx --finetune --data model.onnx --task classify',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--data', 'empty', '--task', 'classes'],
    '--task is "classes". With --finetune, use one of classify, segment, detect, regress.',
    'gn-swap compare model.onnx --finetune --data empty --task classify',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--data', 'empty', '--task', 'detect', '--task', 'segment'],
    '--task is given more than once. Set it once.',
    'gn-swap compare model.onnx --finetune --data empty --task segment',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--rows', 'bn-frozen,gn-calibrate'],
    `--rows has "gn-calibrate", which is not a row. Use some of ${ROW_NAMES.join(', ')}.`,
    'gn-swap compare model.onnx --finetune --rows bn-frozen,gn-calibrated',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--batches', '1,0'],
    '--batches is "1,0". Use different positive whole numbers, such as 1,4,16.',
    'gn-swap compare model.onnx --finetune --batches 1,4,16',
  ],
  [
    ['compare', 'model.onnx', '--finetune', '--seeds', '0'],
    '--seeds is 0. Use a positive whole number.',
    'gn-swap compare model.onnx --finetune',
  ],
  [
    ['compare', 'model.onnx', 'other.onnx', '--finetune', '--runs', 'runs.jsonl'],
    '--runs takes one model; 2 are given. Run it once per model.',
  ],
  [
    ['finetune', 'model.onnx', '--batches', '1,2'],
    '--batches is not an option of gn-swap finetune; it belongs to gn-swap compare. See gn-swap finetune --help.',
    'gn-swap finetune model.onnx',
  ],
  [
    ['check', 'model.onnx', '--groups', '4'],
    '--groups is not an option of gn-swap check; it belongs to gn-swap <models..>, gn-swap inspect, gn-swap moments and gn-swap compare. See gn-swap check --help.',
    'gn-swap check model.onnx',
  ],
  [['check', 'model.onnx', '--against', 'gone.onnx'], 'gone.onnx: no such file or folder. Check the path.'],
  [
    ['moments', 'model.onnx'],
    'model.onnx: moments needs inputs. Use --calibrate DIR with a few inputs.',
    'gn-swap moments model.onnx --calibrate DIR',
  ],
  [['moments', 'model.onnx', 'other.onnx'], 'moments takes one model; 2 are given. Run it once per model.'],
  [
    ['moments', 'model.onnx', '--calibrate', 'empty', '--shard', '3/2'],
    '--shard is "3/2". Use i/n, such as 1/4, with i from 1 to n.',
    'gn-swap moments model.onnx --calibrate empty',
  ],
  [['moments', '-'], 'gn-swap moments cannot read a model from stdin. Write the model to a file first.'],
  [
    ['finetune', '-', '--data', 'empty'],
    'gn-swap finetune cannot read a model from stdin. Write the model to a file first.',
  ],
  [['-', '-'], '- is given twice, but stdin can be read only once. Give it once.'],
  [['-', 'model.onnx', '-o', 'out/'], '- is given beside other models. Swap the model on stdin alone.'],
  [
    ['check', 'model.onnx', '--against', '-'],
    '--against cannot be read from stdin. Write it to a file or folder first.',
  ],
  [['model.onnx', '--calibrate', '-'], '--calibrate cannot be read from stdin. Write it to a file or folder first.'],
  [['model.onnx', '--junit', '-'], '--junit cannot be written to stdout. Use the name of a file.'],
  [
    ['gradient', 'model.onnx', '-o', '-'],
    'gn-swap gradient cannot write to stdout. Use the name of a file.',
    'gn-swap gradient model.onnx',
  ],
  [['model.onnx', 'other.onnx', '-o', '-'], '2 models cannot be written to stdout. Use a folder with --output.'],
  [
    ['model.onnx', '-o', '-', '--json'],
    '--json and the model would both go to stdout. Use --output FILE.',
    'gn-swap model.onnx -o -',
  ],
  [['consumers', 'model.onnx'], 'gn-swap consumers takes no files, but got model.onnx. Run gn-swap consumers.'],
  [
    ['gradient', 'model.onnx', '--loss', 'crossentropy'],
    'model.onnx: --loss: "crossentropy" is not a loss. Use none, cross-entropy, bce, dice, mse, l1, huber, kl, or the path of an .onnx file.',
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

  for (const [args, message, next] of WRONG) {
    it(`gn-swap ${args.map((word) => (word === '' ? "''" : word)).join(' ')}`, async () => {
      const files = () =>
        readdirSync('.').map((name) => (name === 'empty' ? [name] : [name, readFileSync(name, 'latin1')]));
      const before = files();
      let said = '';
      process.stderr.write = (text: string | Uint8Array) => {
        said += text;
        return true;
      };
      const status = await main(args, commandOf);
      process.stderr.write = write;
      const tried = next === undefined ? '' : `Try: ${next}\n`;
      expect([status, said]).to.deep.equal([2, `gn-swap: ${message}\n${tried}`]);
      expect(files()).to.deep.equal(before);
    });
  }

  it('is answered with a command to type next in most cases, which is none of those that fail the same way', () => {
    const withNext = WRONG.filter(([, , next]) => next !== undefined);
    expect(withNext.length).to.be.at.least(45);
    for (const [args, , next] of withNext) expect(next).not.to.equal(`gn-swap ${args.join(' ')}`);
  });

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
