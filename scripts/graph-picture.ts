/**
 * Writes docs/pictures/before-after.svg: the graph around the first norm of PaddleOCR's orientation classifier, before and after a
 * swap with `--form instance`, as it stands in the files.
 *
 *     npx tsx scripts/graph-picture.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MODELS } from '../bench/ocr/models.ts';
import { neighbourhood } from '../src/graph/neighbourhood.ts';
import { swap } from '../src/jobs/swap.ts';
import { readModel } from '../src/onnx/model.ts';
import type { NodeProto } from '../src/onnx/schema.ts';

export const PICTURE = fileURLToPath(new URL('../docs/pictures/before-after.svg', import.meta.url));

const [BOX, HIGH, GAP, ROW, COLUMNS] = [152, 30, 22, 42, 7] as const;

interface Placed {
  readonly node: NodeProto;
  readonly x: number;
  readonly y: number;
}

/** Draws both graphs below one another. */
export async function picture(): Promise<string> {
  const source = readFileSync(MODELS.classifier);
  const before = readModel(source);
  const { model, plan } = await swap(source, { verify: false, form: 'instance' });
  const site = plan.sites[0]?.site;
  if (site === undefined) throw new RangeError('the classifier has no norm');
  const sides = [before, readModel(model)].map(({ proto }) => neighbourhood(proto.graph.node, site.input, site.output));
  const own = new Set(sides[0]?.map(({ name, opType }) => name + opType));
  const rows = sides.map((nodes) => place(nodes));
  const width = Math.max(...rows.flat().map(({ x }) => x + BOX)) + 24;
  const [first = 0, second = 0] = rows.map((row) => Math.max(...row.map(({ y }) => y + HIGH)));
  const height = first + second + 132;
  const title = (y: number, text: string) => `<text class="title" x="24" y="${y}">${text}</text>`;
  const isNew = ({ node }: Placed) => node.opType === 'BatchNormalization' || !own.has(node.name + node.opType);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The graph around one norm, before and after">
<style>
text { font: 13px system-ui, sans-serif; fill: #1b1f24; text-anchor: middle; dominant-baseline: central }
.title { font-weight: 600; text-anchor: start }
rect.page { fill: #ffffff; stroke: #d0d7de } rect { fill: #f6f8fa; stroke: #8c959f } rect.bn { fill: #ffebe9; stroke: #cf222e } rect.gn { fill: #dafbe1; stroke: #1a7f37 }
path { stroke: #57606a; fill: none }
</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${title(26, 'before: BatchNormalization, which needs a large batch to train')}
${draw(rows[0] ?? [], 48, isNew, 'bn')}
${title(first + 84, `after, with --form instance: GroupNormalization in ${plan.sites[0]?.groups} group of ${plan.sites[0]?.channels} channels, with solved γ and β`)}
${draw(rows[1] ?? [], first + 106, isNew, 'gn')}
</svg>
`;
}

/** Places nodes by the longest way to each. */
function place(nodes: readonly NodeProto[]): Placed[] {
  const depth = new Map<string, number>();
  const taken = new Map<number, number>();
  return nodes.map((node) => {
    const at = Math.max(-1, ...node.input.map((name) => depth.get(name) ?? -1)) + 1;
    for (const name of node.output) depth.set(name, at);
    const row = taken.get(at) ?? 0;
    taken.set(at, row + 1);
    return { node, x: 24 + (at % COLUMNS) * (BOX + GAP), y: (Math.floor(at / COLUMNS) * 2 + row) * ROW };
  });
}

function draw(placed: readonly Placed[], top: number, isNew: (it: Placed) => boolean, kind: string): string {
  const boxes = placed.map((it) => {
    const label = it.node.opType;
    return `<rect class="${isNew(it) ? kind : ''}" x="${it.x}" y="${top + it.y}" width="${BOX}" height="${HIGH}" rx="5"/><text x="${it.x + BOX / 2}" y="${top + it.y + HIGH / 2}">${label}</text>`;
  });
  const lines = placed.flatMap((to) =>
    placed
      .filter((from) => from.node.output.some((name) => name !== '' && to.node.input.includes(name)))
      .map((from) => edge(from, to, top)),
  );
  return [...lines, ...boxes].join('\n');
}

/** A curve from the right of a box to the left of the next, or around the end of a line. */
function edge(from: Placed, to: Placed, top: number): string {
  const [x1, y1] = [from.x + BOX, top + from.y + HIGH / 2];
  const [x2, y2] = [to.x, top + to.y + HIGH / 2];
  const bend = to.x > from.x ? (x2 - x1) / 2 : GAP;
  return `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PICTURE, await picture());
