import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { commandOf } from '../../src/cli/commands/index.ts';
import { main } from '../../src/cli/main.ts';
import { writeModel } from '../../src/onnx/model.ts';
import { writeTraining } from '../support/finetune.ts';
import { useScratch } from '../support/scratch.ts';
import { line, weightedLoss } from '../support/training.ts';

const WHOLE = 'Use a positive whole number.';

/**
 * Options of a training run that cannot work, and what is said of each; behind `gn-swap finetune model.onnx --data data.npz`, which can.
 * Those that no file has to be read for are in wrong.test.ts, too. All end with status 2.
 */
const WRONG: readonly (readonly [options: string, message: string])[] = [
  ['--task classify --epochs 0', `--epochs is 0. ${WHOLE}`],
  ['--task classify --epochs 2.5', `--epochs is 2.5. ${WHOLE}`],
  ['--task classify --epochs 1e9', '--epochs is 1000000000. Use a whole number up to 1000000.'],
  ['--task classify --batch 0', `--batch is 0. ${WHOLE}`],
  ['--task classify --accumulate 0', `--accumulate is 0. ${WHOLE}`],
  ['--task classify --patience -1', `--patience is -1. ${WHOLE}`],
  ['--task classify --patience 0', `--patience is 0. ${WHOLE}`],
  ['--task classify --lr 0', '--lr is "0". Use auto, or a rate below 10, such as 3e-4.'],
  ['--task classify --lr -1', '--lr is "-1". Use auto, or a rate below 10, such as 3e-4.'],
  ['--task classify --lr abc', '--lr is "abc". Use auto, or a rate below 10, such as 3e-4.'],
  ['--task classify --lr 100', '--lr is "100". Use auto, or a rate below 10, such as 3e-4.'],
  ['--task classify --weight-decay -1', '--weight-decay is -1. Use a number that is not negative.'],
  ['--task classify --clip -1', '--clip is -1. Use a number above 0.'],
  ['--task classify --val 1.5', '--val is 1.5. Use a share between 0 and 1, such as 0.2, or a folder.'],
  ['--task classify --val gone', 'gone: no such file or folder. Check the path.'],
  [
    '--task classify --val data.npz',
    'data.npz: the held-out file is among those that are trained on. Take it out of data.npz, or hold a share out: --val 0.2.',
  ],
  [
    '--task classify --loss mae',
    '--loss is "mae". Use one of cross-entropy, bce, dice, mse, l1, huber, kl, or the path of an .onnx file.',
  ],
  [
    '--task classify --loss-of q',
    'model.onnx: --loss-of: "q" is not an output; the outputs are p [1, 3]. Name another output with --loss-of, or choose another --task.',
  ],
  [
    '--task classify --augment mirror',
    'model.onnx: --augment does not know "mirror". Give some of them, or none: --augment flip,crop,rotate,colour.',
  ],
  [
    '--task classify --train nothing',
    'model.onnx: --train: "nothing" matches no parameter. Parameters are named like W0, bn1.weight, bn1.bias.',
  ],
  [
    '--task classify --freeze nothing',
    'model.onnx: --freeze: "nothing" matches no parameter. Parameters are named like W0, bn1.weight, bn1.bias.',
  ],
  [
    '--task classify --freeze .*',
    'model.onnx: --freeze: nothing is left to train: the loss depends on no tensor that is chosen. Use --train all, or a --freeze that leaves some.',
  ],
  [
    '--task classify --train inputs',
    '--train is "inputs", which are not stored in the file. Use all, norms, head, or a regular expression.',
  ],
  ['--task classify --classes a,b,a', 'model.onnx: --classes names "a" twice. Name each class once: --classes a,b.'],
  [
    '--task classify --classes a,b',
    'data.npz: target[2]: class 2 is out of range: there are 2 classes, 0 to 1. Correct the label, or name all classes in their order with --classes a,b,c.',
  ],
  [
    '--task classify --classes a,b,c,d --head nothing',
    'model.onnx: --classes: --head nothing names no layer of the classes: looked for 3 classes in Gemm head with 1 × 3 numbers. Name the layers that give a number for each class with --head REGEX.',
  ],
  ['--task regress --classes a,b', 'model.onnx: --classes has no effect with --task regress. Leave --classes out.'],
  [
    '--task distill --teacher model.onnx --old-classes a,b',
    'model.onnx: --old-classes has no effect with --task distill. Leave --old-classes out.',
  ],
  ['--task classify --anchors 8:16', 'model.onnx: --anchors has no effect with --task classify. Leave --anchors out.'],
  [
    '--task classify --box-format xyxy',
    'model.onnx: --box-format has no effect with --task classify. Leave --box-format out.',
  ],
  [
    '--task segment',
    'data.npz: target: it has the shape [30], which is not a map for inputs of [1, 3, 8, 8]. Give it the shape [samples, height, width], with the number of a class for each pixel.',
  ],
  [
    '--task detect',
    'data.npz: it has 1 file, and none fits; --task detect reads a table file,class,xmin,ymin,xmax,ymax with a row for each box; or pictures and COCO annotations in annotations.json; or pictures and Pascal VOC annotations, an XML file with the name of each picture; or pictures in images/ and YOLO text files with the same names in labels/. See docs/data.md for the layouts.',
  ],
  [
    '--task regress',
    'data.npz: target: it has 1 number a sample, and output "p" has 3. Give it the shape of the output: [30, 3].',
  ],
  [
    '--task distill',
    'model.onnx: --task: --task distill needs a model that answers. Give it with --teacher SOURCE.onnx.',
  ],
  [
    '--teacher line.onnx',
    'model.onnx: --teacher: the teacher does not run on these samples (ONNX Runtime does not run the model: Invalid rank for input: x Got: 4 Expected: 2 Please fix either the inputs/outputs or the model). Give a model that takes the same inputs.',
  ],
  ['--teacher gone.onnx', 'gone.onnx: no such file or folder. Check the path.'],
  [
    '--loss line.onnx',
    'model.onnx: --loss: no input of the loss (x) is an output of the model. Name the inputs that take what the model answers after its outputs: p.',
  ],
  [
    '--loss line.onnx --head head',
    '--loss line.onnx and --head are both given. Leave --head out: the loss says what is learned.',
  ],
  [
    '--loss loss.onnx --classes a,b',
    'model.onnx: --classes: the data gives the inputs of the loss by name, not classes. Leave --classes out.',
  ],
  [
    '--loss loss.onnx',
    'data.npz: it has no array "target/wanted". Write it beside the inputs: numpy.savez(path, **inputs, **{"target/wanted": labels}).',
  ],
  ['--task classify --resume', 'model.ft.onnx.state: there is no unfinished run to go on with. Leave --resume out.'],
  [
    '--task classify --output model.onnx',
    'model.onnx: the output is the source, which is never overwritten. Use another name with --output.',
  ],
  [
    '--task classify --refine 10',
    '--refine is not an option of gn-swap finetune; it belongs to gn-swap <models..>. See gn-swap finetune --help.',
  ],
];

describe('options of gn-swap finetune that cannot work', () => {
  const scratch = useScratch();
  const folder = process.cwd();
  const write = process.stderr.write;
  beforeEach(() => {
    writeTraining(scratch());
    scratch().write('line.onnx', writeModel(line()));
    scratch().write('loss.onnx', writeModel(weightedLoss({ output: 'p' })));
    process.chdir(scratch().folder);
  });
  afterEach(() => {
    process.stderr.write = write;
    process.chdir(folder);
  });

  for (const [options, message] of WRONG) {
    it(options, async () => {
      const files = () => readdirSync('.').map((name) => [name, readFileSync(name, 'latin1')]);
      const before = files();
      let said = '';
      process.stderr.write = (text: string | Uint8Array) => {
        said += text;
        return true;
      };
      const fast = ['--epochs', '--lr'].flatMap((name) => (options.includes(name) ? [] : [name, '1']));
      const status = await main(
        ['finetune', 'model.onnx', '--data', 'data.npz', ...options.split(' '), ...fast],
        commandOf,
      );
      process.stderr.write = write;
      expect([status, said.split('\n')[0]]).to.deep.equal([2, `gn-swap: ${message}`]);
      expect(files()).to.deep.equal(before);
    });
  }
});
