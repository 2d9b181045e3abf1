/** Folders that tests may litter. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureNamed } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';

export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'gn-swap-test-'));

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, content: Uint8Array | string): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Writes a fixture with its data, and returns the model's path. */
  fixture(name: string, as = `${name}.onnx`): string {
    for (const [file, bytes] of filesOf(fixtureNamed(name))) {
      this.write(file === `${name}.onnx` ? as : file, bytes);
    }
    return this.path(as);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Names of what is in the folder, or in one below it, hidden ones included. */
  list(below = '.'): string[] {
    return readdirSync(this.path(below)).sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A new folder for each test of the suite that this is called in; it is gone when the test is over. */
export function useScratch(): () => Scratch {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(() => scratch.remove());
  return () => scratch;
}
