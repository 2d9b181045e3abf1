/** A detector's file and one picture → the model to train, and how its outputs are read. */
import { GnSwapError } from '../../errors.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { decodingOf } from '../../measure/boxes/decoding.ts';
import type { BoxFormat } from '../../measure/boxes/formats.ts';
import { anchorsAt, cellsOfLevels, fitsGrid, type GridReading } from '../../measure/boxes/grid.ts';
import type { Decoding } from '../../measure/boxes/read.ts';
import type { Roles } from '../../measure/boxes/roles/types.ts';
import { type Columns, placesOf } from '../../measure/boxes/table.ts';
import type { Evidence } from '../../measure/evidence.ts';
import { pictureSize } from '../../measure/picture-size.ts';
import type { Output } from '../../measure/tasks/types.ts';
import type { Model } from '../../onnx/model.ts';
import { type Values, withSession } from '../../runtime/session.ts';
import { knownTo } from '../judge.ts';
import { withAllRows } from './all-rows.ts';
import { anchorsOf } from './anchors.ts';
import { rolesBeforeCut, rolesOfAll } from './before-choice.ts';
import { beforeSelection, withOnly } from './cut.ts';
import { beforeSquashing } from './logits.ts';
import { look } from './look.ts';
import type { DetectorReading } from './loss.ts';
import { checkBoxes } from './plausible.ts';
import { answeredOf, type BoxReading } from './reading.ts';
import type { ScoreForm } from './score-loss.ts';
import { pointsOf } from './sizes.ts';
import { refuseTwoStages } from './two-stages.ts';
import type { DetectorOptions } from './types.ts';

/** A detector that can be trained. */
export interface Detector {
  /** What is trained: the file's graph up to boxes and scores. Its parameters have the file's names. */
  readonly model: Model;
  readonly reading: DetectorReading;
  /** Values of the file that hold scores, with the columns that are classes; for who rebuilds them. */
  readonly classColumns: readonly Columns[];
  /** Number of classes, without a background. */
  readonly classes: number;
  /** Whether boxes that overlap are suppressed behind these outputs, in the file or by whoever reads them. */
  readonly suppressed: boolean;
  /** What outputs were taken for, and why: a phrase. */
  readonly why: string;
}

/** More rows than this are not a set of queries. */
const LARGEST_SET = 1000;

/**
 * Finds boxes and scores in a detector.
 *
 * @param isChecked whether boxes have to be plausible: training may have made anything of rows that are of no object
 * @throws GnSwapError `invalid-arguments` listing the outputs if they are not found, or the boxes are offsets to unknown anchors
 */
export async function readDetector(
  model: Model,
  example: Example,
  options: DetectorOptions = {},
  isChecked = true,
): Promise<Detector> {
  const { found, roles, choice } = await endingOf(model, example, options);
  const isChosen = choice !== undefined;
  if (roles !== undefined && roles.scores.length === 0 && options.boxes !== undefined) throw withoutScores();
  if (roles === undefined || roles.scores.length === 0) throw notFound(found.outputs, isChosen);
  const size = pictureSize(example.inputs);
  const format = options.boxFormat ?? roles.format ?? (size && formatByGrid(found.values, roles, size));
  const decoding = decodingOf(found.values, example.inputs, { ...roles, format }, options);
  if (decoding === undefined || size === undefined) throw notFound(found.outputs, isChosen);
  const boxes = boxReading(found.values, roles, decoding, options, size);
  const rows = answeredOf(found.values, boxes).rows;
  const isGrid = boxes.anchors !== undefined || fitsGrid(rows, size.height, size.width);
  const isSet = !isChosen && !isGrid && rows <= LARGEST_SET;
  const first = roles.objectness ? 1 : 0;
  const width = scoreColumns(found.values, roles);
  const classColumns = roles.scores.map((it) => ({ ...it, from: it.from + first }));
  const background = decoding.background;
  const names = model.proto.graph.output.map(({ name }) => name);
  const known = { size, isSet, isSquashed: isSquashed(found.evidence, roles), format: roles.format, outputs: names };
  if (isChecked) checkBoxes(found.values, boxes, { ...known, unit: unitNamed(decoding, boxes) }, options);
  const reading: DetectorReading = {
    boxes: { ...boxes, points: pointsOf(boxes, rows, size) },
    scores: { form: formOf(decoding), objectness: roles.objectness, background },
    isSet,
    isSingle: choice?.suppresses === false,
    size,
    layout: options.anchors,
  };
  const used = new Set([...roles.boxes, ...roles.scores].map(({ output }) => output));
  const ending = isChosen ? withOnly(found.model, used) : found.model;
  const plain = await unsquashed(ending, example, reading, found.values);
  const taken = describe(roles, decoding, plain?.reading ?? reading, isSet);
  return {
    model: plain?.model ?? ending,
    reading: plain?.reading ?? reading,
    classColumns,
    classes: width - first - (background === undefined ? 0 : 1),
    suppressed: !isSet && choice?.suppresses !== false,
    why: `${roles.why}; read as ${taken}${isChosen ? '; trained up to the choice of rows, which stays in the file' : ''}`,
  };
}

