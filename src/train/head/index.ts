/** A model with other classes: the channels of its last linear layers are rebuilt, and what it knew of classes that stay is kept. */
import { GnSwapError } from '../../errors.ts';
import { look } from '../../gradient/look.ts';
import { storedValue } from '../../graph/extract.ts';
import { viewOf } from '../../graph/view.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { Random } from '../../inputs/random.ts';
import { classNames, withClassNames } from '../../measure/class-names.ts';
import { once } from '../../once.ts';
import { constantNodeTensor } from '../../onnx/constant-node.ts';
import { isFloat } from '../../onnx/data-type.ts';
import type { Model } from '../../onnx/model.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import type { TensorProto } from '../../onnx/schema.ts';
import { elementCount, valuesOf } from '../../onnx/tensor.ts';
import { mapAxis, rowAxis } from '../class-axis.ts';
import { type Detector, readDetector } from '../detect/find.ts';
import type { DetectorOptions } from '../detect/types.ts';
import { compareHeads } from './compare.ts';
import { classLayers, lastLayers, namedLayers, type Target } from './layers.ts';
import { rebuild } from './rewrite.ts';
import type { Known } from './rule.ts';
import type { Columns } from './tensors.ts';

/** What {@link withClasses} is told. */
export interface HeadOptions {
  readonly kind: 'classify' | 'segment' | 'detect';
  /** A sample, whose sizes and numbers the rebuilt model is tried on. */
  readonly example: Example;
  /** Names of nodes or weights to rebuild, if they are not found. */
  readonly head?: RegExp | undefined;
  /** Of the first weights of new classes. 0. */
  readonly seed?: number | undefined;
  /** Names of the classes that the file has now; those in its metadata if absent. Empty if none of them is kept. */
  readonly oldClasses?: readonly string[] | undefined;
  /** The output that holds the classes, if it has to be named. */
  readonly output?: string | undefined;
  readonly detection?: DetectorOptions | undefined;
}

/** What a run of the sample tells of a model's head. Each is found when it is first asked for, and once. */
export interface Head {
  known(): Promise<Known>;
  detector(): Promise<Detector>;
}

/** Looks at the head of a model, for {@link needsClasses} and {@link withClasses}. */
export function headOf(model: Model, { example, detection }: Pick<HeadOptions, 'example' | 'detection'>): Head {
  return {
    known: once(async () => {
      const sizes = Object.fromEntries(Object.entries(example.inputs).map(([name, { dims }]) => [name, dims]));
      const { types, constants } = await look(model, { sizes, batch: 1 });
      return knownOf(model, types, constants);
    }),
    detector: once(() => readDetector(model, example, detection)),
  };
}

/** A model with other classes. */
export interface Rebuilt {
  readonly model: Model;
  readonly notes: readonly string[];
  /** Classes whose weights were kept. */
  readonly kept: readonly string[];
  /** Layers that were rebuilt. */
  readonly layers: readonly string[];
}

/**
 * Tells whether a model has to be given other classes: it has too few, or its file names them and lacks one.
 *
 * @param classes of the data
 */
export async function needsClasses(
  model: Model,
  classes: readonly string[],
  options: HeadOptions,
  own: Head = headOf(model, options),
): Promise<boolean> {
  const names = options.oldClasses ?? classNames(model);
  if (names !== undefined) return classes.some((name) => !names.includes(name));
  if (options.kind === 'detect') return (await own.detector()).classes !== classes.length;
  const { targets } = await targetsOf(model, options, own);
  // What does not fit at all is told by the task.
  if (targets[0] === undefined) return false;
  const count = targets[0].to - targets[0].from;
  // One number says yes or no, one map what is drawn.
  return classes.length > count && !(count === 1 && classes.length <= 2);
}

/** New classes of a detector are found nowhere at first: a score of 0.01 (arXiv:1708.02002, section 3.3). */
const PRIOR = Math.log(0.01 / 0.99);

/**
 * Gives a model other classes. Classes of the same name keep their weights, and whatever else the layers hold; new ones start with small
 * random weights. The names are written into the file.
 *
 * @param classes in the order of their labels, without a background
 * @throws GnSwapError `unsupported-model` naming the layers that were looked at, or the node where the number of classes can't change
 */
export async function withClasses(
  model: Model,
  classes: readonly string[],
  options: HeadOptions,
  own: Head = headOf(model, options),
): Promise<Rebuilt> {
  const { example, seed = 0, head, kind } = options;
  const known = await own.known();
  const { targets, background } = await targetsOf(model, options, own);
  const old = options.oldClasses ?? classNames(model);
  const [target] = targets;
  if (target !== undefined)
    requireNames(options.oldClasses, target.to - target.from - (background === undefined ? 0 : 1));
  const columns = columnsOf(classes, old, target === undefined ? 0 : target.to - target.from, background);
  const layers = head === undefined ? classLayers(model, targets, known) : namedLayers(model, head, targets, known);
  if (layers.length === 0) throw notFound(model, targets, known, head);
  const isPrior = kind === 'detect' && background === undefined;
  const layout = rebuild(model, layers, columns, known, storedTensors(model), {
    random: new Random(seed),
    bias: isPrior ? PRIOR : undefined,
  });
  const rebuilt = withClassNames(layout, classes);
  await compareHeads(model, rebuilt, example, targets, columns);
  const front = background === 0 ? 1 : 0;
  const kept = classes.filter((_, label) => columns[label + front] !== undefined);
  const fresh = classes.filter((name) => !kept.includes(name));
  const names = layers.map(({ node }) => calledBy(node));
  return {
    model: rebuilt,
    layers: names,
    kept,
    notes: [
      `Classes of ${names.join(', ')} rebuilt: ${kept.length} kept, ${fresh.length} new${fresh.length === 0 ? '' : ` (${fresh.join(', ')})`}.`,
    ],
  };
}

