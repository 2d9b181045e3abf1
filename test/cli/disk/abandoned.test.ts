import { spawn } from 'node:child_process';
import { mkdirSync, utimesSync } from 'node:fs';
import { expect } from 'chai';
import { nameFor, removeAbandoned } from '../../../src/cli/disk/abandoned.ts';
import { useScratch } from '../../support/scratch.ts';

describe('removeAbandoned', () => {
  const scratch = useScratch();
  const own = nameFor(0);
  /** The name as another process would have made it. */
  const of = (pid: number) => own.replace(`-${process.pid}-`, `-${pid}-`);

  it('removes what processes left that are no more, and nothing else', () => {
    // The largest number that Linux gives a process is 2²².
    const dead = of(99999999);
    const kept = [
      of(1),
      '.gn-swap-another_host-99999999-0-abc',
      '.gn-swap-99999999-mine',
      'gn-swap-99999999',
      `.gn-swap-${'x'.repeat(100)}`,
    ];
    for (const name of [dead, own, ...kept]) mkdirSync(scratch().path(name));
    scratch().write(`${dead}/model.onnx`, 'x');
    removeAbandoned(scratch().folder, new Set([own]));
    expect(scratch().list()).to.deep.equal([own, ...kept].sort());
  });

  it('keeps that of a process that runs, and removes it once it is killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    mkdirSync(scratch().path(of(child.pid as number)));
    removeAbandoned(scratch().folder, new Set());
    expect(scratch().list()).to.have.length(1);
    child.kill('SIGKILL');
    await ended;
    removeAbandoned(scratch().folder, new Set());
    expect(scratch().list()).to.deep.equal([]);
  });

  it('removes what has its own number and is not its own: of a container that was started anew', () => {
    mkdirSync(scratch().path(own));
    removeAbandoned(scratch().folder, new Set());
    expect(scratch().list()).to.deep.equal([]);
  });

  it('removes what nobody touched for a week, whoever made it', () => {
    const foreign = ['.gn-swap-another_host-1-0-abc', of(1)];
    const long = Date.now() / 1000 - 8 * 24 * 3600;
    for (const name of [...foreign, 'mine', '.gn-swap-notes']) {
      mkdirSync(scratch().path(name));
      utimesSync(scratch().path(name), long, long);
    }
    removeAbandoned(scratch().folder, new Set());
    expect(scratch().list()).to.deep.equal(['.gn-swap-notes', 'mine']);
  });

  it('does nothing where there is no folder to look into', () => {
    removeAbandoned(scratch().path('gone'), new Set());
    removeAbandoned(scratch().write('file', 'x'), new Set());
    expect(scratch().list()).to.deep.equal(['file']);
  });
});
