/** The page's style: light and dark, wide and narrow, on screen and on paper. Colours of text have a contrast of 4.5 at least. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --line: #d0d7de; --text: #1b1f24; --soft: #57606a; --link: #0550ae;
  --first: #0a58ca; --second: #b54708; --good: #116329; --bad: #a40e26; --warn: #7d4e00;
  --good-card: #e6f6ea; --bad-card: #ffebe9; --warn-card: #fff5d6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --line: #3d444d; --text: #e6edf3; --soft: #a9b3be; --link: #79b8ff;
    --first: #6cb0ff; --second: #ffa657; --good: #56d364; --bad: #ff938a; --warn: #f0c541;
    --good-card: #12261a; --bad-card: #301b1e; --warn-card: #2b2412;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0 auto; max-width: 88rem; padding: 1rem clamp(0.75rem, 3vw, 2rem) 3rem; }
h1 { font-size: 1.15rem; font-weight: 600; color: var(--soft); margin: 0 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; overflow-wrap: anywhere; }
h3 { font-size: 1.15rem; margin: 0 0 0.6rem; }
p { margin: 0.4rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, input:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0 0 1rem; padding: 0; }
nav.models ul { display: block; }
nav a { display: inline-block; padding: 0.2rem 0; }
article + article { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 23rem), 1fr)); gap: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; min-width: 0; }
section.wide { grid-column: 1 / -1; }
.verdict { font-size: 1.1rem; font-weight: 600; border-radius: 6px; border-left: 6px solid; padding: 0.5rem 0.8rem; margin: 0 0 0.8rem; }
.verdict.good { background: var(--good-card); color: var(--good); }
.verdict.bad { background: var(--bad-card); color: var(--bad); }
.verdict.warn { background: var(--warn-card); color: var(--warn); }
.verdict.good::before { content: '\\2713\\00a0\\00a0'; }
.verdict.bad::before { content: '\\2717\\00a0\\00a0'; }
.verdict.warn::before { content: '!\\00a0\\00a0'; }
span.good { color: var(--good); }
span.bad, tr.bad td { color: var(--bad); }
span.warn { color: var(--warn); }
.warn > b { color: var(--warn); }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.75rem; margin: 0 0 1rem; padding: 0; }
.tiles li { background: var(--page); border: 1px solid var(--line); border-radius: 8px; padding: 0.6rem 0.8rem; min-width: 0; }
.tiles span { display: block; color: var(--soft); font-size: 0.85rem; }
.tiles b { font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere; }
.tiles .good b { color: var(--good); }
.tiles .warn b { color: var(--warn); }
.tiles .bad b { color: var(--bad); }
dl { display: grid; gap: 0.3rem 1.5rem; margin: 0; }
dl > div { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0.75rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.lines { margin: 0; padding-left: 1.2rem; }
.lines li { overflow-wrap: anywhere; margin: 0.25rem 0; color: var(--text); }
.scroll { overflow-x: auto; max-width: 100%; }
dl + .scroll { margin-top: 1rem; }
table[data-live] { width: 100%; }
table { border-collapse: collapse; font-size: 0.84rem; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.5rem; overflow-wrap: anywhere; }
caption span { display: inline-block; position: sticky; left: 0; max-width: min(100%, 100vw - 3.2rem); }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.55rem; border-bottom: 1px solid var(--line); }
thead th { white-space: nowrap; vertical-align: bottom; color: var(--soft); font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 500; min-width: 7rem; max-width: 24rem; overflow-wrap: anywhere; }
table[data-live] tbody th { min-width: 12rem; }
td { max-width: 40rem; overflow-wrap: break-word; min-width: 0; }
thead th { overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.bad td, tr.bad th { background: var(--bad-card); }
tr.good td:nth-child(2) { color: var(--good); }
tr[hidden] { display: none; }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0.2rem 0; margin: 0; cursor: pointer; text-align: inherit; }
thead button::after { content: '\\2195'; opacity: 0.55; margin-left: 0.3em; }
th[aria-sort=ascending] button::after { content: '\\2191'; opacity: 1; }
th[aria-sort=descending] button::after { content: '\\2193'; opacity: 1; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; }
.tools input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: 6px; padding: 0.3rem 0.6rem; min-width: 0; width: 16rem; max-width: 100%; }
.tools output { color: var(--soft); }
figure { margin: 0 0 1rem; }
figure:last-child { margin-bottom: 0; }
figcaption { font-size: 0.9rem; overflow-wrap: anywhere; }
figcaption p { color: var(--soft); margin: 0.2rem 0 0.4rem; }
.chart .plot { display: block; width: 100%; max-width: 34rem; height: auto; font-size: 11px; }
.plot text { white-space: pre; }
strong + .legend { margin-left: 0.9rem; }
.legend { display: inline-flex; gap: 0.9rem; font-size: 0.85rem; }
.legend span::before { content: ''; display: inline-block; width: 0.7rem; height: 0.7rem; margin-right: 0.35rem; print-color-adjust: exact; }
.legend .first::before { background: var(--first); border-radius: 50%; }
.legend .second::before { background: var(--second); }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; margin: 0.6rem 0 1rem; }
.examples figure { margin: 0; min-width: 0; }
.examples dl { gap: 0.1rem; margin-top: 0.2rem; }
.examples dl > div { grid-template-columns: 3.5rem 1fr; gap: 0.5rem; }
.panels { display: flex; gap: 0.4rem; margin-bottom: 0.4rem; }
.panels > div { flex: 1 1 0; min-width: 0; max-width: 14rem; }
.panels span { display: block; color: var(--soft); font-size: 0.8rem; }
.panels svg { display: block; width: 100%; height: auto; background: #000000; }
.panels rect { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.panels rect.under { stroke: #000000; stroke-width: 4; stroke-opacity: 0.6; }
.drawn rect { stroke: #ffffff; stroke-dasharray: 4 3; }
.found rect { stroke: #ffb000; }
.found text { fill: #ffb000; stroke: #000000; stroke-width: 0.2em; paint-order: stroke; font-weight: 600; }
dl + .graph { margin-top: 1rem; }
.graph .sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; }
.graph .sides > div { min-width: 0; background: var(--page); border: 1px solid var(--line); border-radius: 8px; padding: 0.6rem; }
.graph span { display: block; color: var(--soft); font-size: 0.85rem; margin-bottom: 0.4rem; }
.graph svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.graph rect { fill: var(--card); stroke: var(--soft); }
.graph rect.before { fill: var(--bad-card); stroke: var(--bad); }
.graph rect.after { fill: var(--good-card); stroke: var(--good); }
.graph path { fill: none; stroke: var(--soft); }
.graph text { fill: var(--text); font-size: 13px; text-anchor: middle; dominant-baseline: central; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; margin-top: 0.6rem; }
.gallery figure { margin: 0; min-width: 0; display: flex; flex-direction: column; justify-content: space-between; }
.gallery figcaption strong { font-weight: 500; font-size: 0.8rem; line-height: 1.3; display: block; }
.gallery .plot { display: block; width: 100%; height: auto; }
@media (min-width: 64rem) { .gallery { grid-template-columns: repeat(6, 1fr); } }
@media (min-width: 40.01rem) {
  .long { max-height: 85vh; overflow: auto; }
  .long thead th { position: sticky; top: 0; background: var(--card); }
}
@media (max-width: 40rem) {
  section { padding: 0.75rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles b { font-size: 1.2rem; }
  dl > div { grid-template-columns: 1fr; gap: 0; }
  .scroll tbody th { position: sticky; left: 0; max-width: 9.5rem; background: var(--card); font-size: 0.8rem; }
  table[data-live] tbody th { min-width: 8rem; }
  .scroll tr.bad th { background: var(--bad-card); }
}
@media print {
  @page { margin: 14mm 12mm; }
  :root {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --line: #c4c9ce; --text: #000000; --soft: #444b52; --link: #000000;
    --first: #0a58ca; --second: #b54708; --good: #116329; --bad: #a40e26; --warn: #7d4e00;
    --good-card: #ffffff; --bad-card: #ffffff; --warn-card: #ffffff;
  }
  html { font-size: 11px; }
  body { max-width: none; padding: 0; }
  nav, .tools { display: none; }
  section { border: 0; padding: 0.4rem 0; break-inside: auto; }
  figure, tr, .verdict { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .grid { grid-template-columns: 1fr 1fr; }
  .gallery { grid-template-columns: repeat(5, 1fr); }
  .scroll, .long { overflow: visible; max-height: none; }
  .long thead th { position: static; }
  table { font-size: 8px; min-width: 0; width: 100%; }
  th, td { padding: 0.15rem 0.3rem; overflow-wrap: anywhere; }
  thead th { white-space: normal; }
  thead button::after { content: none; }
  tbody th, table[data-live] tbody th { min-width: 0; }
}
`;