/** Names that are not as many as the classes would give weights to the wrong ones. */
function requireNames(names: readonly string[] | undefined, count: number): void {
  // One number says yes or no.
  if (names === undefined || names.length === 0 || names.length === count || (count === 1 && names.length === 2))
    return;
  throw new GnSwapError('invalid-arguments', `${names.length} names are given, and the file has ${count} classes`, {
    node: '--old-classes',
    remedy: 'Name the classes that the file has now, all of them and in their order',
  });
}

/** For each new column the old one; a background stays the first or the last. */
function columnsOf(
  classes: readonly string[],
  old: readonly string[] | undefined,
  count: number,
  background: number | undefined,
): Columns {
  const behind = background === 0 ? 1 : 0;
  // One number says yes or no: it is the second class's.
  const [first, end] = count === 1 && old?.length === 2 ? [1, 2] : [0, count];
  const own = classes.map((name) => {
    const label = old?.indexOf(name) ?? -1;
    return label < first || label >= end ? undefined : label - first + behind;
  });
  if (background === undefined) return own;
  return background === 0 ? [0, ...own] : [...own, background];
}

async function targetsOf(
  model: Model,
  { kind, output, example }: HeadOptions,
  own: Head,
): Promise<{ targets: Target[]; background: number | undefined }> {
  const known = await own.known();
  if (kind === 'detect') {
    const { classColumns, reading } = await own.detector();
    const targets = classColumns.map(({ output: value, layout, from, to, each }): Target => {
      const dims = known.dimsOf(value) ?? [];
      const axis = layout === 'ncr' || layout === 'maps' ? 1 : dims.length - 1;
      return { value, axis, block: layout === 'maps' ? (each ?? 1) : (dims[axis] ?? 0), from, to };
    });
    return { targets, background: reading.scores.background };
  }
  const { output: outputs } = model.proto.graph;
  const fits = ({ name }: { name: string }) => {
    const dims = known.dimsOf(name) ?? [];
    if (output !== undefined) return name === output;
    return kind === 'segment' ? dims.length === 4 : dims.filter((dim) => dim !== 1).length <= 1 && dims.length >= 1;
  };
  const value = outputs.find(fits)?.name;
  if (value === undefined) return { targets: [], background: undefined };
  const dims = known.dimsOf(value) ?? [];
  const axis = kind === 'segment' ? mapAxis(model, value, dims, example.inputs) : rowAxis(dims);
  const size = dims[axis] ?? 0;
  return { targets: [{ value, axis, block: size, from: 0, to: size }], background: undefined };
}

/** Integers that are longer than this are no sizes. */
const LONGEST = 64;

function knownOf(
  model: Model,
  types: ReadonlyMap<string, { readonly dims: readonly number[] }>,
  constants: ReadonlyMap<string, TensorProto>,
): Known {
  const view = viewOf(model);
  const [main] = view.scopes;
  return {
    dimsOf: (value) => types.get(value)?.dims ?? constants.get(value)?.dims.map(Number),
    intsOf(value) {
      const tensor = value === '' ? undefined : constants.get(value);
      if (tensor === undefined || isFloat(tensor.dataType) || elementCount(tensor) > LONGEST) return undefined;
      return [...valuesOf(tensor, model.home.open)];
    },
    isStored: (value) => main !== undefined && storedValue(main, value) !== undefined,
    makerOf: (value) => main?.producers.get(value),
    readersOf: (value) => view.readersOf(value),
  };
}

function storedTensors({ proto: { graph } }: Model): Map<string, TensorProto> {
  const stored = new Map(graph.initializer.map((it) => [it.name, it]));
  for (const node of graph.node) {
    const tensor = node.opType === 'Constant' ? constantNodeTensor(node) : undefined;
    if (tensor !== undefined) stored.set(nameAt(node.output, 0), tensor);
  }
  return stored;
}

function notFound(model: Model, targets: readonly Target[], known: Known, head: RegExp | undefined): GnSwapError {
  const looked = lastLayers(model, targets).map(({ name, output, opType }) => {
    return `${opType} ${name || output[0]} with ${known.dimsOf(nameAt(output, 0))?.join(' × ')} numbers`;
  });
  const count = targets[0] === undefined ? 0 : targets[0].to - targets[0].from;
  const what =
    head === undefined ? 'the last layer is not recognised' : `--head ${head.source} names no layer of the classes`;
  return new GnSwapError(
    'unsupported-model',
    `${what}: looked for ${count} classes in ${looked.join('; ') || 'no layer'}`,
    {
      node: '--classes',
      remedy: 'Name the layers that give a number for each class with --head REGEX',
    },
  );
}
