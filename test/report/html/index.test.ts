import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import { callOptions } from '../../../src/call/arguments.ts';
import { swapFile } from '../../../src/cli/swap.ts';
import { GnSwapError } from '../../../src/errors.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { renderHtml } from '../../../src/report/html/index.ts';
import { SECTIONS } from '../../../src/report/sections/index.ts';
import { swapOutcome } from '../../support/outcomes.ts';
import { HOSTILE, hostileModel, manySites, reportOn } from '../../support/reports.ts';
import { useScratch } from '../../support/scratch.ts';

const render = async (...outcomes: Outcome[]) => {
  const text = await renderHtml(reportOn(...outcomes));
  return { text, document: parseHTML(text).document };
};

/** Elements that a page may have, so that nothing comes in unseen. */
const KNOWN = new Set(
  (
    'html head meta title link style body header h1 main article h2 nav ul li a div section h3 p b span dl dt dd table caption ' +
    'thead tbody tr th td figure figcaption strong script svg desc g line path text circle rect tspan'
  ).split(' '),
);

describe('renderHtml', () => {
  const scratch = useScratch();
  const observed = (name: string, raw = {}) => swapOutcome(scratch(), name, { report: ['r.html'], ...raw });

  it('has every section that has something to say, each with a heading and a link to it', async () => {
    const outcome = manySites(await observed('rank-4'), 12);
    if (outcome.plan === undefined) throw new RangeError('not planned');
    const { document } = await render({ ...outcome, plan: { ...outcome.plan, refusals: [refusal] } });
    const ids = [...document.querySelectorAll('section')].map((it) => it.id);
    // On random input there is no drift to show.
    const training = ['losses', 'scores', 'rates', 'precision', 'classes', 'confusion', 'examples', 'parameters'];
    const silent = ['training', 'comparison', 'findings', 'remarks', 'drift', ...training];
    expect(ids).to.deep.equal(SECTIONS.map(({ name }) => name).filter((name) => !silent.includes(name)));
    const links = [...document.querySelectorAll('nav a')].map((it) => it.getAttribute('href'));
    expect(links).to.deep.equal(ids.map((id) => `#${id}`));
    for (const section of document.querySelectorAll('section')) {
      for (const label of section.getAttribute('aria-labelledby')?.split(' ') ?? []) {
        expect(document.getElementById(label)?.textContent, label).to.match(/\S/);
      }
    }
  });

  it('names every table and every picture, and has no id twice', async () => {
    const { document } = await render(manySites(await observed('rank-4'), 30), await observed('opset-17'));
    const ids = [...document.querySelectorAll('[id]')].map((it) => it.id);
    expect(new Set(ids).size).to.equal(ids.length);
    const referred = ['aria-labelledby', 'aria-describedby'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].flatMap((it) => it.getAttribute(name)?.split(' ')),
    );
    expect(ids).to.include.members(referred);
    const tables = [...document.querySelectorAll('table')];
    expect(tables.length).to.be.above(4);
    for (const table of tables) {
      expect(table.querySelector('caption')?.textContent).to.match(/\S/);
      for (const row of table.querySelectorAll('tbody tr')) {
        expect(row.querySelectorAll('th[scope=row]').length).to.equal(1);
        expect(row.children.length).to.equal(table.querySelectorAll('thead th[scope=col]').length);
      }
    }
    const pictures = [...document.querySelectorAll('svg')];
    expect(pictures.length).to.be.above(20);
    for (const picture of pictures) {
      expect(picture.getAttribute('role')).to.equal('img');
      expect(picture.querySelector('title')?.textContent).to.match(/\S/);
      expect(picture.querySelector('desc')?.textContent).to.match(/\S/);
    }
  });

  it('says in the table what was found', async () => {
    const outcome = await observed('two-bn-one-input', { groups: '8' });
    const { document } = await render(outcome);
    const heads = [...document.querySelectorAll('#sites thead th')].map((it) => it.textContent);
    const rows = [...document.querySelectorAll('#sites tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    const column = (name: string) => rows.map((row) => row[heads.indexOf(name)]);
    expect(column('site')).to.deep.equal(outcome.plan?.sites.map(({ site }) => site.name));
    expect(column('groups')).to.deep.equal(['8', '8']);
    expect(column('checks')).to.deep.equal(['passed', 'passed']);
    expect(document.querySelector('#sites caption')?.textContent).to.contain('op BatchNormalization; type float32');
    expect(document.querySelector('.verdict')?.textContent).to.equal(
      'Correct: 2 norms match their float64 reference in ONNX Runtime',
    );
  });

  it('shows what failed, and that nothing was written', async () => {
    const { document } = await render(await observed('rank-4', { 'max-drift': 1e-9 }));
    expect(document.querySelector('.verdict.bad')?.textContent).to.match(
      /^Behaviour: output "Relu_2_out" drifts by .*; nothing was written$/,
    );
    expect(document.querySelector('#checks tr.bad')?.textContent).to.contain('drifts by');
    expect(document.querySelector('#latency svg')).not.to.equal(null);
  });

  it('shows an error with its remedy', async () => {
    const error = new GnSwapError('nothing-to-swap', 'there is none', { node: 'a node', remedy: 'Give another' });
    const { document } = await render({ file: 'a.onnx', command: 'swap', timings: {}, error });
    expect(document.querySelector('.verdict.bad')?.textContent).to.equal('Error: nothing was written');
    const lines = [...document.querySelectorAll('#summary li')].map((it) => it.textContent);
    expect(lines).to.deep.equal(['a node: there is none', 'Give another']);
  });

  it('shows kept, sites, fit and slowdown first, and no figure for what was not measured', async () => {
    const { document } = await render(await swapOutcome(scratch(), 'rank-4'));
    const tiles = [...document.querySelectorAll('.tiles li')].map((it) => it.textContent?.replace(/\s+/g, ' '));
    expect(tiles).to.have.length(4);
    expect(tiles.slice(0, 3)).to.deep.equal(['Kept not measured', 'Sites 1 of 1', 'Fit –']);
    expect(tiles[3]).to.match(/^Slowdown (–|× \d+\.\d\d)$/);
  });

  it('makes do without verification, and without data', async () => {
    const { document } = await render(await swapOutcome(scratch(), 'rank-4', { 'no-verify': true }));
    expect(document.querySelector('.verdict.warn')?.textContent).to.equal('Not verified: 1 norm swapped');
    const ids = [...document.querySelectorAll('section')].map((it) => it.id);
    expect(ids).to.deep.equal(['summary', 'gamma', 'beta', 'change', 'sites', 'job']);
  });

  it('lets nothing out of a hostile model: no element, no attribute, no direction of writing', async () => {
    const file = hostileModel(scratch());
    const raw = { report: ['r.html'] };
    const outcome = await swapFile(file, scratch().path('out.onnx'), callOptions(raw), () => {});
    const hostileFile = { ...outcome, file: HOSTILE, output: HOSTILE };
    expect(outcome.verification?.passed, JSON.stringify(outcome.error)).to.equal(true);
    const { text, document } = await render(hostileFile);
    const unknown = [...document.querySelectorAll('*')].map((it) => it.localName).filter((name) => !KNOWN.has(name));
    expect([...new Set(unknown)]).to.deep.equal([]);
    const attributes = [...document.querySelectorAll('*')].flatMap((it) => [...it.attributes].map(({ name }) => name));
    expect(attributes.filter((name) => name.startsWith('on') || name === 'style' || name === 'src')).to.deep.equal([]);
    const hrefs = [...document.querySelectorAll('[href]')].map((it) => it.getAttribute('href') ?? '');
    expect(hrefs.filter((href) => !href.startsWith('#') && href !== 'data:,')).to.deep.equal([]);
    expect(document.querySelectorAll('script').length).to.equal(1);
    for (const character of ['\u202e', '\u0007', '\u001b']) expect(text).not.to.contain(character);
    // The names are there, as text.
    expect(document.querySelector('#sites tbody th')?.textContent).to.contain(
      '</script><img src=x onerror=alert(1)>"\'&amp;',
    );
    expect(document.querySelector('#refusals tbody th')?.textContent).to.contain('\\u{202e}gnp.\\u{7}');
  });

  it('lets a browser run its own script and style, and nothing else', async () => {
    const { text, document } = await render(await swapOutcome(scratch(), 'rank-4', { 'no-verify': true }));
    const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')?.getAttribute('content') ?? '';
    const hash = (tag: string) => {
      const [, inner = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text) ?? [];
      return createHash('sha256').update(inner).digest('base64');
    };
    expect(policy).to.equal(
      `default-src 'none'; script-src 'sha256-${hash('script')}'; style-src 'sha256-${hash('style')}'; ` +
        "img-src data:; base-uri 'none'; form-action 'none'",
    );
    expect(text.match(/<style/g)).to.have.length(1);
    expect(text).not.to.match(/https?:(?!\/\/www\.w3\.org)/);
  });

  it('stays small, with a thousand sites', async () => {
    const { text, document } = await render(manySites(await observed('rank-4'), 1000));
    // Measured: 1.1 MB, of which the table is half.
    expect(text.length).to.be.below(2e6);
    expect(document.querySelectorAll('#sites tbody tr').length).to.equal(1000);
    expect(document.querySelectorAll('#activations svg').length).to.equal(24);
  });

  it('is the same for the same outcome', async () => {
    const outcome = await observed('rank-4');
    expect((await render(outcome)).text).to.equal((await render(outcome)).text);
  });
});

const refusal = {
  name: 'bn',
  path: '',
  op: 'BatchNormalization',
  code: 'spatial' as const,
  reason: 'why',
  remedy: 'what to do',
};
