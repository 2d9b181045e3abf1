import { linkSync, lstatSync, mkdirSync, promises, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { discardAll, ExternalFolder, FileSource, identityOf, readWhole, Staging } from '../../../src/cli/disk/index.ts';
import { MemorySource, Slice } from '../../../src/onnx/bytes.ts';
import type { Encoded } from '../../../src/onnx/encode.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

const encoded = (...values: number[]): Encoded => ({ length: values.length, parts: [Uint8Array.from(values)] });

describe('Staging', () => {
  const scratch = useScratch();
  const target = () => scratch().path('out.onnx');

  it('shows nothing under the final name before it is committed, and no folder after', async () => {
    const staging = new Staging(target());
    await staging.write(encoded(1, 2, 3));
    expect(
      scratch()
        .list()
        .filter((name) => !name.startsWith('.gn-swap-')),
    ).to.deep.equal([]);
    expect([...readFileSync(staging.model)]).to.deep.equal([1, 2, 3]);
    staging.commit(false);
    expect(scratch().list()).to.deep.equal(['out.onnx']);
    expect([...scratch().read('out.onnx')]).to.deep.equal([1, 2, 3]);
  });

  it('copies slices of files and of memory, and bytes, in order', async () => {
    const source = new FileSource(scratch().write('in', Uint8Array.of(9, 8, 7, 6)));
    const parts = [Uint8Array.of(1), new Slice(source, 1, 3), Slice.of(Uint8Array.of(4, 5))];
    const staging = new Staging(target());
    await staging.write({ length: 5, parts });
    staging.commit(false);
    source.close();
    expect([...scratch().read('out.onnx')]).to.deep.equal([1, 8, 7, 4, 5]);
  });

  it('copies parts of any size through its buffers', async () => {
    const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);
    const large = numbered(9_000_001);
    const source = new FileSource(scratch().write('in', large));
    const few = numbered(5);
    const parts = [
      few,
      new Slice(source, 0, large.length),
      large,
      few,
      Slice.of(large),
      new Slice(source, 7, 4_194_311),
    ];
    const expected = Buffer.concat([few, large, large, few, large, large.subarray(7, 4_194_311)]);
    const staging = new Staging(target());
    await staging.write({ length: expected.length, parts });
    staging.commit(false);
    source.close();
    expect(scratch().read('out.onnx').equals(expected)).to.equal(true);
  });

  describe('sets the disk to work while it writes', () => {
    // Enough for one start, with more to write behind it.
    const source = Slice.of(Uint8Array.from({ length: (65 << 20) + 3 }, (_, i) => i % 253));
    const large = { length: source.length, parts: [source] };

    it('and writes all of it', async () => {
      const staging = new Staging(target());
      await staging.write(large);
      expect(Buffer.compare(readFileSync(staging.model), source.bytes())).to.equal(0);
      staging.discard();
    });

    it('and says so where the disk fails at it', async () => {
      const staging = new Staging(target());
      const handles = await promises.open(scratch().write('any', 'file'));
      const prototype = Object.getPrototypeOf(handles) as promises.FileHandle;
      await handles.close();
      const { datasync } = prototype;
      let calls = 0;
      prototype.datasync = async () => {
        calls++;
        throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
      };
      try {
        const error = await rejection(staging.write(large));
        expect(error).to.include({ code: 'unwritable', file: target() });
        expect(error.message).to.include('i/o error');
        expect(calls).to.equal(1);
      } finally {
        prototype.datasync = datasync;
        staging.discard();
      }
      expect(scratch().list()).to.deep.equal(['any']);
    });
  });

  describe('lets what it wrote be read before the disk has it', () => {
    /** Puts another `sync` in the place of that of open files. */
    const withSync = async (sync: () => Promise<void>, use: () => Promise<void>) => {
      const handle = await promises.open(scratch().write('any', 'file'));
      const prototype = Object.getPrototypeOf(handle) as promises.FileHandle;
      await handle.close();
      const { sync: own } = prototype;
      prototype.sync = sync;
      try {
        await use();
      } finally {
        prototype.sync = own;
      }
    };

    it('and commits nothing until then', async () => {
      let finish = () => {};
      const disk = new Promise<void>((resolve) => {
        finish = resolve;
      });
      await withSync(
        () => disk,
        async () => {
          const staging = new Staging(target());
          await staging.writeSoon(encoded(1, 2, 3));
          expect([...readFileSync(staging.model)]).to.deep.equal([1, 2, 3]);
          expect(() => staging.commit(false)).to.throw(RangeError, 'before it is settled');
          finish();
          await staging.settle();
          staging.commit(false);
          expect([...readFileSync(target())]).to.deep.equal([1, 2, 3]);
        },
      );
    });

    it('and says so where the disk fails at it, however late', async () => {
      const fails = async () => {
        throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
      };
      await withSync(fails, async () => {
        const staging = new Staging(target());
        await staging.writeSoon(encoded(1, 2, 3));
        for (let times = 0; times < 2; times++) {
          expect(await rejection(staging.settle())).to.include({ code: 'unwritable', file: target() });
        }
        expect(() => staging.commit(false)).to.throw(RangeError);
        staging.discard();
        expect(scratch().list()).to.deep.equal(['any']);
      });
    });
  });

  it('says what can’t be read while it writes, and leaves nothing', async () => {
    const large = new Uint8Array(9_000_000);
    const source = new FileSource(scratch().write('in', large));
    scratch().write('in', large.subarray(0, 5_000_000));
    const staging = new Staging(target());
    const part = new Slice(source, 0, large.length);
    const error = await rejection(staging.write({ length: part.length, parts: [part] }));
    expect(error).to.include({ code: 'unreadable' });
    source.close();
    staging.discard();
    expect(scratch().list()).to.deep.equal(['in']);
  });

  it('says that the output can’t be written, and leaves nothing', async () => {
    const staging = new Staging(target());
    await staging.write(encoded(1));
    // The name is taken now, as by somebody else.
    expect(await rejection(staging.write(encoded(1)))).to.include({ code: 'unwritable', file: target() });
    staging.discard();
    expect(scratch().list()).to.deep.equal([]);
  });

  it('replaces only if forced, and then what was there before stays until the end', async () => {
    scratch().write('out.onnx', 'old');
    const staging = new Staging(target());
    await staging.write(encoded(1));
    expect(thrown(() => staging.commit(false)).code).to.equal('output-exists');
    expect(scratch().read('out.onnx').toString()).to.equal('old');
    staging.commit(true);
    expect([...scratch().read('out.onnx')]).to.deep.equal([1]);
  });

  it('does not follow a link at the final name', async () => {
    scratch().write('elsewhere', 'old');
    symlinkSync('elsewhere', target());
    const staging = new Staging(target());
    await staging.write(encoded(1));
    staging.commit(true);
    expect(lstatSync(target()).isSymbolicLink()).to.equal(false);
    expect(scratch().read('elsewhere').toString()).to.equal('old');
  });

  it('makes further files for the runtime, which are gone in the end', async () => {
    const staging = new Staging(target());
    const [a, b] = [await staging.writeExtra(encoded(1)), await staging.writeExtra(encoded(2))];
    expect([[...readFileSync(a.file)], [...readFileSync(b.file)]]).to.deep.equal([[1], [2]]);
    a.remove();
    expect(thrown(() => readWhole(a.file)).code).to.equal('unreadable');
    staging.discard();
    expect(scratch().list()).to.deep.equal([]);
  });

  it('names files beside itself by links, which are gone in the end', async () => {
    const source = new FileSource(scratch().write('in', Uint8Array.of(1, 2)));
    const staging = new Staging(target());
    await staging.write(encoded(3));
    const written = new FileSource(staging.model);
    expect(staging.nameOf(written)).to.equal('out.onnx');
    const name = staging.nameOf(source) as string;
    expect(staging.nameOf(source)).to.equal(name);
    expect(identityOf(join(dirname(staging.model), name))).to.equal(identityOf(scratch().path('in')));
    expect(staging.nameOf(new MemorySource(Uint8Array.of(1)))).to.equal(undefined);
    for (const it of [source, written]) it.close();
    staging.commit(false);
    expect(scratch().list()).to.deep.equal(['in', 'out.onnx']);
    expect(statSync(scratch().path('in')).nlink).to.equal(1);
  });

  it('names the file that a link leads to, not the link', () => {
    const file = scratch().write('in', Uint8Array.of(1, 2));
    symlinkSync('in', scratch().path('link'));
    const source = new FileSource(scratch().path('link'));
    const staging = new Staging(target());
    const link = join(dirname(staging.model), staging.nameOf(source) as string);
    expect([lstatSync(link).isSymbolicLink(), identityOf(link)]).to.deep.equal([false, identityOf(file)]);
    source.close();
    staging.discard();
  });

  it('has no name for a file that is gone', () => {
    const source = new FileSource(scratch().write('in', Uint8Array.of(1, 2)));
    rmSync(scratch().path('in'));
    const staging = new Staging(target());
    expect(staging.nameOf(source)).to.equal(undefined);
    source.close();
    staging.discard();
  });

  it('is cleared away with all others when the process ends', async () => {
    const stagings = ['a', 'b'].map((name) => new Staging(scratch().path(name)));
    for (const staging of stagings) await staging.write(encoded(1));
    discardAll();
    expect(scratch().list()).to.deep.equal([]);
  });

  it('says which place it can’t write to', () => {
    // Nobody can make a folder in either, the superuser included.
    for (const folder of [scratch().write('file', 'x'), '/proc']) {
      const error = thrown(() => new Staging(`${folder}/out.onnx`));
      expect([error.code, error.file]).to.deep.equal(['unwritable', `${folder}/out.onnx`]);
    }
  });
});

