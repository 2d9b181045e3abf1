import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { licencesOf } from '../../scripts/licences.ts';
import { useScratch } from '../support/scratch.ts';

describe('the list of licences', () => {
  const scratch = useScratch();
  const put = (name: string, license: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(scratch().path(name));
    scratch().write(`${name}/package.json`, JSON.stringify({ name, version: '1.2.3', license }));
    for (const [file, text] of Object.entries(files)) scratch().write(`${name}/${file}`, text);
    return scratch().path(name);
  };

  it('has a text once for all packages that share it', () => {
    const folders = ['a', 'b'].map((name) => put(name, 'MIT', { LICENSE: 'Copyright Ann\n' }));
    const text = licencesOf([...folders, put('c', 'ISC', { 'README.md': '# c\n\n## License\n\nCopyright Bob\n' })]);
    expect(text).to.include('a 1.2.3 (MIT)\nb 1.2.3 (MIT)\n\nCopyright Ann\n');
    expect(text).to.include('c 1.2.3 (ISC)\n\nCopyright Bob\n');
    expect(text.match(/Copyright Ann/g)).to.have.lengthOf(1);
  });

  it('is refused for a licence that may not allow it, and for one without its text', () => {
    const other = put('other', 'GPL-3.0', { LICENSE: 'Copyleft' });
    expect(() => licencesOf([other])).to.throw(RangeError, 'other has the licence GPL-3.0');
    const bare = put('bare', 'MIT', { 'README.md': '# bare\n' });
    expect(() => licencesOf([bare])).to.throw(RangeError, 'bare (MIT) has no text of its licence');
  });
});
