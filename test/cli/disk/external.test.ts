import { mkdirSync, symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { ExternalFolder } from '../../../src/cli/disk/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('ExternalFolder', () => {
  const scratch = useScratch();

  it('opens each file in the model’s folder once', () => {
    mkdirSync(scratch().path('sub'));
    scratch().write('sub/w.bin', Uint8Array.of(7));
    const folder = new ExternalFolder(scratch().path('model.onnx'));
    const source = folder.open('sub/w.bin');
    expect([...source.read(0, 1)]).to.deep.equal([7]);
    expect(folder.open('sub/w.bin')).to.equal(source);
    folder.close();
  });

  it('refuses links, also in the middle of the path, and says what is missing', () => {
    mkdirSync(scratch().path('real'));
    scratch().write('real/w.bin', 'x');
    symlinkSync('real/w.bin', scratch().path('link.bin'));
    symlinkSync('real', scratch().path('linked'));
    const folder = new ExternalFolder(scratch().path('model.onnx'));
    for (const location of ['link.bin', 'linked/w.bin']) {
      const error = thrown(() => folder.open(location));
      expect([error.code, error.file]).to.deep.equal(['invalid-data', undefined]);
      expect(error.message).to.equal(`its data file "${location}" is a link`);
    }
    const missing = thrown(() => folder.open('gone.bin'));
    expect([missing.code, missing.message]).to.deep.equal([
      'unreadable',
      'its data file "gone.bin" cannot be read: no such file or folder',
    ]);
    expect(thrown(() => folder.open('real')).message).to.match(/cannot be read: it is a folder, not a file$/);
    folder.close();
  });
});
