/** Data, classes and roles that no detector can be trained with. */
import { Net } from '../../fixtures/build.ts';
import { withClassNames } from '../../src/measure/class-names.ts';
import type { Model } from '../../src/onnx/model.ts';
import { retinaFace, ssd, suppressed, yolov8 } from './detectors.ts';

/** What is right but for what a case changes. */
export const RIGHT: Readonly<Record<string, string>> = {
  'd/data.yaml': 'names: [cat, dog]\n',
  'd/labels/a.txt': '0 0.5 0.5 0.4 0.4\n1 0.2 0.2 0.2 0.2\n',
  'd/labels/b.txt': '1 0.5 0.5 0.4 0.4\n',
};

export const MODELS: Readonly<Record<string, () => Model>> = {
  'det.onnx': () => yolov8(2),
  'named.onnx': () => withClassNames(yolov8(2), ['cat', 'dog']),
  'raw.onnx': retinaFace,
  'ssd.onnx': () => ssd(3, false),
  'nms.onnx': () => suppressed(2),
  'boxes.onnx': () => {
    const net = new Net({ opset: 13 });
    net.conv(net.input('x', [1, 3, 64, 64]), 3, 4, { options: { outputs: ['y'] } });
    return net.output('y', [1, 4, 64, 64]).model();
  },
};

