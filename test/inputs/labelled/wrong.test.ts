import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { LabelledOptions, LabelledTask } from '../../../src/inputs/labelled/options.ts';
import { writeNpz } from '../../../src/inputs/write-npz.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { pixelPng, plainPng } from '../../support/files.ts';
import { type Files, openFiles, pictureModel } from '../../support/labelled.ts';

/** A data set that must be refused: what is said, whole. */
interface Wrong {
  readonly name: string;
  readonly task: LabelledTask;
  readonly files: Files;
  readonly says: string;
  readonly options?: Partial<LabelledOptions>;
  readonly path?: string;
  readonly model?: Model;
  readonly code?: string;
}

const RED = await plainPng('#f00', 8);
const [BINARY, SMALL] = [
  await pixelPng(Array.from({ length: 8 }, () => [0, 1, 0, 1, 0, 1, 0, 1])),
  await plainPng('#000', 4),
];
const mask = (value: number | readonly number[]) => pixelPng(Array.from({ length: 8 }, () => new Array(8).fill(value)));
const CUT = RED.subarray(0, RED.length - 4);

function npz(arrays: Readonly<Record<string, Value>>): Uint8Array {
  return writeNpz(new Map(Object.entries(arrays)));
}

const X: Value = { type: DataType.FLOAT, dims: [2, 3, 2, 2], data: new Float32Array(24) };
const ints = (dims: readonly number[], numbers: readonly number[]): Value => ({
  type: DataType.INT32,
  dims,
  data: Int32Array.from(numbers),
});

/** Outputs `age` [N, 1] and `pose` [N, 3]. */
function twoOutputs(): Model {
  const net = new Net();
  const x = net.input('x', ['N', 3, 2, 2]);
  net.output(net.node('Neg', [x], {}, { outputs: ['age'] }), ['N', 1]);
  return net.output(net.node('Abs', [x], {}, { outputs: ['pose'] }), ['N', 3]).model();
}

/** One output `age` [N, 1]. */
function oneOutput(): Model {
  const net = new Net();
  return net.output(net.node('Neg', [net.input('x', ['N', 3, 2, 2])], {}, { outputs: ['age'] }), ['N', 1]).model();
}

const pictures = (files: Files = {}): Files => ({ 'd/1.png': RED, 'd/2.png': RED, ...files });
const yolo = (label: string, files: Files = {}): Files => ({
  'd/images/a.png': RED,
  'd/labels/a.txt': label,
  ...files,
});
const coco = (content: object, files: Files = { 'd/a.png': RED }): Files => ({
  'd/annotations.json': JSON.stringify(content),
  ...files,
});
const annotated = (annotation: object, image: object = {}) => ({
  images: [{ id: 1, file_name: 'a.png', width: 8, height: 8, ...image }],
  categories: [{ id: 1, name: 'cat' }],
  annotations: [{ image_id: 1, category_id: 1, bbox: [1, 1, 2, 2], ...annotation }],
});

