import { expect } from 'chai';
import { nearPath } from '../../../src/cli/disk/near.ts';
import { useScratch } from '../../support/scratch.ts';

describe('nearPath', () => {
  const scratch = useScratch();

  it('finds a file whose name is nearly the same, or has another ending', () => {
    for (const name of ['model.onnx', 'photos.zip', 'done.onnx', '.mdoel.onnx']) scratch().write(name, '');
    const near = (name: string) => nearPath(scratch().path(name));
    for (const name of ['mdoel.onnx', 'model', 'model.onx']) {
      expect(near(name), name).to.equal(scratch().path('model.onnx'));
    }
    expect(near('photos')).to.equal(scratch().path('photos.zip'));
  });

  it('finds nothing where names have little but their ending in common, or are short', () => {
    for (const name of ['model.onnx', 'line.onnx', 'done.onnx']) scratch().write(name, '');
    for (const name of ['gone.onnx', 'lines.txt', 'resnet.onnx', 'model.json', 'a', 'model.onnx.bak']) {
      expect(nearPath(scratch().path(name)), name).to.equal(undefined);
    }
  });

  it('keeps what stands before the name as it was typed, and a slash behind it away', () => {
    scratch().write('photos', '');
    const { folder } = scratch();
    expect(nearPath(`${folder}/./phtos/`)).to.equal(`${folder}/./photos`);
    expect(nearPath(`${folder}/phtos/../phtos`)).to.equal(undefined);
  });

  it('finds nothing where the folder is not there', () => {
    expect(nearPath(scratch().path('nowhere', 'model.onnx'))).to.equal(undefined);
  });
});
