import { expect } from 'chai';
import { type Dims, Net } from '../../../fixtures/build.ts';
import type { LabelledOptions } from '../../../src/inputs/labelled/options.ts';
import type { LabelledData } from '../../../src/inputs/labelled/types.ts';
import { writeNpy } from '../../../src/inputs/npy.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { pixelPng, plainPng } from '../../support/files.ts';
import { type Files, openFiles, targetsOf } from '../../support/labelled.ts';

/** Further inputs of a loss by their names. */
type Inputs = Readonly<Record<string, readonly [dims: Dims, type?: DataType]>>;

/** What a loss asks beside the outputs of the model: only its inputs are looked at, and nodes that pass over a label. */
function asks(inputs: Inputs, ignore?: number): Model {
  const net = new Net();
  for (const [name, [dims, type]] of Object.entries(inputs)) net.input(name, dims, type);
  if (ignore !== undefined) {
    const [scores, label] = [net.weight('scores', [1, 2]), net.weight('label', [1], [0], DataType.INT64)];
    net.node('SoftmaxCrossEntropyLoss', [scores, label], { ignore_index: ignore }, { outputs: ['loss'] });
    net.output('loss', []);
  }
  return net.model();
}

function open(files: Files, targets: Model, options: Partial<LabelledOptions> = {}): Promise<LabelledData> {
  return openFiles(files, { task: 'own', targets, ...options });
}

/** What each sample gives to each input: its dimensions and numbers. */
async function given(data: LabelledData): Promise<Record<string, Record<string, readonly [number[], number[]]>>> {
  const targets = Object.entries(await targetsOf(data));
  return Object.fromEntries(
    targets.map(([name, target]) => {
      if (target.kind !== 'values') throw new Error(`${name} is ${target.kind}`);
      const values = Object.entries(target.values);
      return [
        name,
        Object.fromEntries(values.map(([it, { dims, data: all }]) => [it, [[...dims], Array.from(all, Number)]])),
      ];
    }),
  );
}

const array = (dims: readonly number[], numbers: readonly number[], type: DataType = DataType.DOUBLE): Value => ({
  type,
  dims,
  data: type === DataType.DOUBLE ? Float64Array.from(numbers) : Int32Array.from(numbers),
});
const npz = (arrays: Readonly<Record<string, Value>>) => writeNpz(new Map(Object.entries(arrays)));

const RED = await plainPng('#f00', 2);
const TWO = asks({ wanted: [['N', 3]], weight: [['N', 1]] });
const ONE = asks({ wanted: [['N', 2, 2]] });

