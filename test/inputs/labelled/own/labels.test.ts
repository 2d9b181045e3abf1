import { expect } from 'chai';
import { encode } from 'fast-png';
import { Net } from '../../../../fixtures/build.ts';
import type { LabelledOptions } from '../../../../src/inputs/labelled/options.ts';
import { DataType } from '../../../../src/onnx/data-type.ts';
import { rejection } from '../../../support/errors.ts';
import { plainPng } from '../../../support/files.ts';
import { type Files, openFiles } from '../../../support/labelled.ts';

const RED = await plainPng('#f00', 2);
const MASK = encode({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.of(0, 1, 1, 0) });
const HOLES = encode({ width: 2, height: 2, channels: 1, depth: 8, data: Uint8Array.of(0, 1, 255, 0) });

/** A loss whose further inputs have these names and types; with an index that it passes over. */
function loss(inputs: Readonly<Record<string, DataType>>, ignore?: number) {
  const net = new Net();
  for (const [name, type] of Object.entries(inputs)) net.input(name, ['N'], type);
  if (ignore !== undefined) {
    const [scores, label] = [net.weight('scores', [1, 2]), net.weight('label', [1], [0], DataType.INT64)];
    net.node('SoftmaxCrossEntropyLoss', [scores, label], { ignore_index: ignore }, { outputs: ['loss'] });
  }
  return net.model();
}

const CLASS = { label: DataType.INT64 };
const FOLDERS = { 'd/a/1.png': RED, 'd/b/2.png': RED };
const open = (
  files: Files,
  inputs: Readonly<Record<string, DataType>>,
  options: Partial<LabelledOptions> = {},
  ignore?: number,
) => openFiles(files, { task: 'own', targets: loss(inputs, ignore), ...options });

describe('classes and masks for a loss of one’s own', () => {
  it('are read for a loss with one further input, in whatever folder the classes are', async () => {
    expect((await open(FOLDERS, CLASS)).classes).to.deep.equal(['a', 'b']);
    expect((await open({ 'd/train/a/1.png': RED, 'd/train/b/2.png': RED }, CLASS)).classes).to.deep.equal(['a', 'b']);
    expect((await open({ 'd/images/1.png': RED, 'd/masks/1.png': MASK }, CLASS)).count).to.equal(1);
  });

  it('are refused for a loss with several, with what to write instead', async () => {
    const error = await rejection(open(FOLDERS, { label: DataType.INT64, weight: DataType.FLOAT }));
    expect(error.message).to.equal(
      'the loss has 2 inputs beside the outputs of the model (label, weight), and this is a folder of pictures, or of arrays as .npy, for each class',
    );
    expect(error.remedy).to.match(/a table file,label,weight, or targets\/a\.npz with the arrays label, weight/);
  });

  it('need masks that are drawn in full, unless the loss passes over a label', async () => {
    const files = { 'd/images/1.png': RED, 'd/masks/1.png': HOLES };
    expect(await rejection(open(files, CLASS))).to.include({
      file: 'd/masks/1.png',
      message: 'pixels of the mask have no label (255), and the loss has no ignore_index',
    });
    expect((await open(files, CLASS, {}, 255)).count).to.equal(1);
    expect((await open(files, { map: DataType.FLOAT })).count).to.equal(1);
    expect(await rejection(open({ ...files, 'd/masks/1.png': MASK }, CLASS, { fit: 'contain' }))).to.include({
      node: '--fit contain',
    });
    expect((await open({ ...files, 'd/masks/1.png': MASK }, CLASS, { fit: 'cover' })).count).to.equal(1);
  });

  it('are none for a loss of the outputs alone', async () => {
    expect((await open({ 'd/1.png': RED, 'd/x/2.png': RED }, {})).count).to.equal(2);
    expect(await rejection(open({ 'd/1.png': RED }, {}, { classes: ['a'] }))).to.include({ node: '--classes' });
  });
});