export interface WrongDetector {
  readonly name: string;
  /** `null` takes a file away. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly model?: string;
  readonly args?: readonly string[];
  readonly says: string;
}

const line = (text: string) => ({ 'd/labels/a.txt': text });

export const CASES: readonly WrongDetector[] = [
  {
    name: 'a line with four fields',
    files: line('0 0.5 0.5 0.1'),
    says: 'd/labels/a.txt:1: the line has 4 fields, and a box has 5. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a name in place of a number',
    files: line('cat 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: "cat" is not a number. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a class below 0',
    files: line('-1 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: the class -1 is not a whole number from 0. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a class that is not whole',
    files: line('0.5 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: the class 0.5 is not a whole number from 0. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'boxes in pixels',
    files: line('0 32 32 10 10'),
    says: 'd/labels/a.txt:1: 32 is not a share of the picture, from 0 to 1. Divide pixels by the width and height of the picture.',
  },
  {
    name: 'a box without an area',
    files: line('0 0.5 0.5 0 0.1'),
    says: 'd/labels/a.txt:1: the box has no area. Remove the line, or give the box a width and height.',
  },
  {
    name: 'a number that is not finite',
    files: line('0 nan 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: "nan" is not a number. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a box that is not in the picture',
    files: line('0 1.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: 1.5 is not a share of the picture, from 0 to 1. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'a class that data.yaml does not name',
    files: line('2 0.5 0.5 0.1 0.1'),
    says: 'd/labels/a.txt:1: class 2 is out of range: data.yaml names 2 classes, 0 to 1. Correct the label, or name the class in data.yaml.',
  },
  {
    name: 'a polygon that is not whole',
    files: line('0 0.1 0.1 0.5 0.1 0.5'),
    says: 'd/labels/a.txt:1: the line has 6 fields, and a box has 5. Remove the last number if it is a score. Write class cx cy w h, with shares of the picture from 0 to 1: 0 0.5 0.5 0.2 0.1.',
  },
  {
    name: 'no label files',
    files: { 'd/labels/a.txt': null, 'd/labels/b.txt': null },
    says: 'd: it has 2 pictures and no label files. Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box.',
  },
  {
    name: 'empty label files',
    files: { 'd/labels/a.txt': '', 'd/labels/b.txt': '' },
    says: 'd: it has 2 pictures and 2 label files without a box for them. Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box.',
  },
  {
    name: 'labels of other pictures',
    files: { 'd/labels/a.txt': null, 'd/labels/b.txt': null, 'd/labels/z.txt': '0 0.5 0.5 0.1 0.1' },
    says: 'd: it has 2 pictures and 1 label file without a box for them. Put labels/NAME.txt beside images/NAME.jpg, with a line class cx cy w h for each box.',
  },
  {
    name: 'names that are not a list',
    files: { 'd/data.yaml': 'names: cat\n' },
    says: 'd/data.yaml:1: names is neither a list, nor a map that counts from 0. Write names: [a, b, c] in the order of the labels.',
  },
  {
    name: 'a count of classes that is wrong',
    files: { 'd/data.yaml': 'nc: 3\nnames: [cat, dog]\n' },
    says: 'd/data.yaml:1: nc is 3, and names lists 2. Write nc: 2, or name the missing classes.',
  },
  {
    name: 'broken YAML',
    files: { 'd/data.yaml': 'names: [cat, dog\n' },
    says: 'd/data.yaml:2: it is not YAML (Flow sequence in block collection must be sufficiently indented and end with a ]). Write names: [a, b, c], and no tabs.',
  },
  {
    name: 'JSON that is cut off',
    files: { 'd/annotations.json': '{"images": [' },
    says: 'd/annotations.json:1: it is not JSON (Unexpected end of JSON input). Export the annotations again as COCO JSON.',
  },
  {
    name: 'a category that is not listed',
    files: {
      'd/annotations.json':
        '{"images":[{"id":1,"file_name":"a.png"}],"categories":[{"id":1,"name":"cat"}],"annotations":[{"image_id":1,"category_id":2,"bbox":[1,2,3,4]}]}',
    },
    says: 'd/annotations.json: annotations[0]: no category has the id of its category_id, 2. Remove the annotation, or add the category.',
  },
  {
    name: 'a class that --classes does not name',
    args: ['--classes', 'cat,bird'],
    says: 'd/labels/a.txt:2: "dog" is not one of the classes (cat, bird). Correct the label, or add the class: --classes cat,bird,dog.',
  },
  {
    name: 'a class twice',
    args: ['--classes', 'cat,cat'],
    says: 'det.onnx: --classes names "cat" twice. Name each class once: --classes cat.',
  },
  {
    name: 'an empty name of a class',
    args: ['--classes', 'cat,,dog'],
    says: '--classes has an empty name. Use names separated by commas: a,b,c.',
  },
  {
    name: 'names for more classes than the file has',
    args: ['--classes', 'cat,dog,bird', '--old-classes', 'a,b,c'],
    says: 'det.onnx: --old-classes: 3 names are given, and the file has 2 classes. Name the classes that the file has now, all of them and in their order.',
  },
  {
    name: 'a head that no layer is',
    args: ['--classes', 'cat,dog,bird', '--head', 'nowhere'],
    says: 'det.onnx: --classes: --head nowhere names no layer of the classes: looked for 2 classes in Conv Conv_19 with 1 × 2 × 8 × 8 numbers; Conv Conv_20 with 1 × 2 × 4 × 4 numbers; Conv Conv_21 with 1 × 2 × 2 × 2 numbers. Name the layers that give a number for each class with --head REGEX.',
  },
  {
    name: 'boxes in an output that is not there',
    args: ['--boxes', 'nowhere'],
    says: 'det.onnx: --boxes names "nowhere"; the outputs are "output". Name an output, with columns if it holds more: output0[0:4].',
  },
  {
    name: 'scores in an output that is not there',
    args: ['--scores', 'nowhere'],
    says: 'det.onnx: --scores is given without --boxes. Name the output that holds boxes with --boxes.',
  },
  {
    name: 'columns beyond the output',
    args: ['--boxes', 'output[90:94]'],
    says: 'det.onnx: output: --boxes asks for columns 90 to 94; output has 6. Name existing columns, from the first to the one after the last: output0[0:4].',
  },
  {
    name: 'five columns for boxes',
    args: ['--boxes', 'output[0:5]'],
    says: 'det.onnx: output: --boxes names 5 columns, and a box has 4. Name its four columns, from the first to the one after the last: output0[0:4].',
  },
  {
    name: 'boxes without scores',
    args: ['--boxes', 'output[0:4]'],
    says: 'det.onnx: --boxes is given without --scores, and classes are learnt from those. Name the output that holds scores with --scores.',
  },
  {
    name: 'columns the wrong way round',
    args: ['--boxes', 'output[4:0]'],
    says: 'det.onnx: output: --boxes asks for columns 4 to 0; output has 6. Name existing columns, from the first to the one after the last: output0[0:4].',
  },
  {
    name: 'a format that is not known',
    args: ['--box-format', 'yxyx'],
    says: '--box-format cannot be "yxyx". Use one of xyxy, cxcywh, xywh, ltrb, yolox, anchors.',
  },
  {
    name: 'a unit that is not known',
    args: ['--box-unit', 'percent'],
    says: '--box-unit cannot be "percent". Use one of pixels, unit, cells.',
  },
  {
    name: 'an offset outside of its cell',
    args: ['--box-offset', '8'],
    says: '--box-offset is 8. Use 0 for the corner of a cell, 0.5 for its middle.',
  },
  {
    name: 'a kind of score that is not known',
    args: ['--score-kind', 'sigmoid'],
    says: '--score-kind cannot be "sigmoid". Use one of probability, logit.',
  },
  {
    name: 'boxes that are offsets to unknown anchors',
    model: 'raw.onnx',
    says: 'raw.onnx: box0: the boxes are offsets to anchors, and the file does not hold those. Describe them, as for RetinaFace: --anchors 8:16,32/16:64,128/32:256,512 --variances 0.1,0.2; or name decoded boxes with --boxes.',
  },
  {
    name: 'anchors that are too few',
    model: 'raw.onnx',
    args: ['--anchors', '8:8/16:16/32:32', '--classes', 'cat,dog'],
    says: 'raw.onnx: --anchors: 84 anchors are described, and there are 168. Give strides and sizes that make 168 for a picture of 64 × 64; the grids have 64 at 8, 16 at 16, 4 at 32 cells.',
  },
  {
    name: 'anchors that are not anchors',
    model: 'raw.onnx',
    args: ['--anchors', '8'],
    says: '--anchors has "8", which is not a grid of anchors. Use a stride and the sizes of its anchors for each grid: 8:16,32/16:64,128/32:256,512.',
  },
  {
    name: 'an anchor without a side',
    model: 'raw.onnx',
    args: ['--anchors', '8:16,0'],
    says: '--anchors has "8:16,0", which is not a grid of anchors. Use a stride and the sizes of its anchors for each grid: 8:16,32/16:64,128/32:256,512.',
  },
  {
    name: 'three variances',
    model: 'raw.onnx',
    args: ['--anchors', '8:16', '--variances', '1,2,3'],
    says: '--variances is "1,2,3". Use two numbers or four, such as 0.1,0.2.',
  },
  {
    name: 'variances without anchors',
    model: 'raw.onnx',
    args: ['--variances', '0.1,0.2'],
    says: '--variances has no anchors to go with. Use --anchors as well.',
  },
  {
    name: 'a model without boxes',
    model: 'boxes.onnx',
    says: 'boxes.onnx: no boxes with scores were found; the outputs are y [1, 4, 64, 64]. Name the outputs that hold them, as in --boxes output0[0:4] --scores output0[4:84].',
  },
  {
    name: 'pictures to keep that are not there',
    args: ['--keep', 'nowhere'],
    says: 'nowhere: no such file or folder. Check the path.',
  },
  {
    name: 'classes to keep without names',
    args: ['--keep', 'd/images', '--classes', 'cat,dog,bird'],
    says: 'det.onnx: --keep: the file does not name its classes, so it is not known which to keep. Name the classes that the file has now, in their order, with --old-classes.',
  },
  {
    name: 'pictures to keep for another task',
    args: ['--keep', 'd/images', '--teacher', 'det.onnx'],
    says: '--teacher and --task detect are both given. Use --task distill, or leave --teacher out.',
  },
];
