/** What must hold of any bytes at all: they are rewritten, or refused by an error with a code; nothing else is thrown. */
import { GnSwapError } from '../src/errors.ts';
import { Random } from '../src/inputs/random.ts';
import { type SwapOptions, swap } from '../src/jobs/swap.ts';
import { group } from '../src/norms/group.ts';
import { INITS } from '../src/norms/inits/index.ts';
import { type Model, readModel, writeModel } from '../src/onnx/model.ts';
import { countNorms } from '../test/support/model-parts.ts';

/** No message is longer: a name may be a megabyte, a terminal is not. */
const LONGEST_MESSAGE = 50_000;

/** Options that a seed tells: every form and init gets its share. */
function optionsOf(seed: number): SwapOptions {
  const random = new Random(seed ^ 0x5eed);
  const pick = (names: readonly string[]) => names[random.integer(names.length)];
  const forms = ['auto', 'auto', ...group.forms];
  return {
    verify: false,
    form: pick(forms),
    init: pick(INITS.map(({ name }) => name)),
    strict: random.integer(8) === 0,
  };
}

/**
 * Rewrites a model.
 *
 * @throws Error where something does not hold
 */
export async function attempt(source: Uint8Array, seed: number): Promise<'rewritten' | 'refused'> {
  const before = source.slice();
  const result = await swap(source, optionsOf(seed)).catch((error: unknown) => error);
  check(Buffer.compare(source, before) === 0, 'the source was changed');
  if (result instanceof GnSwapError) {
    check(result.code !== 'internal', `internal: ${result.message}`);
    check(result.describe().length < LONGEST_MESSAGE, `a message of ${result.describe().length} characters`);
    return 'refused';
  }
  if (result instanceof Error) throw result;
  const { model, plan } = result as Awaited<ReturnType<typeof swap>>;
  const [was, is] = [readModel(source), readModel(model)];
  check(plan.sites.length > 0, 'rewritten, without a site');
  // A function that is called twice has one node of each in the file, and two sites; a name that is given twice may make a norm
  // the source of another's parameters.
  if (was.proto.functions.length === 0 && areNamesUnique(was)) {
    const swapped = plan.sites.filter(({ site }) => site.pattern === 'batch-normalization');
    const left = countNorms(was) - swapped.length;
    // Damage may make a norm the source of what a frozen one is spelled with: it goes with it.
    const areLeft = swapped.length === plan.sites.length ? countNorms(is) === left : countNorms(is) <= left;
    check(areLeft, `${countNorms(is)} norms are left`);
  }
  check(Buffer.compare(writeModel(is), model) === 0, 'what was written is read as something else');
  return 'rewritten';
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Whether no value of the main graph is defined twice. */
function areNamesUnique({ proto: { graph } }: Model): boolean {
  const names = [...graph.initializer.map(({ name }) => name), ...graph.node.flatMap(({ output }) => output)];
  return new Set(names).size === names.length;
}