describe('pictures for a loss of one’s own', () => {
  it('take numbers from columns that are named after its inputs, whatever their order; other columns are passed over', async () => {
    const text = 'weight,file,note,wanted[0],wanted[1],wanted[2]\n0.5,a.png,x,1,2,3\n2,b.png,y,-4,5e-1,6\n';
    const data = await open({ 'd/images/a.png': RED, 'd/images/b.png': RED, 'd/labels.csv': text }, TWO);
    expect(await given(data)).to.deep.equal({
      'images/a.png': {
        wanted: [
          [1, 3],
          [1, 2, 3],
        ],
        weight: [[1, 1], [0.5]],
      },
      'images/b.png': {
        wanted: [
          [1, 3],
          [-4, 0.5, 6],
        ],
        weight: [[1, 1], [2]],
      },
    });
    expect(data.image?.name).to.equal('x');
    expect(data.classes).to.equal(undefined);
  });

  it('take whole numbers for inputs of whole numbers, and numbers in the shape of the input', async () => {
    const targets = asks({ label: [['N'], DataType.INT64], box: [['N', 2, 2]] });
    const text = 'file,label,box[0],box[1],box[2],box[3]\na.png,7,1,2,3,4\n';
    expect(await given(await open({ 'd/a.png': RED, 'd/t.csv': text }, targets))).to.deep.equal({
      'a.png': {
        label: [[1], [7]],
        box: [
          [1, 2, 2],
          [1, 2, 3, 4],
        ],
      },
    });
  });

  it('take arrays from a file of their name in targets/, with or without the axis that counts samples', async () => {
    const files = {
      'd/images/a.png': RED,
      'd/images/b.png': RED,
      'd/targets/a.npz': npz({ wanted: array([3], [1, 2, 3]), weight: array([1, 1], [4]) }),
      'd/targets/b.npz': npz({
        'target/wanted': array([1, 3], [5, 6, 7]),
        weight: array([1], [8]),
        more: array([1], [9]),
      }),
      'd/targets/c.npz': npz({}),
    };
    const data = await open(files, TWO);
    expect(await given(data)).to.deep.equal({
      'images/a.png': {
        wanted: [
          [1, 3],
          [1, 2, 3],
        ],
        weight: [[1, 1], [4]],
      },
      'images/b.png': {
        wanted: [
          [1, 3],
          [5, 6, 7],
        ],
        weight: [[1, 1], [8]],
      },
    });
    expect(data.skipped).to.deep.equal([{ file: 'targets/c.npz', reason: 'its sample is not there' }]);
  });

  it('take a .npy for a loss with one further input, and share a step only with arrays of their shape', async () => {
    const files = {
      'd/images/a.png': RED,
      'd/images/b.png': RED,
      'd/targets/a.npy': writeNpy(array([2, 2], [1, 2, 3, 4])),
      'd/targets/b.npy': writeNpy(array([2, 2], [5, 6, 7, 8])),
    };
    const data = await open(files, ONE);
    expect((await given(data))['images/b.png']).to.deep.equal({
      wanted: [
        [1, 2, 2],
        [5, 6, 7, 8],
      ],
    });
    expect(data.keyOf(0)).to.equal(data.keyOf(1));
    const other = await open(
      { ...files, 'd/targets/b.npy': writeNpy(array([1, 3], [5, 6, 7])) },
      asks({ wanted: [['N', 'h', 'w']] }),
    );
    expect(other.keyOf(0)).not.to.equal(other.keyOf(1));
  });

  it('are divided into those to train on and those to measure on together with their arrays', async () => {
    const files = Object.fromEntries(
      ['train', 'val'].flatMap((part, index) => [
        [`d/images/${part}/a.png`, RED],
        [`d/targets/${part}/a.npy`, writeNpy(array([2, 2], [index, 0, 0, 0]))],
      ]),
    );
    const train = await given(await open(files, ONE));
    const val = await given(await open(files, ONE, { part: 'val' }));
    expect(train['images/train/a.png']?.wanted?.[1][0]).to.equal(0);
    expect(val['images/val/a.png']?.wanted?.[1][0]).to.equal(1);
  });

  it('have classes and masks as for other tasks, if the loss takes one thing', async () => {
    const folders = await open({ 'd/cat/a.png': RED, 'd/dog/a.png': RED }, asks({ label: [['N'], DataType.INT64] }));
    expect(folders.classes).to.deep.equal(['cat', 'dog']);
    expect(await targetsOf(folders)).to.deep.include({ 'dog/a.png': { kind: 'class', label: 1 } });
    const table = { 'd/a.png': RED, 'd/b.png': RED, 'd/labels.csv': 'file,kind\na.png,cat\nb.png,dog\n' };
    expect((await open(table, asks({ label: [['N'], DataType.INT64] }))).classes).to.deep.equal(['cat', 'dog']);
    const mask = await pixelPng([
      [0, 1],
      [1, 255],
    ]);
    const masks = await open(
      { 'd/images/a.png': RED, 'd/masks/a.png': mask },
      asks({ map: [['N', 2, 2], DataType.INT64] }, 255),
    );
    expect((await masks.load(0)).target).to.deep.include({ kind: 'map', labels: Int16Array.of(0, 1, 1, -1) });
  });

  it('need no labels for a loss of the outputs alone', async () => {
    const data = await open({ 'd/a.png': RED, 'd/sub/b.png': RED }, asks({}));
    expect(data.names).to.deep.equal(['a.png', 'sub/b.png']);
    expect((await data.load(0)).target).to.deep.equal({ kind: 'none' });
  });
});

const pair = (content: Uint8Array, name = 'a.npz'): Files => ({
  'd/images/a.png': RED,
  [`d/targets/${name}`]: content,
});
const table = (text: string): Files => ({ 'd/a.png': RED, 'd/labels.csv': text });
const HOLE = await pixelPng([
  [0, 1],
  [1, 255],
]);