/** The model up to where rows are chosen, if it chooses any, and the roles of what it gives there. */
async function endingOf(model: Model, example: Example, options: DetectorOptions) {
  if (options.boxes === undefined) refuseTwoStages(model);
  const whole = await look(model, example, options);
  const plain = { found: whole, roles: whole.roles, choice: undefined };
  if (whole.roles?.rows !== 'found' || options.boxes !== undefined) return plain;
  const all = withAllRows(model);
  if (all !== undefined) {
    const found = await look(all.model, example, options);
    const roles = rolesOfAll(found.outputs, found.evidence, all);
    if (roles !== undefined) return { found, roles, choice: all };
  }
  const cut = beforeSelection(model);
  if (cut === undefined) return plain;
  const found = await look(cut.model, example, options);
  // Values inside the file have names that tell nothing, so their shapes come first.
  return { found, roles: rolesBeforeCut(found.outputs, found.evidence, cut) ?? found.roles, choice: cut };
}

function boxReading(
  values: Values,
  roles: Roles,
  decoding: Decoding,
  options: DetectorOptions,
  size: { readonly width: number; readonly height: number },
): BoxReading {
  const { boxes, scores } = roles;
  const { format, factors } = decoding;
  const counts = boxes.map((it) => placesOf(values[it.output]?.dims ?? [], it)?.rows ?? 0);
  const isMaps = boxes[0]?.layout === 'maps';
  const plain: BoxReading = { boxes, scores, format, factors, scale: [1, 1] };
  if (format === 'anchors') {
    if (options.anchors === undefined) {
      throw new GnSwapError('invalid-arguments', 'the boxes are offsets to anchors, and the file does not hold those', {
        node: boxes[0]?.output ?? '',
        remedy:
          'Describe them, as for RetinaFace: --anchors 8:16,32/16:64,128/32:256,512 --variances 0.1,0.2; or name decoded boxes with --boxes',
      });
    }
    const anchors = anchorsOf(options.anchors, size, counts, isMaps);
    return { ...plain, anchors, factors: options.anchors.variances ?? factors };
  }
  const { grid } = decoding;
  const cells = grid && cellsOfLevels(counts, size.height, size.width, isMaps);
  if (grid && cells) return { ...plain, grid, anchors: anchorsAt(cells, grid) };
  const unit = options.boxUnit ?? roles.unit ?? unitOf(answeredOf(values, plain).boxes);
  return unit === 'unit' ? { ...plain, scale: [size.width, size.height] } : plain;
}

/**
 * Centre and size, or corners: in a decoded grid, whatever makes the middles of the boxes lie nearer to their cells. What scores best in
 * one picture says less, as a box may look like either.
 */
function formatByGrid(
  values: Values,
  { boxes, scores }: Roles,
  size: { readonly width: number; readonly height: number },
): BoxFormat | undefined {
  const distances = (['cxcywh', 'xyxy', 'xywh'] as const).map((format) => {
    const reading = { boxes, scores, format, factors: [1, 1, 1, 1], scale: [1, 1] } as const;
    const { rows, boxes: corners } = answeredOf(values, reading);
    const [kx, ky] = unitOf(corners) === 'unit' ? [size.width, size.height] : [1, 1];
    const points = pointsOf(reading, rows, size);
    if (points === undefined) return undefined;
    const gaps = Float64Array.from({ length: rows }, (_, row) => {
      const [l = 0, t = 0, r = 0, b = 0] = corners.subarray(4 * row, 4 * row + 4);
      return Math.hypot(
        (kx * (l + r)) / 2 - (points[2 * row] as number),
        (ky * (t + b)) / 2 - (points[2 * row + 1] as number),
      );
    }).sort();
    return { format, gap: gaps[Math.floor(rows / 2)] ?? 0 };
  });
  const [centre, corner, start] = distances;
  if (centre === undefined || corner === undefined || start === undefined) return undefined;
  if (start.gap < 0.5 * Math.min(centre.gap, corner.gap)) return start.format;
  const [better, other] = centre.gap <= corner.gap ? [centre, corner] : [corner, centre];
  // Raw offsets, as of YOLOX without its decoding, lie near no cell.
  return better.gap < 0.5 * other.gap && better.gap < Math.max(size.width, size.height) / 8 ? better.format : undefined;
}

/** Shares of the sides if nearly all corners are at most a little above 1. */
function unitOf(corners: Float64Array): 'pixels' | 'unit' {
  const sorted = corners.map(Math.abs).sort();
  return (sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0) <= 1.5 ? 'unit' : 'pixels';
}

function formOf({ score, background }: Decoding): ScoreForm {
  if (score === 'probability') return background === undefined ? 'probability' : 'softmax-probability';
  return score === 'softmax' ? 'softmax' : 'sigmoid';
}

function scoreColumns(values: Values, { scores }: Roles): number {
  const [first] = scores;
  const places = first && placesOf(values[first.output]?.dims ?? [], first);
  return places?.columns ?? 0;
}

