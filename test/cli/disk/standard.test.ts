import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { receiveModel, Staging, sendModel } from '../../../src/cli/disk/index.ts';
import { rejection } from '../../support/errors.ts';
import { useScratch } from '../../support/scratch.ts';

describe('receiveModel', () => {
  it('refuses a terminal, where nothing would ever come', async () => {
    const terminal = Object.assign(Readable.from([]), { isTTY: true });
    expect((await rejection(receiveModel(terminal))).message).to.equal('it is a terminal');
  });
});

describe('sendModel', () => {
  const scratch = useScratch();

  it('says that the reader has gone, and removes what was staged', async () => {
    const staging = new Staging(scratch().path('out.onnx'));
    writeFileSync(staging.model, 'model');
    const gone = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' })),
    });
    const ending = once(gone, 'error');
    const error = await rejection(sendModel(staging, gone));
    await ending;
    expect([error.code, error.message]).to.deep.equal(['unwritable', 'stdout was closed before all was written']);
    expect(scratch().list()).to.deep.equal([]);
  });
});
