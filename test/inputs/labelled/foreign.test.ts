import { expect } from 'chai';
import { refuseForeign } from '../../../src/inputs/labelled/foreign.ts';
import { taskOf } from '../../../src/inputs/labelled/task.ts';
import { rejection } from '../../support/errors.ts';
import { CountingFiles, MemoryFiles, plainPng } from '../../support/files.ts';
import { type Files, openFiles } from '../../support/labelled.ts';

const RED = await plainPng('#f00');

/** How `finetune` answers to a folder of pictures with such files beside them, without a task and with one. */
async function refusals(
  more: Files,
  task: 'detect' | 'classify',
  pictures: Files = { 'd/a.png': RED },
): Promise<string[]> {
  const files = { ...pictures, ...more };
  const errors = [await rejection(taskOf('d', new MemoryFiles(files))), await rejection(openFiles(files, { task }))];
  return [...new Set(errors.map(({ file, message }) => `${file}: ${message}`))];
}

describe('a data set of another kind', () => {
  it('is named, where it would be taken for pictures without labels', async () => {
    for (const [name, text, what] of [
      ['a.json', '{"version": "5", "shapes": [], "imagePath": "a.png"}', 'a file of LabelMe'],
      ['ds/ann/a.png.json', '{"objects": [{"classTitle": "cat"}]}', 'a file of Supervisely'],
      ['_annotations.createml.json', '[]', 'a file of CreateML'],
      ['via.json', '{"a": {"regions": [{"shape_attributes": {}}]}}', 'a project of VGG Image Annotator'],
      ['project-1.json', '[{"annotations": [\n{"result": []}]}]', 'a project of Label Studio'],
      ['training/label_2/a.txt', 'Car 0 0 0 1 1 2 2', 'an annotation of KITTI'],
      ['labelTxt-v1.0/a.txt', 'gsd:1', 'an annotation of DOTA'],
      ['MOT-1/gt/gt.txt', '1,1,1,1,1,1', 'an annotation of MOT'],
      ['split/wider_face_train_bbx_gt.txt', 'a.png', 'an annotation of WIDER FACE'],
    ] as const) {
      const refused = [`d/${name}: it is ${what}, which is not read`];
      expect(await refusals({ [`d/${name}`]: text }, 'detect'), name).to.deep.equal(refused);
    }
  });

  it('is named if its pictures are in one file', async () => {
    for (const [name, what] of [
      ['data/train-00000-of-00001.parquet', 'a table of Parquet'],
      ['train/data-0.arrow', 'a table of Arrow'],
      ['train.tfrecord-00000-of-00010', 'a file of TFRecord'],
      ['set.ZIP', 'an archive'],
      ['shard-000.tar.gz', 'an archive'],
    ] as const)
      expect(await refusals({ [`d/${name}`]: 'x' }, 'classify', { 'd/README.md': '' }), name).to.deep.equal([
        `d/${name}: it is ${what}, which is not read`,
      ]);
  });

  it('is named where its list of classes would be taken for one of labels', async () => {
    const list = '#Image CLASS-ID SPECIES BREED ID\nAbyssinian_1 1 1 1\nbeagle_1 2 2 1\n';
    const files = { 'd/images/Abyssinian_1.jpg': RED, 'd/annotations/list.txt': list };
    for (const path of ['d', 'd/annotations/list.txt']) {
      const error = await rejection(openFiles(files, { task: 'classify' }, { path }));
      expect(`${error.file}: ${error.message}`).to.equal(
        'd/annotations/list.txt: it is a list of the Oxford-IIIT Pets, which is not read',
      );
    }
  });

  it('is told how to be unpacked, whatever its name', async () => {
    const remedy = async (name: string) =>
      (await rejection(openFiles({ [`d/${name}`]: 'x' }, { task: 'classify' }))).remedy;
    expect(await remedy('set.zip')).to.equal('Unpack it: unzip d/set.zip -d d/set');
    expect(await remedy('my set.zip')).to.equal("Unpack it: unzip 'd/my set.zip' -d 'd/my set'");
    expect(await remedy('a.tar.gz')).to.equal('Unpack it: mkdir d/a && tar -xf d/a.tar.gz -C d/a');
  });

  it('is not seen in what is read: data with labels beside such files', async () => {
    const beside = { 'd/set.zip': 'x', 'd/notes.json': '{"imagePath": 1}' };
    const boxes = await openFiles(
      { 'd/images/a.png': RED, 'd/labels/a.txt': '0 0.5 0.5 1 1', ...beside },
      { task: 'detect' },
    );
    expect(boxes.count).to.equal(1);
    const classes = await openFiles({ 'd/a/1.png': RED, 'd/b/2.png': RED, ...beside }, { task: 'classify' });
    expect(classes.classes).to.deep.equal(['a', 'b']);
    expect(await taskOf('d', new MemoryFiles({ 'd/a.png': RED, 'd/settings.json': '{}', 'd/notes.txt': '' }))).to.equal(
      undefined,
    );
  });

  it('is not looked for in many files, nor in large ones', () => {
    const names = Array.from({ length: 50 }, (_, at) => `d/${at}.json`);
    const all = names.map((path) => ({ path, name: path.slice(2), inner: path.slice(2) }));
    const files = new CountingFiles(Object.fromEntries(names.map((name) => [name, '{}'])));
    refuseForeign({ all }, files);
    expect(new Set(files.log).size).to.equal(3);
    const large = { list: () => [], sizeOf: () => 2 ** 31, read: () => expect.fail('it was read') };
    refuseForeign({ all }, large);
  });
});
