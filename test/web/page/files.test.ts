/** What is made of files that were dropped. */
import { expect } from 'chai';
import type { NamedFile } from '../../../src/web/messages.ts';
import { havePictures, modelAmong, sort } from '../../../src/web/page/files.ts';

function files(...paths: string[]): NamedFile[] {
  return paths.map((path) => ({ path, file: new File(['x'], path.replace(/^.*\//, '')) }));
}

const pathsOf = (list: readonly NamedFile[]) => list.map(({ path }) => path);
const open = (...missing: string[]) => ({ model: new File(['m'], 'model.onnx'), external: files('a.bin'), missing });

describe('files of the page', () => {
  it('are a model and its weights, with locations as the model names them', () => {
    const choice = modelAmong(files('out/model.onnx', 'out/weights/a.bin', 'out/b.bin'));
    expect(choice?.model.name).to.equal('model.onnx');
    expect(pathsOf(choice?.external ?? [])).to.deep.equal(['weights/a.bin', 'b.bin']);
  });

  it('are a model if there is one file alone, so that its reader says what is wrong with it', () => {
    expect(modelAmong(files('photo.png'))?.model.name).to.equal('photo.png');
    expect(modelAmong(files('photo.png', 'other.png'))).to.equal(undefined);
    expect(modelAmong(files('a.onnx', 'b.onnx'))).to.equal(undefined);
  });

  it('are samples once a model is open', () => {
    for (const list of [files('cats/1.png', 'dogs/2.JPG', 'README.md'), files('x.npz'), files('x.npy')]) {
      expect(sort(list, open()).kind).to.equal('samples');
    }
    expect(sort(files('x.npz'), undefined).kind).to.equal('model');
    expect(sort(files('other.onnx', 'x.npz'), open()).kind).to.equal('model');
    expect([havePictures(files('a/1.webp')), havePictures(files('x.npz'))]).to.deep.equal([true, false]);
  });

  it('are weights that the open model misses, whatever folder they come from', () => {
    const taken = sort(files('downloads/b.bin'), open('weights/b.bin', 'c.bin'));
    expect(taken.kind === 'model' && [taken.model.name, pathsOf(taken.external)]).to.deep.equal([
      'model.onnx',
      ['a.bin', 'weights/b.bin'],
    ]);
    expect(sort(files('d.bin', 'e.bin'), open('b.bin')).kind).to.equal('problem');
  });

  it('are a problem, with what to do, if several could be the model', () => {
    const taken = sort(files('a.onnx', 'b.onnx'), undefined);
    expect(taken.kind === 'problem' && taken.text).to.match(
      /^Exactly one of the files must be an \.onnx model\. Choose/,
    );
  });
});