describe('Staging, with external data', () => {
  const scratch = useScratch();

  function model(): ExternalFolder {
    mkdirSync(scratch().path('out'));
    mkdirSync(scratch().path('in'));
    mkdirSync(scratch().path('in', 'sub'));
    scratch().write('in/a.bin', 'a');
    scratch().write('in/sub/b.bin', 'b');
    return new ExternalFolder(scratch().path('in', 'model.onnx'));
  }
  const LOCATIONS = ['a.bin', 'sub/b.bin'];

  it('leaves it in place beside the source', async () => {
    const source = model();
    const staging = new Staging(scratch().path('in', 'new.onnx'));
    staging.carry(LOCATIONS, source, false);
    await staging.write(encoded(1));
    expect(staging.carried).to.equal('left in place');
    staging.commit(false);
    expect(scratch().list('in')).to.deep.equal(['a.bin', 'new.onnx', 'sub']);
    expect(statSync(scratch().path('in', 'a.bin')).nlink).to.equal(1);
  });

  it('hard-links it into another folder', async () => {
    const source = model();
    const staging = new Staging(scratch().path('out', 'new.onnx'));
    staging.carry(LOCATIONS, source, false);
    await staging.write(encoded(1));
    expect(staging.carried).to.equal('hard-linked');
    staging.commit(false);
    expect(scratch().list('out')).to.deep.equal(['a.bin', 'new.onnx', 'sub']);
    expect(scratch().list('out/sub')).to.deep.equal(['b.bin']);
    expect(identityOf(scratch().path('out', 'a.bin'))).to.equal(identityOf(scratch().path('in', 'a.bin')));
  });

  it('takes what is there already, where it is the same', async () => {
    const source = model();
    linkSync(scratch().path('in', 'a.bin'), scratch().path('out', 'a.bin'));
    const staging = new Staging(scratch().path('out', 'new.onnx'));
    staging.carry(LOCATIONS, source, false);
    await staging.write(encoded(1));
    staging.commit(false);
    expect(scratch().list('out')).to.deep.equal(['a.bin', 'new.onnx', 'sub']);
  });

  it('refuses another file of its name before any work, unless forced', async () => {
    const source = model();
    scratch().write('out/a.bin', 'mine');
    const staging = new Staging(scratch().path('out', 'new.onnx'));
    const error = thrown(() => staging.carry(LOCATIONS, source, false));
    expect([error.code, error.file]).to.deep.equal(['output-exists', scratch().path('out', 'a.bin')]);
    staging.discard();
    const forced = new Staging(scratch().path('out', 'new.onnx'));
    forced.carry(LOCATIONS, source, true);
    await forced.write(encoded(1));
    forced.commit(true);
    expect(scratch().read('out/a.bin').toString()).to.equal('a');
  });

  it('takes back what it put in place, where the rest can’t be', async () => {
    const source = model();
    const staging = new Staging(scratch().path('out', 'new.onnx'));
    staging.carry(LOCATIONS, source, false);
    await staging.write(encoded(1));
    scratch().write('out/new.onnx', 'mine');
    expect(thrown(() => staging.commit(false)).code).to.equal('output-exists');
    staging.discard();
    expect(scratch().read('out/new.onnx').toString()).to.equal('mine');
    expect(scratch().list('out')).to.deep.equal(['new.onnx']);
  });

  it('refuses an output of the name of one of them', () => {
    const source = model();
    for (const folder of ['in', 'out']) {
      const staging = new Staging(scratch().path(folder, 'a.bin'));
      const error = thrown(() => staging.carry(LOCATIONS, source, true));
      expect([error.code, error.file]).to.deep.equal(['invalid-arguments', scratch().path(folder, 'a.bin')]);
      staging.discard();
    }
    expect(scratch().read('in/a.bin').toString()).to.equal('a');
  });

  it('says that there is none where there is none', () => {
    const staging = new Staging(scratch().path('new.onnx'));
    staging.carry([], new ExternalFolder(scratch().path('model.onnx')), false);
    expect(staging.carried).to.equal(undefined);
    staging.discard();
  });
});