/** The largest difference of probabilities that rounding makes. */
const SAME = 1e-4;

/** The model with values before the Sigmoid or Softmax as scores, if it can be had and gives the same; see `logits.ts`. */
async function unsquashed(
  model: Model,
  { inputs }: Example,
  reading: DetectorReading,
  values: Values,
): Promise<{ model: Model; reading: DetectorReading } | undefined> {
  const { form } = reading.scores;
  if (form !== 'probability' && form !== 'softmax-probability') return undefined;
  const outputs = [...new Set(reading.boxes.scores.map(({ output }) => output))];
  const plain = beforeSquashing(model, outputs, form === 'probability' ? 'Sigmoid' : 'Softmax');
  if (plain === undefined) return undefined;
  const rename = (it: Columns): Columns => ({ ...it, output: plain.renamed.get(it.output) ?? it.output });
  const own: DetectorReading = {
    ...reading,
    boxes: { ...reading.boxes, boxes: reading.boxes.boxes.map(rename), scores: reading.boxes.scores.map(rename) },
    scores: { ...reading.scores, form: form === 'probability' ? 'sigmoid' : 'softmax' },
  };
  const after = await withSession(plain.model, (session) => session.run(knownTo(session, inputs)), { optimize: false });
  const [before, now] = [answeredOf(values, reading.boxes), answeredOf(after, own.boxes)];
  const isSame =
    before.boxes.every((it, index) => it === now.boxes[index]) &&
    probabilitiesOf(now.scores, now.columns, form).every(
      (it, index) => Math.abs(it - (before.scores[index] as number)) <= SAME,
    );
  return isSame ? { model: plain.model, reading: own } : undefined;
}

function probabilitiesOf(scores: Float64Array, columns: number, form: ScoreForm): Float64Array {
  if (form === 'probability') return scores.map((it) => 1 / (1 + Math.exp(-it)));
  const shares = scores.slice();
  for (let row = 0; row < shares.length; row += columns) {
    const own = shares.subarray(row, row + columns);
    const most = own.reduce((known, it) => Math.max(known, it), Number.NEGATIVE_INFINITY);
    // Relative to the largest, or large scores would be infinite.
    for (let column = 0; column < columns; column++) own[column] = Math.exp((own[column] as number) - most);
    const total = own.reduce((sum, it) => sum + it, 0);
    for (let column = 0; column < columns; column++) own[column] = (own[column] as number) / total;
  }
  return shares;
}

const FORMS: Readonly<Record<ScoreForm, string>> = {
  sigmoid: 'scores before their Sigmoid',
  probability: 'probabilities',
  softmax: 'scores before their Softmax',
  'softmax-probability': 'probabilities of a Softmax',
};

function describe(
  { objectness }: Roles,
  decoding: Decoding,
  { boxes, scores: { form } }: DetectorReading,
  isSet: boolean,
): string {
  const { format } = decoding;
  return `${format} in ${unitNamed(decoding, boxes)}, ${FORMS[form]}${objectness ? ' with objectness' : ''}${isSet ? ', one row for each object' : ''}`;
}

function unitNamed({ format, grid }: Decoding, { scale }: BoxReading): string {
  if (format === 'anchors') return 'offsets to anchors';
  const unit = grid && !grid.isPixels ? 'cells' : scale[0] === 1 ? 'pixels' : 'unit';
  return grid && format === 'ltrb' ? `${unit}${pointNamed(grid)}` : unit;
}

/** A wrong point moves all boxes, so that it is told. */
function pointNamed({ offset }: GridReading): string {
  const point = offset === 0 ? 'the corner' : offset === 0.5 ? 'the middle' : String(offset);
  return ` from ${point} of a cell`;
}

/** Whether a Sigmoid made all numbers of the boxes. */
function isSquashed(evidence: Evidence, { boxes }: Roles): boolean {
  return boxes.every(({ output, layout }) => {
    const fromEnd = layout === 'ncr' ? 2 : 1;
    const rank = layout === 'rc' ? 2 : layout === 'maps' || layout === 'halves' ? 4 : 3;
    return evidence.made(output, rank - fromEnd) === 'sigmoid';
  });
}

function withoutScores(): GnSwapError {
  return new GnSwapError('invalid-arguments', '--boxes is given without --scores, and classes are learnt from those', {
    remedy: 'Name the output that holds scores with --scores',
  });
}

function notFound(outputs: readonly Output[], isCut: boolean): GnSwapError {
  const list = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  const where = isCut ? 'the values before the choice of rows are' : 'the outputs are';
  // A row of numbers for each picture.
  const isClassifier = outputs.every(({ dims }) => dims.length <= 2 && (dims[0] ?? 1) === 1);
  return new GnSwapError('invalid-arguments', `no boxes with scores were found; ${where} ${list}`, {
    remedy: isClassifier
      ? 'Choose a model that finds boxes; this one answers a row of numbers for each picture'
      : 'Name the outputs that hold them, as in --boxes output0[0:4] --scores output0[4:84]',
  });
}
