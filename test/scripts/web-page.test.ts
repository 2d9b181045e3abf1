/** The last step of building the page, on a small folder. */
import { mkdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { finishPage } from '../../scripts/web-page.ts';
import { useScratch } from '../support/scratch.ts';

const ROOT = new URL('../../', import.meta.url);

describe('the last step of building the page', () => {
  const scratch = useScratch();

  async function built(script: string): Promise<{ html: string; worker: string; headers: Record<string, string> }> {
    mkdirSync(scratch().path('web'), { recursive: true });
    scratch().write('web/index.html', readFileSync(new URL('src/web/page/index.html', ROOT)));
    scratch().write('web/main.js', Buffer.from(script));
    scratch().write('web/main.js.map', Buffer.from('{}'));
    await finishPage(scratch().path('web'), 'es2022');
    const read = (name: string) => readFileSync(scratch().path('web', name), 'utf8');
    return { html: read('index.html'), worker: read('sw.js'), headers: JSON.parse(read('headers.json')) };
  }

  it('puts the policy into the page and into the headers', async () => {
    const { html, headers } = await built('1');
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    expect(policy).to.match(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}='; /);
    expect(policy).to.not.match(/https?:|\*|unsafe-inline|'unsafe-eval'/);
    expect(headers['Content-Security-Policy']).to.equal(`${policy}; frame-ancestors 'none'`);
    expect(headers['Cross-Origin-Embedder-Policy']).to.equal('require-corp');
  });

  it('keeps every file for offline use but maps, under a version that changes with any of them', async () => {
    const [first, again, other] = [await built('1'), await built('1'), await built('2')];
    expect(first.worker).to.match(/files:\["index\.html","main\.js"\]/);
    const versionOf = (text: string) => /version:"([0-9a-f]{16})"/.exec(text)?.[1];
    expect(versionOf(first.worker)).to.be.a('string').and.to.equal(versionOf(again.worker));
    expect(versionOf(other.worker)).to.not.equal(versionOf(first.worker));
  });

  it('fails if the page has no place for the policy', async () => {
    mkdirSync(scratch().path('web'), { recursive: true });
    scratch().write('web/index.html', Buffer.from('<!doctype html>'));
    const error = await finishPage(scratch().path('web'), 'es2022').then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(String(error)).to.match(/no place for the policy/);
  });
});