const WRONG: readonly Wrong[] = [
  // Classes.
  {
    name: 'an empty folder',
    task: 'classify',
    files: {},
    says: 'd: it is empty; --task classify reads a table labels.csv of file,label; or a folder of pictures, or of arrays as .npy, for each class; or .npz files with the inputs and an array target of class numbers. See docs/data.md for the layouts.',
  },
  {
    name: 'other files only',
    task: 'classify',
    files: { 'd/readme.txt': 'x' },
    says: 'd: it has 1 file, and none fits; --task classify reads a table labels.csv of file,label; or a folder of pictures, or of arrays as .npy, for each class; or .npz files with the inputs and an array target of class numbers. See docs/data.md for the layouts.',
  },
  {
    name: 'one class',
    task: 'classify',
    files: { 'd/cat/1.png': RED, 'd/cat/2.png': RED },
    says: 'd: all samples are of one class, "cat". Add samples of another class: with one, there is nothing to learn.',
  },
  {
    name: 'a picture outside the folders',
    task: 'classify',
    files: { 'd/cat/1.png': RED, 'd/dog/1.png': RED, 'd/lost.png': RED },
    says: 'd/lost.png: the picture is not in the folder of a class. Move it into the folder of its class, or list all pictures in labels.csv as file,label.',
  },
  {
    name: 'a folder that is not one of the classes',
    task: 'classify',
    files: { 'd/cat/1.png': RED, 'd/dgo/1.png': RED },
    options: { classes: ['cat', 'dog'] },
    says: 'd/dgo: "dgo" is not one of the classes (cat, dog). Correct the label, or add the class: --classes cat,dog,dgo.',
  },
  {
    name: 'a class that is named twice',
    task: 'classify',
    files: { 'd/cat/1.png': RED },
    options: { classes: ['cat', 'dog', 'cat'] },
    code: 'invalid-arguments',
    says: '--classes names "cat" twice. Name each class once: --classes cat,dog.',
  },
  {
    name: 'only damaged pictures',
    task: 'classify',
    files: { 'd/cat/1.png': CUT, 'd/dog/1.png': CUT },
    says: 'd: none of its 2 files can be read; cat/1.png: its end is missing: the file is cut off. See docs/data.md for the layouts.',
  },
  {
    name: 'a row that names a missing file',
    task: 'classify',
    files: pictures({ 'd/labels.csv': 'file,label\n1.png,cat\n3.png,dog\n' }),
    says: 'd/labels.csv:3: the file "3.png" is not there. Write paths as they are from the folder of the table, with their endings, or remove the row.',
  },
  {
    name: 'a row with a cell too many',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png,cat\n2.png,dog,big\n' }),
    says: 'd/labels.csv:2: the row has 3 cells, and the first line has 2. Give every row the same number of cells; quote cells that hold a comma.',
  },
  {
    name: 'a table with one column',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png\n2.png\n' }),
    says: 'd/labels.csv:1: it has one column, and needs two: a file and its label. Separate the columns by commas, semicolons or tabs.',
  },
  {
    name: 'a table without rows',
    task: 'classify',
    files: pictures({ 'd/labels.csv': 'file,label\n' }),
    says: 'd/labels.csv: it has no rows. Write a row for each picture: file,label.',
  },
  {
    name: 'a label that is empty',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png,cat\n2.png,\n' }),
    says: 'd/labels.csv:2: the label is empty. Write the class, or remove the row.',
  },
  {
    name: 'a quote that is not closed',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png,cat\n2.png,"dog\n' }),
    says: 'd/labels.csv:2: a quote in this line is not closed. Close it, or write a quote inside a cell twice.',
  },
  {
    name: 'several columns without a name',
    task: 'classify',
    files: pictures({ 'd/labels.csv': 'file,a,b\n1.png,1,2\n2.png,2,1\n' }),
    says: 'd/labels.csv:1: it has 3 columns, and none is named label. Name the columns in the first line: file,label.',
  },
  {
    name: 'several tables',
    task: 'classify',
    files: pictures({ 'd/a.csv': '1.png,x\n', 'd/b.csv': '1.png,y\n' }),
    says: 'd: it has several tables: a.csv, b.csv. Name the one to use: --data d/a.csv.',
  },
  {
    name: 'a number beyond the classes of the model',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png,0\n2.png,10\n' }),
    options: { headClasses: 10 },
    says: 'd/labels.csv:2: class 10 is out of range: there are 10 classes, 0 to 9. Correct the label, or name all classes in their order with --classes a,b,c.',
  },
  {
    name: 'a number that is not whole',
    task: 'classify',
    files: pictures({ 'd/labels.csv': '1.png,0\n2.png,1.5\n' }),
    says: 'd/labels.csv:2: the class 1.5 is not a whole number from 0. Write the position of the class, or its name; to learn numbers, use --task regress.',
  },
  {
    name: 'arrays without targets',
    task: 'classify',
    files: { 'd/a.npz': npz({ x: X }) },
    says: 'd/a.npz: it has no array "target". Write it beside the inputs: numpy.savez(path, **inputs, **{"target": labels}).',
  },
  {
    name: 'fewer targets than samples',
    task: 'classify',
    files: { 'd/a.npz': npz({ x: X, target: ints([3], [0, 1, 0]) }) },
    says: 'd/a.npz: target: it holds 2 samples and 3 targets. Write one target for each sample, along the first axis.',
  },
  {
    name: 'targets with a 1 among zeros',
    task: 'classify',
    files: { 'd/a.npz': npz({ x: X, target: ints([2, 2], [0, 1, 1, 0]) }) },
    says: 'd/a.npz: target: it has the shape [2, 2], and needs one number for each sample. Write the position of the class: target=numpy.argmax(one_hot, axis=1).',
  },
  {
    name: 'arrays for another input',
    task: 'classify',
    files: { 'd/a.npz': npz({ y: X, target: ints([2], [0, 1]) }) },
    says: 'd: its only file cannot be read; a.npz: it has no array "x" for the model’s input. See docs/data.md for the layouts.',
  },
  // Masks.
  {
    name: 'no masks',
    task: 'segment',
    files: { 'd/images/a.png': RED },
    says: 'd: it has 1 picture in images/ and no masks in masks/. Put a PNG with the name of the picture into masks/ for each; to learn from a teacher instead, use --task distill.',
  },
  {
    name: 'a picture without a mask',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/images/b.png': RED, 'd/masks/a.png': BINARY },
    says: 'd/images/b.png: the picture has no mask b.png in masks/. Add the mask, or move the picture out of images/.',
  },
  {
    name: 'a mask of another size',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': SMALL },
    says: 'd/masks/a.png: the mask is 4×4, and its picture 8×8. Draw the mask on images/a.png as it is, upright and whole.',
  },
  {
    name: 'a class beyond those of the model',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': await mask(7) },
    options: { headClasses: 3 },
    says: 'd/masks/a.png: class 7 is out of range: there are 3 classes, 0 to 2. Correct the label, or name all classes in their order with --classes a,b,c.',
  },
  {
    name: 'masks that count from 1',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': await mask(3) },
    options: { headClasses: 3 },
    says: 'd/masks/a.png: the masks count from 1: none has the class 0, and the largest is 3. Number the 3 classes from 0; docs/formats.md has a script for masks that count from 1.',
  },
  {
    name: 'a mask that is not a PNG',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.jpg': 'JPEG' },
    says: 'd/masks/a.jpg: the mask is not a PNG that can be read (wrong PNG signature). Save masks as PNG: other formats change the numbers of classes.',
  },
  {
    name: 'colours without their meaning',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': await mask([200, 10, 0]) },
    says: 'd/masks/a.png: the mask has colours (200,10,0), and no file says what they mean. Write a line name,r,g,b for each class to classes.csv in the folder, or save the numbers of the classes as grey.',
  },
  {
    name: 'a colour that is not in the list',
    task: 'segment',
    files: {
      'd/images/a.png': RED,
      'd/masks/a.png': await mask([200, 10, 0]),
      'd/classes.csv': 'sky,0,0,255\nroad,255,0,0\n',
    },
    says: 'd/masks/a.png: the colour 200,10,0 at 0, 0 is not in classes.csv. Add a line to classes.csv, or save the mask without smoothing: a line unlabelled,200,10,0 leaves the pixels out.',
  },
  {
    name: 'a line that is not a colour',
    task: 'segment',
    files: {
      'd/images/a.png': RED,
      'd/masks/a.png': BINARY,
      'd/classes.csv': 'name,r,g,b\nsky,0,0,255\nroad,0,300,0\n',
    },
    says: 'd/classes.csv:3: "road,0,300,0" is not a name and a colour. Write name,r,g,b with numbers from 0 to 255: road,128,64,128.',
  },
  {
    name: 'a colour for two classes',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': BINARY, 'd/classes.csv': 'sky,0,0,255\nroad,0,0,255\n' },
    says: 'd/classes.csv:2: the colour of "road" stands for another class already. Give each class a colour of its own.',
  },
  {
    name: 'masks without a class',
    task: 'segment',
    files: { 'd/images/a.png': RED, 'd/masks/a.png': await mask(255) },
    says: 'd: no pixel has a class: all are 255, which stands for unlabelled. Draw classes into the masks, as numbers from 0.',
  },
  {
    name: 'maps of another size than the inputs',
    task: 'segment',
    files: { 'd/a.npz': npz({ x: X, target: ints([2, 3, 3], new Array(18).fill(1)) }) },
    says: 'd/a.npz: target: it has the shape [2, 3, 3], which is not a map for inputs of [1, 3, 2, 2]. Give it the shape [samples, height, width], with the number of a class for each pixel.',
  },
  // Numbers.
  {
    name: 'a word among numbers',
    task: 'regress',
    files: pictures({ 'd/labels.csv': 'file,age\n1.png,30\n2.png,old\n' }),
    model: oneOutput(),
    says: 'd/labels.csv:3: "old" is not a number. Write numbers with a decimal point, or remove the row.',
  },
  {
    name: 'a missing value',
    task: 'regress',
    files: pictures({ 'd/labels.csv': '1.png,30\n2.png,\n' }),
    model: oneOutput(),
    says: 'd/labels.csv:2: a value is missing. Write numbers with a decimal point, or remove the row.',
  },
  {
    name: 'more values than the output has',
    task: 'regress',
    files: pictures({ 'd/labels.csv': '1.png,30,1\n2.png,40,2\n' }),
    model: oneOutput(),
    says: 'd/labels.csv:1: it has 2 values in a row, and output "age" has 1 number. Give a column for each number of the output, or name the columns after outputs: file,OUTPUT[0],OUTPUT[1].',
  },
  {
    name: 'columns that are named after no output',
    task: 'regress',
    files: pictures({ 'd/labels.csv': 'file,years\n1.png,30\n' }),
    model: twoOutputs(),
    says: 'd/labels.csv:1: no column is named after an output of the model (age, pose). Name the columns in the first line: file,age,pose.',
  },
  {
    name: 'arrays without a target for an output',
    task: 'regress',
    files: { 'd/a.npz': npz({ x: X, target: ints([2, 1], [1, 2]) }) },
    model: twoOutputs(),
    says: 'd/a.npz: it has no array "target/age" or "target/pose". Write it beside the inputs: numpy.savez(path, **inputs, **{"target/age": values}).',
  },
  {
    name: 'a target of another shape',
    task: 'regress',
    files: { 'd/a.npz': npz({ x: X, 'target/pose': ints([2, 2], [1, 2, 3, 4]) }) },
    model: twoOutputs(),
    says: 'd/a.npz: target/pose: it has 2 numbers a sample, and output "pose" has 3. Give it the shape of the output: [2, 3].',
  },
  {
    name: 'a target that is not a number',
    task: 'regress',
    files: {
      'd/a.npz': npz({
        x: X,
        target: { type: DataType.FLOAT, dims: [2, 1], data: Float32Array.from([1, Number.NaN]) },
      }),
    },
    model: oneOutput(),
    says: 'd/a.npz: target, sample 1: NaN is not a number that can be learnt. Leave out samples without a value: numpy.isfinite(target).',
  },
  // Boxes.
  {
    name: 'pictures without labels',
    task: 'detect',
    files: { 'd/images/a.png': RED, 'd/images/b.png': RED },
    says: 'd: it has 2 pictures and no label files. Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box.',
  },
  {
    name: 'labels for other pictures',
    task: 'detect',
    files: { 'd/images/a.png': RED, 'd/labels/b.txt': '0 0.5 0.5 0.1 0.1' },
    says: 'd: it has 1 picture and 1 label file without a box for them. Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box.',
  },
  {
    name: 'a line with four fields',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1'),
    says: 'd/labels/a.txt:2: the line has 4 fields, and a box has 5. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a name in place of a number',
    task: 'detect',
    files: yolo('cat 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: "cat" is not a number. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a class below 0',
    task: 'detect',
    files: yolo('-1 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: the class -1 is not a whole number from 0. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'boxes in pixels',
    task: 'detect',
    files: yolo('0 320 240 64 48'),
    says: 'd/labels/a.txt:1: 320 is not a share of the picture, from 0 to 1. Divide pixels by the width and height of the picture.',
  },
  {
    name: 'a box without an area',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0'),
    says: 'd/labels/a.txt:1: the box has no area. Remove the line, or give the box a width and height.',
  },
  {
    name: 'a class that data.yaml does not name',
    task: 'detect',
    files: yolo('2 0.5 0.5 0.1 0.1', { 'd/data.yaml': 'names: [cat, dog]' }),
    says: 'd/labels/a.txt:1: class 2 is out of range: data.yaml names 2 classes, 0 to 1. Correct the label, or name the class in data.yaml.',
  },
  {
    name: 'a class that --classes does not name',
    task: 'detect',
    files: yolo('1 0.5 0.5 0.1 0.1', { 'd/data.yaml': 'names: [cat, dog]' }),
    options: { classes: ['cat', 'bird'] },
    says: 'd/labels/a.txt:1: "dog" is not one of the classes (cat, bird). Correct the label, or add the class: --classes cat,bird,dog.',
  },
  {
    name: 'a class beyond those of the model, without names',
    task: 'detect',
    files: yolo('3 0.5 0.5 0.1 0.1'),
    options: { headClasses: 2 },
    says: 'd/labels/a.txt:1: class 3 is out of range: there are 2 classes, 0 to 1. Correct the label, or name all classes in their order with --classes a,b,c.',
  },
  {
    name: 'a count of classes that is wrong',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0.1', { 'd/data.yaml': '# mine\nnc: 3\nnames: [cat, dog]' }),
    says: 'd/data.yaml:2: nc is 3, and names lists 2. Write nc: 2, or name the missing classes.',
  },
  {
    name: 'broken YAML',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0.1', { 'd/data.yaml': 'nc: 2\nnames: [cat, dog\n' }),
    says: 'd/data.yaml:3: it is not YAML (Flow sequence in block collection must be sufficiently indented and end with a ]). Write names: [a, b, c], and no tabs.',
  },
  {
    name: 'names that do not count from 0',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0.1', { 'd/data.yaml': 'names:\n  1: cat\n  2: dog\n' }),
    says: 'd/data.yaml:2: names is neither a list, nor a map that counts from 0. Write names: [a, b, c] in the order of the labels.',
  },
  {
    name: 'a training folder that is not there',
    task: 'detect',
    files: yolo('0 0.5 0.5 0.1 0.1', { 'd/data.yaml': 'names: [cat]\ntrain: elsewhere/images\n' }),
    says: 'd/data.yaml:2: train names "elsewhere/images", and that is not a folder beside the file. Write the folder of the pictures as it is from data.yaml: train: images/train.',
  },
  {
    name: 'JSON that is cut off',
    task: 'detect',
    files: { 'd/annotations.json': '{\n  "images": [],\n  "annotations": [', 'd/a.png': RED },
    says: 'd/annotations.json:3: it is not JSON (Unexpected end of JSON input). Export the annotations again as COCO JSON.',
  },
  {
    name: 'JSON of another kind',
    task: 'detect',
    files: coco({ shapes: [] }),
    says: 'd/annotations.json: it has no list images. Export the annotations as COCO JSON.',
  },
  {
    name: 'pictures that are not there',
    task: 'detect',
    files: coco(annotated({}, { file_name: 'b.png' })),
    says: 'd/annotations.json: images[0]: 1 of 1 picture not found; the first is "b.png". Put the pictures beside the file, or into images/.',
  },
  {
    name: 'a category that is not listed',
    task: 'detect',
    files: coco(annotated({ category_id: 5 })),
    says: 'd/annotations.json: annotations[0]: no category has the id of its category_id, 5. Remove the annotation, or add the category.',
  },
  {
    name: 'an annotation of no picture',
    task: 'detect',
    files: coco(annotated({ image_id: 'a' })),
    says: 'd/annotations.json: annotations[0]: no picture has the id of its image_id, "a". Remove the annotation, or add the picture.',
  },
  {
    name: 'a box of two numbers',
    task: 'detect',
    files: coco(annotated({ bbox: [1, 2] })),
    says: 'd/annotations.json: annotations[0]: its bbox is not four numbers: [1,2]. Write [x, y, width, height] in pixels.',
  },
  {
    name: 'a COCO box without an area',
    task: 'detect',
    files: coco(annotated({ bbox: [1, 2, -1, 3] })),
    says: 'd/annotations.json: annotations[0]: its box has no area: it is -1 wide and 3 high. Remove the annotation, or write [x, y, width, height] with a width and height.',
  },
  {
    name: 'a box beside its picture',
    task: 'detect',
    files: coco(annotated({ bbox: [9, 2, 3, 3] })),
    says: 'd/annotations.json: annotations[0]: the box lies outside its picture, which is 8×8. Write its edges in pixels from the upper left corner, or remove it.',
  },
  {
    name: 'a picture of another size than it was drawn on',
    task: 'detect',
    files: coco(annotated({}, { width: 640, height: 480 })),
    says: 'd/annotations.json: images[0]: it says that a.png is 640×480, and it is 8×8. Give the pictures that the boxes were drawn on, upright.',
  },
  {
    name: 'no boxes',
    task: 'detect',
    files: coco({ images: [{ id: 1, file_name: 'a.png' }], categories: [], annotations: [] }),
    says: 'd/annotations.json: it has 1 picture and no boxes. Draw boxes, or give the file that has them: --data DIR/annotations.json.',
  },
  // Teachers.
  {
    name: 'nothing to show a teacher',
    task: 'distill',
    files: { 'd/labels.csv': 'a,b' },
    says: 'd: it has 1 file, and none fits; --task distill reads pictures, or arrays as .npz, .npy or .pb. See docs/data.md for the layouts.',
  },
];

describe('wrong data are refused before training', () => {
  for (const {
    name,
    task,
    files,
    says,
    options = {},
    path = 'd',
    model = pictureModel(),
    code = 'invalid-data',
  } of WRONG) {
    it(`${task}: ${name}`, async () => {
      const error = await rejection(openFiles(files, { task, ...options }, { path, model }));
      expect([error.code, error.describe()]).to.deep.equal([code, says]);
      expect(error.remedy).to.be.a('string');
    });
  }

  it('by a reader that takes each of them once it is mended', async () => {
    const good = await openFiles(yolo('0 0.5 0.5 0.1 0.1'), { task: 'detect' });
    expect(good.count).to.equal(1);
    expect((await openFiles(coco(annotated({})), { task: 'detect' })).count).to.equal(1);
    expect((await openFiles({ 'd/images/a.png': RED, 'd/masks/a.png': BINARY }, { task: 'segment' })).count).to.equal(
      1,
    );
    expect((await openFiles(pictures({ 'd/labels.csv': '1.png,a\n2.png,b\n' }), { task: 'classify' })).count).to.equal(
      2,
    );
  });
});
