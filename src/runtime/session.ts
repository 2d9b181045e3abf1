/** Sessions of ONNX Runtime, which is loaded when one is first wanted. */
import type * as OrtModule from 'onnxruntime-node';
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { filled } from '../filled.ts';
import { hasIdleProcessor } from '../host/node.ts';
import { DataType } from '../onnx/data-type.ts';
import type { DataFile, Model } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { decodeBfloat16 } from '../onnx/small-float.ts';
import { dimsOf, type ExternalData, valuesOf } from '../onnx/tensor.ts';
import { type Device, nodesForCpu } from './device.ts';
import { decodeHalf, typed } from './half.ts';
import { isOfNewerIr, noteOlder, readable } from './ir-version.ts';
import { createSession, devicesOf, loadOrt, type Ort, versionOf } from './ort/node.ts';
import { fromTensor, toTensor, typeNamed } from './ort-tensor.ts';
import { remedyFor } from './source-fault.ts';
import { threadLimit } from './threads.ts';
import type { Value, Values } from './value.ts';

export type { Value, Values };

/** A model that is loaded and can be run. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element types of the outputs that are tensors. */
  readonly types: ReadonlyMap<string, DataType>;
  /** @param only names of the outputs to fetch; all where absent */
  run(feeds: Values, only?: readonly string[]): Promise<Values>;
  close(): Promise<void>;
}

/** Version of ONNX Runtime. */
export async function runtimeVersion(): Promise<string> {
  return versionOf(await loadOrt());
}

/** How the runtime goes about a model; absent is as it does by itself. */
export interface SessionSettings {
  /** Whether to optimise the graph, which takes longer than it gains where a session runs little. */
  readonly optimize?: boolean | undefined;
  /** Whether to keep memory for the next run. Without, a run takes no more than its values need, and returns it. */
  readonly keepMemory?: boolean | undefined;
  /** Whether to lay out the values of a run before it, in memory beside that of the first run. As `keepMemory` if it is absent. */
  readonly planMemory?: boolean | undefined;
  /** Whether threads that wait for work keep a processor busy, all the while or for a moment: from one small operator to the next. */
  readonly spin?: boolean | 'briefly' | undefined;
  /** Whether to compute in whole numbers between DequantizeLinear and QuantizeLinear, for which float weights there are rounded. `true`. */
  readonly wholeNumbers?: boolean | undefined;
  /** What to compute on; `cpu`. Operators that it lacks are computed on the CPU. */
  readonly device?: Device | undefined;
  /** Names of nodes that are computed on the CPU in any case. */
  readonly onCpu?: readonly string[] | undefined;
}

/**
 * Loads a model into ONNX Runtime.
 *
 * @param model the path of a file, or the bytes of one
 * @param external files that bytes keep their weights in
 * @throws GnSwapError `runtime-failed` with the runtime's own words where it refuses the model, `runtime-missing` if the device is
 */
export async function openSession(
  model: string | Uint8Array,
  {
    optimize = true,
    keepMemory = true,
    planMemory = keepMemory,
    spin = true,
    wholeNumbers = true,
    device = 'cpu',
    onCpu = [],
  }: SessionSettings = {},
  external?: readonly DataFile[],
): Promise<Session> {
  const ort = await loadOrt(device);
  await requireDevice(ort, device);
  const threads = threadLimit();
  const provider = onCpu.length === 0 ? device : { name: device, forceCpuNodeNames: [...onCpu] };
  const options: OrtModule.InferenceSession.SessionOptions = {
    logSeverityLevel: 4,
    executionProviders: device === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    graphOptimizationLevel: optimize ? 'all' : 'disabled',
    enableCpuMemArena: keepMemory,
    enableMemPattern: planMemory,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    extra: { session: { ...spinning(spin), ...(wholeNumbers ? {} : { disable_quant_qdq: '1' }) } },
  };
  const opening = createSession(ort, model, options, external);
  const session = await opening.catch(
    rethrow(`ONNX Runtime does not load the model${device === 'cpu' ? '' : ` on ${device}`}`),
  );
  // Lists and maps, as classifiers of ONNX-ML answer with, can't be fetched here; what is asked for beside them can.
  const values = session.outputMetadata.flatMap(({ name, isTensor }) => (isTensor ? [name] : []));
  const widths = new Map(
    session.inputMetadata.flatMap((it) => (it.isTensor ? [[it.name, typeNamed(it.type)] as const] : [])),
  );
  const hasOthers = values.length > 0 && values.length < session.outputNames.length;
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    types: new Map(
      session.outputMetadata.flatMap((it) => (it.isTensor ? [[it.name, typeNamed(it.type) ?? 0] as const] : [])),
    ),
    async run(feeds, only) {
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([name, value]) => [name, toTensor(ort, inWidth(value, widths.get(name)))]),
      );
      const wanted = only ?? (hasOthers ? values : undefined);
      const running = wanted === undefined ? session.run(tensors, QUIET) : session.run(tensors, [...wanted], QUIET);
      const results = await running.catch(rethrow('ONNX Runtime does not run the model'));
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)]));
    },
    close: () => session.release(),
  };
}

/** Microseconds that a thread waits awake: as long as the code between two operators takes. */
const MOMENT = '50';

