import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { expandModels } from '../../../src/cli/disk/expand.ts';
import { NORMS } from '../../../src/norms/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('expandModels', () => {
  const scratch = useScratch();
  const folder = process.cwd();

  beforeEach(() => {
    mkdirSync(scratch().path('models', 'deep'), { recursive: true });
    mkdirSync(scratch().path('empty'));
    const names = ['a.onnx', 'b.onnx', 'a.gn.onnx', 'a.gn.ft.onnx', 'notes.txt', join('deep', 'c.onnx'), 'odd[1].onnx'];
    for (const name of names) scratch().write(join('models', name), '');
    process.chdir(scratch().folder);
  });

  afterEach(() => process.chdir(folder));

  const expanded = (...names: string[]) => expandModels(names, false).map((name) => name.replaceAll('\\', '/'));

  it('takes the models in a folder and below, but none that a swap wrote unless they are asked for', () => {
    const sources = ['models/a.onnx', 'models/b.onnx', 'models/deep/c.onnx', 'models/odd[1].onnx'];
    expect(expanded('models')).to.deep.equal(sources);
    expect(expandModels(['models'], true)).to.include(join('models', 'a.gn.onnx'));
    for (const { tag } of NORMS) {
      scratch().write(join('models', `b.${tag}.onnx`), '');
      expect(expanded('models'), tag).to.deep.equal(sources);
    }
  });

  it('takes what matches a pattern', () => {
    expect(expanded('models/?.onnx')).to.deep.equal(['models/a.onnx', 'models/b.onnx']);
    expect(expanded('models/*.gn.onnx')).to.deep.equal(['models/a.gn.onnx']);
    expect(expanded('**/c.onnx')).to.deep.equal(['models/deep/c.onnx']);
    const sources = ['models/a.onnx', 'models/b.onnx', 'models/deep/c.onnx', 'models/odd[1].onnx'];
    expect(expanded('models/**/*.onnx')).to.deep.equal(sources);
    expect(expandModels(['models/*.onnx'], true)).to.include(join('models', 'a.gn.ft.onnx'));
    expect(expanded('./models/b*')).to.deep.equal(['models/b.onnx']);
  });

  it('leaves files as they are named, and finds none twice', () => {
    expect(expanded('a.onnx', 'a.onnx')).to.deep.equal(['a.onnx', 'a.onnx']);
    expect(expanded('gone.onnx', '')).to.deep.equal(['gone.onnx', '']);
    expect(expanded('models/odd[1].onnx')).to.deep.equal(['models/odd[1].onnx']);
    expect(expanded('models/a.onnx', 'models/?.onnx')).to.deep.equal(['models/a.onnx', 'models/b.onnx']);
  });

  it('says which folder or pattern stands for nothing', () => {
    for (const name of ['empty', 'models/*.pb', 'gone/*.onnx', 'models/*.ft.*']) {
      expect(
        thrown(() => expandModels([name], false)),
        name,
      ).to.include({ code: 'unreadable', file: name });
    }
    const remedies = [false, true].map((isWritten) => thrown(() => expandModels(['empty'], isWritten)).remedy);
    expect(remedies).to.deep.equal(['Check the path; files that gn-swap wrote are left out', 'Check the path']);
  });
});
