/** A report as one HTML file, which needs nothing from anywhere. */

import type { Outcome, Report, ReportCall } from '../../jobs/outcome.ts';
import type { Block, Chart } from '../blocks.ts';
import { SECTIONS } from '../sections/index.ts';
import type { Section } from '../sections/types.ts';
import { headline, verdictLines } from '../verdict.ts';
import { Artist, legendOf } from './chart.ts';
import { examplesOf } from './examples.ts';
import { graphFigure } from './graph.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { tableOf } from './table.ts';

/** Loads what draws charts when it is called. */
export async function renderHtml({ outcomes, call }: Report): Promise<string> {
  const artist = await Artist.load();
  const short = outcomes.map(({ file }) => file.replace(/^.*[\\/]/, ''));
  const names = new Set(short).size === short.length ? short : outcomes.map(({ file }) => file);
  const articles = outcomes.map((outcome, index) => {
    const prefix = outcomes.length > 1 ? `model-${index + 1}-` : '';
    return articleOf(outcome, names[index] ?? '', call, prefix, artist);
  });
  const title = outcomes.length === 1 ? `gn-swap: ${names[0]}` : `gn-swap: ${outcomes.length} models`;
  return page(title, outcomes.length > 1 ? html`${indexOf(outcomes, names)}${articles}` : html`${articles}`);
}

/** Where there are several models: how each ended. */
function indexOf(outcomes: readonly Outcome[], names: readonly string[]): Markup {
  const items = outcomes.map((outcome, index) => {
    const { text, tone } = headline(verdictLines(outcome)) ?? { text: '' };
    return html`<li><a href="#model-${index + 1}-summary">${names[index] ?? ''}</a>: <span class="${tone ?? ''}">${text}</span></li>`;
  });
  return html`<nav class="models" aria-label="Models"><ul>${items}</ul></nav>`;
}

function articleOf(outcome: Outcome, name: string, call: ReportCall, prefix: string, artist: Artist): Markup {
  const said = SECTIONS.map((section) => ({ section, blocks: section.blocks(outcome, call) }));
  const present = said.filter(({ blocks }) => blocks.length > 0);
  const links = present.map(({ section }) => html`<li><a href="#${prefix}${section.name}">${section.title}</a></li>`);
  return html`<article aria-labelledby="${prefix}title">
<h2 id="${prefix}title">${name}</h2>
<nav class="sections" aria-label="Sections on ${name}"><ul>${links}</ul></nav>
<div class="grid">
${present.map(({ section, blocks }) => sectionOf(section, blocks, prefix, artist))}</div>
</article>
`;
}

function sectionOf(section: Section, blocks: readonly Block[], prefix: string, artist: Artist): Markup {
  const id = `${prefix}${section.name}`;
  const isSmall = (block: Block): block is Chart => block.kind === 'chart' && block.small === true;
  const small = blocks.filter(isSmall);
  const others = blocks.filter((block) => !isSmall(block));
  const gallery =
    small.length === 0
      ? []
      : [html`<p>${legendOf(small[0])}</p><div class="gallery">${small.map((chart) => artist.figure(chart))}</div>`];
  return html`<section id="${id}" class="${section.wide ? 'wide' : 'narrow'}" aria-labelledby="${id}-title ${prefix}title">
<h3 id="${id}-title">${section.title}</h3>
${[...others.map((block) => blockOf(block, id, prefix, artist)), ...gallery]}
</section>
`;
}

function blockOf(block: Block, id: string, prefix: string, artist: Artist): Markup {
  switch (block.kind) {
    case 'text':
      return html`<p class="${block.tone === undefined ? '' : `verdict ${block.tone}`}">${block.text}</p>`;
    case 'facts':
      return html`<dl>${block.items.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
    case 'tiles':
      return html`<ul class="tiles">${block.items.map(({ label, value, tone }) => html`<li class="${tone ?? ''}"><span>${label}</span> <b>${value}</b></li>`)}</ul>`;
    case 'list':
      return html`<ul class="lines">${block.items.map(({ text, tone }) => html`<li class="${tone ?? ''}">${tone === 'warn' ? html`<b>Warning:</b> ` : ''}${text}</li>`)}</ul>`;
    case 'table':
      return tableOf(block, id, `${prefix}title`);
    case 'graph':
      return graphFigure(block, `${id}-graph`);
    case 'chart':
      return artist.figure(block);
    case 'examples':
      return examplesOf(block, id);
  }
}
