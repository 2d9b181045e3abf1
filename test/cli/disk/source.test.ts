import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { FileSource, readWhole } from '../../../src/cli/disk/index.ts';
import { thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('FileSource', () => {
  const scratch = useScratch();

  it('reads any range', () => {
    const source = new FileSource(scratch().write('f', Uint8Array.of(1, 2, 3, 4)));
    expect([source.size, [...source.read(1, 3)], [...source.read(2, 2)]]).to.deep.equal([4, [2, 3], []]);
    const target = new Uint8Array(2);
    source.readInto(target, 2);
    expect([...target]).to.deep.equal([3, 4]);
    source.close();
  });

  it('says that a file became shorter', () => {
    const source = new FileSource(scratch().write('f', Uint8Array.of(1, 2, 3, 4)));
    scratch().write('f', Uint8Array.of(1));
    const error = thrown(() => source.read(0, 4));
    expect([error.code, error.message]).to.deep.equal(['unreadable', 'the file shrank while it was read']);
    source.close();
  });

  it('refuses what is no file to read, without waiting for it', () => {
    const pipe = scratch().path('pipe');
    execFileSync('mkfifo', [pipe]);
    const cases = {
      [scratch().folder]: /folder, not a file/,
      [pipe]: /not a regular file/,
      '/dev/zero': /not a regular file/,
      [scratch().path('gone')]: /no such file/,
      [scratch().path('f', 'g')]: /not a folder/,
      [scratch().path('x'.repeat(300))]: /name is too long/,
    };
    scratch().write('f', 'x');
    symlinkSync('loop', scratch().path('loop'));
    for (const [file, message] of Object.entries({ ...cases, [scratch().path('loop')]: /too many symbolic links/ })) {
      const error = thrown(() => new FileSource(file));
      expect([error.code, error.file]).to.deep.equal(['unreadable', file]);
      expect(error.message).to.match(message);
      expect(error.remedy, file).to.not.equal(undefined);
    }
  });
});

describe('readWhole', () => {
  const scratch = useScratch();

  it('reads all bytes', () => {
    expect([...readWhole(scratch().write('f', Uint8Array.of(1, 2)))]).to.deep.equal([1, 2]);
  });
});
