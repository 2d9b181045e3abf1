import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { discardStates, readState, removeState, writeState } from '../../../src/cli/disk/state.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('cli/disk/state', () => {
  const scratch = useScratch();

  it('reads what was written last, and nothing where there is none', async () => {
    const file = scratch().path('m.state');
    expect(readState(file)).to.equal(undefined);
    await writeState(file, bytes('one'));
    await writeState(file, bytes('two'));
    expect(readState(file)).to.deep.equal(bytes('two'));
    expect(scratch().list()).to.deep.equal(['m.state']);
  });

  it('says that it cannot be read, not that it cannot be written', () => {
    mkdirSync(scratch().path('m.state'));
    expect(thrown(() => readState(scratch().path('m.state')))).to.include({
      code: 'unreadable',
      message: 'it is a folder',
    });
  });

  it('keeps the old state where the new one cannot take its place, and leaves nothing beside it', async () => {
    mkdirSync(scratch().path('m.state'));
    scratch().write('m.state/old', 'kept');
    const error = await rejection(writeState(scratch().path('m.state'), bytes('new')));
    expect(error.code).to.equal('unwritable');
    expect([scratch().list(), scratch().list('m.state')]).to.deep.equal([['m.state'], ['old']]);
    expect((await rejection(writeState(scratch().path('gone/m.state'), bytes('x')))).code).to.equal('unwritable');
  });

  it('clears away what is being written on a signal, and leaves the old state', async () => {
    const file = scratch().path('m.state');
    await writeState(file, bytes('old'));
    // As large as takes a while to write.
    const written = writeState(file, new Uint8Array(64 << 20)).then(
      () => 'written',
      () => 'discarded',
    );
    await new Promise((resolve) => setTimeout(resolve, 1));
    discardStates();
    expect(await written).to.be.oneOf(['written', 'discarded']);
    expect(scratch().list()).to.deep.equal(['m.state']);
    expect(readState(file)?.length).to.be.oneOf([3, 64 << 20]);
  });

  it('removes a state with what a killed run began of the next', () => {
    const file = scratch().write('m.state', 'x');
    scratch().write('m.state.next', 'half');
    removeState(file);
    removeState(file);
    expect(scratch().list()).to.deep.equal([]);
  });
});
