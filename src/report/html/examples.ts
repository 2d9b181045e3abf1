/** Pictures of samples, with boxes and masks over them. */
import type { Picture } from '../../inputs/picture-back.ts';
import type { ShownExample } from '../../train/examples.ts';
import type { Answer, AnsweredBox } from '../../train/types.ts';
import { answerWords, boxNamed } from '../answer-words.ts';
import type { Examples } from '../blocks.ts';
import { html, type Markup, trusted } from './markup.ts';
import { pngAddress } from './png.ts';

/** Letters of a class beside a box: so many would stand on one another along the longer side. */
const TEXT = 18;

/** Draws all samples of a block; those without pictures are told in words. */
export function examplesOf({ caption, classes, items }: Examples, id: string): Markup {
  const figures = items.map((item, index) => exampleOf(item, classes, `${id}-${item.why}-${index}`));
  return html`<p>${caption}.</p><div class="examples">${figures}</div>`;
}

function exampleOf(item: ShownExample, classes: readonly string[] | null, id: string): Markup {
  const { name, picture, right, before, after } = item;
  const words = [
    ['Right', right],
    ['Before', before],
    ['After', after],
  ] as const;
  const list = words.flatMap(([label, answer]) =>
    answer === null ? [] : [html`<div><dt>${label}</dt><dd>${answerWords(answer, classes)}</dd></div>`],
  );
  return html`<figure>${picture === null ? '' : panels(item, picture, classes, id)}<figcaption><strong>${name}</strong><dl>${list}</dl></figcaption></figure>`;
}

/** One picture, or one before and one after if something lies over them. */
function panels(item: ShownExample, picture: Picture, classes: readonly string[] | null, id: string): Markup {
  const { right, before, after } = item;
  const sides = [
    ['before', before],
    ['after', after],
  ] as const;
  const drawn = sides.flatMap(([when, answer]) =>
    answer?.kind === 'boxes' || answer?.kind === 'map' ? [{ when, answer }] : [],
  );
  if (drawn.length === 0) return html`<div class="panels">${panel(item, picture, 'the input', [], id)}</div>`;
  if (right?.kind === 'map') {
    const masks = [{ when: 'right', answer: right }, ...drawn];
    return html`<div class="panels">${masks.map(({ when, answer }) => panel(item, masked(picture, answer), when, [], `${id}-${when}`, when))}</div>`;
  }
  return html`<div class="panels">${drawn.map(({ when, answer }) => {
    const boxes = [...boxesOf(right, 'drawn', classes, item.size), ...boxesOf(answer, 'found', classes, item.size)];
    const shown = when === drawn[0]?.when ? picture : undefined;
    return panel(item, shown, when, boxes, `${id}-${when}`, when, `${id}-picture`);
  })}</div>`;
}

/**
 * @param picture to embed; `undefined` to use that of `pictureId` again
 */
function panel(
  { name, size }: ShownExample,
  picture: Picture | undefined,
  what: string,
  over: readonly Markup[],
  id: string,
  label = '',
  pictureId = `${id}-picture`,
): Markup {
  const { width, height } = size ?? { width: 1, height: 1 };
  const image =
    picture === undefined
      ? html`<use href="#${pictureId}"/>`
      : html`<image id="${pictureId}" href="${trusted(pngAddress(picture))}" width="${width}" height="${height}" preserveAspectRatio="none"/>`;
  const note = label === '' ? '' : html`<span>${label}</span>`;
  return html`<div>${note}<svg role="img" viewBox="0 0 ${width} ${height}" aria-labelledby="${id}-title" font-size="${Math.max(width, height) / TEXT}"><title id="${id}-title">${name}, ${what}</title>${image}${over}</svg></div>`;
}

function boxesOf(
  answer: Answer | null,
  kind: 'drawn' | 'found',
  classes: readonly string[] | null,
  size: ShownExample['size'],
): Markup[] {
  if (answer?.kind !== 'boxes') return [];
  return answer.boxes.map((answered) => {
    const {
      box: [left, top, right, bottom],
      score,
    } = answered;
    const at = (value: number) => Number(value.toFixed(1));
    const place = html`x="${at(left)}" y="${at(top)}" width="${at(Math.max(0, right - left))}" height="${at(Math.max(0, bottom - top))}"`;
    const text = score === undefined ? '' : `${boxNamed(answered, classes)} ${score.toFixed(2)}`;
    const words = text === '' ? '' : html`<text ${textPlace(answered.box, size)}>${text}</text>`;
    return html`<g class="${kind}"><rect class="under" ${place}/><rect ${place}/>${words}</g>`;
  });
}

/** Above the box, or inside it at the top of the picture; from its left edge, or, far to the right, up to its right one. */
function textPlace([left, top, right]: AnsweredBox['box'], size: ShownExample['size']): Markup {
  const { width, height } = size ?? { width: 1, height: 1 };
  const shift = top < Math.max(width, height) / TEXT ? '1em' : '-0.25em';
  const at = (value: number) => Number(value.toFixed(1));
  return left < 0.6 * width
    ? html`x="${at(left)}" y="${at(top)}" dy="${shift}"`
    : html`x="${at(Math.min(right, width))}" y="${at(top)}" dy="${shift}" text-anchor="end"`;
}

/** Colours of classes over a picture: far apart for neighbours. Class 0, which is mostly background, is left clear. */
function masked({ width, height, rgb }: Picture, answer: Answer): Picture {
  if (answer.kind !== 'map') return { width, height, rgb };
  const over = rgb.slice();
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * answer.height) / height) * answer.width;
    for (let x = 0; x < width; x++) {
      const label = answer.labels[row + Math.floor((x * answer.width) / width)] as number;
      if (label <= 0) continue;
      const colour = hue((label * 137.5) % 360);
      for (let c = 0; c < 3; c++) {
        const at = 3 * (y * width + x) + c;
        over[at] = Math.round(0.45 * (rgb[at] as number) + 0.55 * (colour[c] as number));
      }
    }
  }
  return { width, height, rgb: over };
}

/** A full colour from its angle. */
function hue(angle: number): number[] {
  return [0, 120, 240].map((from) => {
    const distance = Math.abs(((angle - from + 540) % 360) - 180);
    return 255 * Math.max(0, Math.min(1, 2 - distance / 60));
  });
}