/** On processors that all have something to do, a thread that waits awake takes time from the one that it waits for. */
function spinning(spin: NonNullable<SessionSettings['spin']>): object {
  if (spin === true) return {};
  const isBrief = spin === 'briefly' && hasIdleProcessor();
  return { intra_op: isBrief ? { spin_duration_us: MOMENT } : { allow_spinning: '0' } };
}

/** The runtime leaves out a device that it does not have, and computes on the CPU without a word. */
async function requireDevice(ort: Ort, device: Device): Promise<void> {
  // To ask a browser for its graphics card takes time, and sessions on the CPU are many.
  if (device === 'cpu') return;
  const known = await devicesOf(ort);
  if (known.includes(device)) return;
  throw new GnSwapError('runtime-missing', `ONNX Runtime has no ${device} here; it has ${known.join(', ')}`, {
    node: '--device',
    remedy: 'Use one that it has, or leave --device out',
  });
}

/** A session that is kept until it is closed; closing it again does nothing. */
export interface OpenSession {
  readonly session: Session;
  close(): Promise<void>;
}

/**
 * Loads a model from its home, for whoever closes it.
 *
 * @param asStored whether the file itself is asked for, even if something else takes less memory
 */
export async function keepSession(
  model: Model,
  settings: SessionSettings = {},
  asStored?: boolean,
): Promise<OpenSession> {
  const read = readable(model);
  try {
    const kept = await keepAsItIs(read, settings, asStored);
    if (read !== model) noteOlder(model);
    return kept;
  } catch (error) {
    if (read !== model || !isOfNewerIr(runtimeFailure(error), model)) throw error;
    return keepSession(model, settings, asStored);
  }
}

async function keepAsItIs(model: Model, settings: SessionSettings, asStored?: boolean): Promise<OpenSession> {
  const loaded = await model.home.load(model, asStored);
  try {
    const onCpu = nodesForCpu(model.proto.graph, settings.device ?? 'cpu');
    const session = await openSession(loaded.file, { ...settings, onCpu }, loaded.external);
    let isOpen = true;
    return {
      session,
      async close() {
        if (!isOpen) return;
        isOpen = false;
        try {
          await session.close();
        } finally {
          await loaded.release();
        }
      },
    };
  } catch (error) {
    await loaded.release();
    throw error;
  }
}

/** Loads a model from its home, hands the session over, and frees both whatever happens. */
export async function withSession<T>(
  model: Model,
  use: (session: Session) => Promise<T>,
  settings: SessionSettings = {},
): Promise<T> {
  const { session, close } = await keepSession(model, settings);
  try {
    return await use(session);
  } finally {
    await close();
  }
}

const QUIET: OrtModule.InferenceSession.RunOptions = { logSeverityLevel: 4 };

/** For a `catch`: the runtime's refusal as a value. Other errors go on. */
export function runtimeFailure(error: unknown): GnSwapError {
  if (error instanceof GnSwapError && error.code === 'runtime-failed') return error;
  throw error;
}

/** Whether the runtime refused a model because it has no kernel of an operator for the type that is wanted. */
export function lacksKernel(error: unknown): error is GnSwapError {
  return (
    error instanceof GnSwapError && error.code === 'runtime-failed' && /not find an implementation/.test(error.message)
  );
}

/** Where the runtime's own source found fault: ` /…/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const …) `. */
const PLACE = / ?\S*\.(cc|h):\d+ [^()]*\([^()]*\)( const)? /;

function rethrow(what: string) {
  return (cause: unknown): never => {
    if (cause instanceof GnSwapError) throw cause;
    const [first = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const detail = first.replace(PLACE, ' ').trim().replace(/\.$/, '');
    throw new GnSwapError('runtime-failed', `${what}: ${detail}`, {
      ...defined({ remedy: remedyFor(detail) }),
      cause,
    });
  };
}

/** float32 for float16, and the other way: a gradient model takes float32 where its file takes float16, and both are fed the same samples. */
function inWidth(value: Value, type: DataType | undefined): Value {
  const isOther = type !== undefined && type !== value.type && WIDTHS.has(type) && WIDTHS.has(value.type);
  return isOther ? { type, dims: value.dims, data: typed(type, numbersIn(value)) } : value;
}

const WIDTHS: ReadonlySet<DataType> = new Set([DataType.FLOAT, DataType.FLOAT16]);

/** A value's numbers as float64; `undefined` for strings. */
export function numbersOf({ type, data }: Value): ArrayLike<number> | undefined {
  if (type === DataType.STRING) return undefined;
  if (type === DataType.FLOAT16) return decodeHalf(data as Uint16Array);
  const numbersBy = (numberAt: (index: number) => number) => filled(new Float64Array(data.length), numberAt);
  if (type === DataType.BFLOAT16) return numbersBy((at) => decodeBfloat16(data[at] as number));
  if (type === DataType.INT64 || type === DataType.UINT64) return numbersBy((at) => Number(data[at]));
  return data as ArrayLike<number>;
}

/** A float tensor of a file, as a session takes it. */
export function storedValue(tensor: TensorProto, external: ExternalData): Value {
  const type = tensor.dataType ?? 0;
  return { type, dims: dimsOf(tensor), data: typed(type, valuesOf(tensor, external)) };
}

/** A value's numbers as float64; none of strings, or of a value that was not given. */
export function numbersIn(value: Value | undefined): ArrayLike<number> {
  return (value && numbersOf(value)) ?? [];
}

/** Whether a value holds neither NaN nor infinity. */
export function allFinite(value: Value): boolean {
  const numbers = numbersIn(value);
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}
