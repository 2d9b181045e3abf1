/// <reference lib="dom.iterable" />
/// <reference lib="dom" />
/** Charts → SVG, drawn by Observable Plot when the page is written. Their colours are those of the page, light or dark. */

import type { Chart, Plot } from '../blocks.ts';
import { printable } from '../format.ts';
import { html, type Markup, trusted } from './markup.ts';

const COLOURS = { first: 'var(--first)', second: 'var(--second)', bad: 'var(--bad)' } as const;

/** About the width of a phone, so that letters are as large there as they are here. */
const SIZE = { width: 360, height: 230, marginLeft: 48, marginTop: 24, marginBottom: 36 } as const;

/** Draws, once it is loaded. */
export class Artist {
  readonly #plot: Plot;
  readonly #document: Document;
  #drawn = 0;

  private constructor(plot: Plot, document: Document) {
    this.#plot = plot;
    this.#document = document;
  }

  static async load(): Promise<Artist> {
    const { plot, parseHTML } = await import('./drawing.ts');
    return new Artist(plot, parseHTML('<!doctype html><html><body></body></html>').document);
  }

  /** The chart with its caption, and what it shows in words. */
  figure(chart: Chart): Markup {
    const { title, description, small = false } = chart;
    const id = `chart-${++this.#drawn}`;
    const svg = this.#draw(chart, id);
    const words = small ? '' : html`<p>${description}</p>`;
    return html`<figure class="${small ? 'small' : 'chart'}"><figcaption><strong>${title}</strong>${small ? '' : legendOf(chart)}${words}</figcaption>${svg}</figure>`;
  }

  #draw(chart: Chart, id: string): Markup {
    const drawn = this.#plot.plot({
      ...SIZE,
      ...chart.options(this.#plot, COLOURS),
      document: this.#document,
      className: 'plot',
      figure: false,
    });
    const svg = drawn as Element;
    for (const style of svg.querySelectorAll('style')) style.remove();
    for (const element of [svg, ...svg.querySelectorAll('*')]) tidy(element);
    for (const [name, text] of [
      ['desc', chart.description],
      ['title', chart.title],
    ] as const) {
      const element = this.#document.createElementNS('http://www.w3.org/2000/svg', name);
      element.setAttribute('id', `${id}-${name}`);
      element.textContent = printable(text);
      svg.prepend(element);
    }
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-labelledby', `${id}-title`);
    svg.setAttribute('aria-describedby', `${id}-desc`);
    return trusted(svg.outerHTML);
  }
}

/** Whose colour is whose; nothing where there is one alone. */
export function legendOf(chart: Chart | undefined): Markup {
  const [first, second] = chart?.legend ?? [];
  if (first === undefined || second === undefined) return html``;
  return html`<span class="legend"><span class="first">${first}</span> <span class="second">${second}</span></span>`;
}

/**
 * A page that runs no style but its own has none in attributes. A hundredth of a pixel is seen by nobody. Inside of a picture
 * nothing is read out but its title and description.
 */
function tidy(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    if (name === 'style' || name.startsWith('aria-')) element.removeAttribute(name);
    else if (/\.\d{3}/.test(value))
      element.setAttribute(
        name,
        value.replace(/-?\d+\.\d{3,}(e-\d+)?/g, (it) => String(Number(Number(it).toFixed(2)))),
      );
  }
  if (element.tagName.toLowerCase() === 'title') element.textContent = printable(element.textContent ?? '');
}