/** Data that must be refused: what is said, whole. */
const WRONG: readonly [name: string, targets: Model, files: Files, says: string, options?: Partial<LabelledOptions>][] =
  [
    [
      'pictures without labels',
      TWO,
      { 'd/images/a.png': RED },
      'd: it has 1 file, and none fits; a loss with the input wanted, weight reads pictures or arrays in images/, and arrays with the same names in targets/, as .npz or .npy; or a table file,INPUT,… with a column for each further input of the loss; or pictures in images/ and PNG masks with the same names in masks/; or a folder of pictures, or of arrays as .npy, for each class; or .npz files with the inputs, and an array for each further input of the loss. See docs/data.md for the layouts.',
    ],
    [
      'a folder for each class and a loss of two things',
      TWO,
      { 'd/cat/a.png': RED, 'd/dog/a.png': RED },
      'd: the loss has 2 inputs beside the outputs of the model (wanted, weight), and this is a folder of pictures, or of arrays as .npy, for each class. Give each by its name: a table file,wanted,weight, or targets/a.npz with the arrays wanted, weight for images/a.png.',
    ],
    [
      'masks and a loss of two things',
      TWO,
      { 'd/images/a.png': RED, 'd/masks/a.png': RED },
      'd: the loss has 2 inputs beside the outputs of the model (wanted, weight), and this is pictures in images/ and PNG masks with the same names in masks/. Give each by its name: a table file,wanted,weight, or targets/a.npz with the arrays wanted, weight for images/a.png.',
    ],
    [
      'a column that is missing',
      TWO,
      table('file,wanted[0],wanted[1],wanted[2]\na.png,1,2,3\n'),
      `d/labels.csv:1: no column is named after the loss's input "weight" float32 [N, 1]. Name the columns in the first line: file,wanted[0],wanted[1],…,weight.`,
    ],
    [
      'a table without a header',
      TWO,
      table('a.png,1,2,3,4\n'),
      `d/labels.csv:1: no column is named after the loss's input "wanted" float32 [N, 3]. Name the columns in the first line: file,wanted[0],wanted[1],…,weight.`,
    ],
    [
      'too few columns for an input',
      TWO,
      table('file,wanted[0],wanted[1],weight\na.png,1,2,3\n'),
      `d/labels.csv:1: it has 2 columns for the loss's input "wanted" float32 [N, 3], which takes 3 numbers. Name the columns in the first line: file,wanted[0],wanted[1],…,weight.`,
    ],
    [
      'a cell that is not a number',
      asks({ weight: [['N', 1]] }),
      table('file,weight\na.png,heavy\n'),
      'd/labels.csv:2: "heavy" is not a number. Write numbers with a decimal point, or remove the row.',
    ],
    [
      'a fraction for whole numbers',
      asks({ label: [['N'], DataType.INT64] }),
      table('file,label\na.png,1.5\n'),
      'd/labels.csv:2: 1.5 is not a whole number, and the loss takes whole numbers. Correct the number, or give the input of the loss the type float32.',
    ],
    [
      'a picture without its arrays',
      ONE,
      { ...pair(npz({ wanted: array([2, 2], [1, 2, 3, 4]) })), 'd/images/b.png': RED },
      'd/images/b.png: it has no target b.npz in targets/. Add the file, or move this one out of the folder.',
    ],
    [
      'an array that is missing',
      TWO,
      pair(npz({ wanted: array([3], [1, 2, 3]) })),
      `d/targets/a.npz: it has no array for the loss's input "weight" float32 [N, 1]. Write it: numpy.savez(path, wanted=wanted, weight=weight).`,
    ],
    [
      'an array of another shape',
      ONE,
      pair(npz({ wanted: array([3, 2], [1, 2, 3, 4, 5, 6]) })),
      'd/targets/a.npz: wanted: its shape is [1, 3, 2]; the model takes [?, 2, 2]. Use an array of that shape.',
    ],
    [
      'one array for two inputs',
      TWO,
      pair(writeNpy(array([3], [1, 2, 3])), 'a.npy'),
      'd/targets/a.npy: it is one array, and the loss takes wanted, weight. Write them into one file: numpy.savez(path, wanted=wanted, weight=weight).',
    ],
    [
      'arrays that are there twice',
      ONE,
      {
        ...pair(npz({ wanted: array([2, 2], [1, 2, 3, 4]) })),
        'd/targets/a.npy': writeNpy(array([2, 2], [1, 2, 3, 4])),
      },
      'd/targets/a.npz: it is there a second time, as targets/a.npy. Remove one of them: a sample has one target.',
    ],
    ['damaged arrays', ONE, pair(npz({ wanted: array([2, 2], [1, 2, 3, 4]) }).subarray(0, 60)), 'd/targets/a.npz: '],
    [
      'pixels without a label that the loss cannot pass over',
      asks({ map: [['N', 2, 2], DataType.INT64] }),
      { 'd/images/a.png': RED, 'd/masks/a.png': HOLE },
      'd/masks/a.png: pixels of the mask have no label (255), and the loss has no ignore_index. Draw them, or give the SoftmaxCrossEntropyLoss of the loss an ignore_index.',
    ],
    [
      'pictures with a border that the loss cannot pass over',
      asks({ map: [['N', 2, 2], DataType.INT64] }),
      { 'd/images/a.png': RED, 'd/masks/a.png': HOLE },
      '--fit contain: pixels beside a picture have no label, and the loss has no ignore_index. Use --fit stretch or cover, or give the SoftmaxCrossEntropyLoss of the loss an ignore_index.',
      { fit: 'contain' },
    ],
    [
      'names of classes for numbers',
      asks({ weight: [['N', 1]] }),
      table('file,weight\na.png,1\n'),
      '--classes: the data gives the inputs of the loss by name, not classes. Leave --classes out.',
      { classes: ['a', 'b'] },
    ],
  ];

describe('data that do not fit a loss of one’s own', () => {
  for (const [name, targets, files, says, options] of WRONG) {
    it(name, async () => {
      const text = (await rejection(open(files, targets, options))).describe();
      if (says.endsWith(': ')) expect(text).to.match(new RegExp(`^${says}`));
      else expect(text).to.equal(says);
    });
  }
});
