import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect } from 'chai';
import { appendLine, readLines } from '../../../src/cli/disk/runs.ts';
import { thrown } from '../../support/errors.ts';

describe('cli/disk/runs', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gn-swap-runs-'));
    file = path.join(dir, 'runs.jsonl');
  });
  afterEach(() => fs.rmSync(dir, { recursive: true }));

  it('makes the file with its first line, and appends others', () => {
    expect(readLines(file)).to.deep.equal([]);
    for (const line of ['{"a":1}', '{"b":"ü"}']) appendLine(file, line);
    expect(fs.readFileSync(file, 'utf8')).to.equal('{"a":1}\n{"b":"ü"}\n');
    expect(readLines(file)).to.deep.equal(['{"a":1}', '{"b":"ü"}']);
  });

  it('leaves out half a line that a kill left, and ends it before the next', () => {
    fs.writeFileSync(file, '{"a":1}\n{"b":');
    expect(readLines(file)).to.deep.equal(['{"a":1}']);
    appendLine(file, '{"c":3}');
    expect(fs.readFileSync(file, 'utf8')).to.equal('{"a":1}\n{"b":\n{"c":3}\n');
    // Half a letter of two bytes as well.
    fs.writeFileSync(file, Uint8Array.of(0xc3));
    appendLine(file, 'x');
    expect([...fs.readFileSync(file)]).to.deep.equal([0xc3, 0x0a, 0x78, 0x0a]);
  });

  it('appends to an empty file without an empty line, and reads no more than its end', () => {
    fs.writeFileSync(file, '');
    appendLine(file, 'x');
    expect(fs.readFileSync(file, 'utf8')).to.equal('x\n');
    // More than a string can hold: whoever reads all of it fails.
    fs.truncateSync(file, 2 ** 33);
    appendLine(file, 'y');
    expect(fs.statSync(file).size).to.equal(2 ** 33 + 3);
  });

  it('says which file can’t be written', () => {
    const error = thrown(() => appendLine(path.join(dir, 'none', 'runs.jsonl'), 'x'));
    expect(error).to.include({ code: 'unwritable' });
    expect(error.file).to.equal(path.join(dir, 'none', 'runs.jsonl'));
    expect(thrown(() => readLines(dir)).code).to.equal('unwritable');
  });
});
