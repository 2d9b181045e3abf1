import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { thrown } from '../support/errors.ts';

/** How a file of each kind begins, and what is said of it. */
const STARTS: readonly (readonly [string, RegExp])[] = [
  ['version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 123\n', /a Git LFS pointer.*git lfs pull/],
  ['\n<!DOCTYPE html>\n<html lang="en">', /a web page/],
  ['<html>', /a web page/],
  ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', /a picture.*--calibrate/],
  ['\xff\xd8\xff\xe0\0\x10JFIF', /a picture/],
  ['GIF89a\x01\0', /a picture/],
  ['RIFF\x24\0\0\0WEBPVP8 ', /a picture/],
  ['\x1f\x8b\x08\0\0\0\0\0', /gzip.*gunzip/],
  ['PK\x03\x04\0\0\x08\x08', /a zip archive.*torch\.onnx\.export/],
  ['\x80\x02}q\0.', /a Python pickle.*torch\.onnx\.export/],
  ['\x48\0\0\0\0\0\0\0{"a":{"dtype":"F32"}}', /safetensors/],
  ['\x89HDF\r\n\x1a\n\0\0\0\0', /HDF5.*tf2onnx/],
  ['\x1c\0\0\0TFL3\x14\0\x20\0', /TensorFlow Lite.*tf2onnx/],
  ['\x28\0\0\0ORTM\0\0\0\0', /ORT format.*\.onnx file/],
];

describe('otherFormatOf', () => {
  for (const [start, told] of STARTS) {
    it(`tells ${JSON.stringify(start.slice(0, 12))} from a damaged model`, () => {
      const error = thrown(() => readModel(Buffer.from(start, 'latin1')));
      expect(error.code).to.equal('invalid-model');
      expect(error.describe()).to.match(/^not an ONNX file: it is /);
      expect(error.describe()).to.match(told);
    });
  }

  it('says nothing of what may be a model, or anything', () => {
    const model = writeModel(fixtureNamed('rank-4').build());
    expect(thrown(() => readModel(model.subarray(0, 100))).message).to.match(/or a damaged one/);
    expect(thrown(() => readModel(Buffer.from('{"a": 1}'))).message).to.match(/or a damaged one/);
    expect(thrown(() => readModel(new Uint8Array())).message).to.equal('the file is empty');
  });
});
