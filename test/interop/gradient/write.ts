/**
 * Writes the gradient of every model in a folder: NAME.grad.onnx, and gradients.json with the names of parameters and gradients, or
 * why there is none. `node --import tsx test/interop/gradient/write.ts FOLDER [NAME...]`
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GnSwapError } from '../../../src/errors.ts';
import { gradientOf } from '../../../src/gradient/index.ts';
import { readModel, writeModel } from '../../../src/onnx/model.ts';

/** What the Python side reads of one model. */
interface Written {
  readonly name: string;
  /** Gradients by parameter or input; absent if the model was refused. */
  readonly gradients?: Readonly<Record<string, string>>;
  readonly refused?: string;
  /** CPU seconds that reading, differentiating and writing took. */
  readonly seconds: number;
}

const [, , folder = '.', ...only] = process.argv;
const list = join(folder, 'gradients.json');
const sizesOf: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = existsSync(
  join(folder, 'sizes.json'),
)
  ? JSON.parse(readFileSync(join(folder, 'sizes.json'), 'utf8'))
  : {};

async function write(name: string): Promise<Written> {
  const before = process.cpuUsage();
  const seconds = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  try {
    const source = readModel(readFileSync(join(folder, `${name}.onnx`)));
    const { model, gradients } = await gradientOf(source, { sizes: sizesOf[name] });
    writeFileSync(join(folder, `${name}.grad.onnx`), writeModel(model));
    return { name, gradients: Object.fromEntries(gradients), seconds: seconds() };
  } catch (error) {
    const refused = error instanceof GnSwapError ? error.message : String(error instanceof Error ? error.stack : error);
    return { name, refused, seconds: seconds() };
  }
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx') && !file.endsWith('.grad.onnx'))
  .map((file) => basename(file, '.onnx'))
  .filter((name) => only.length === 0 || only.some((it) => name === it || name.startsWith(`${it}.`)));
const written: Written[] = [];
for (const name of names) {
  const made = await write(name);
  written.push(made);
  const size = made.refused === undefined ? statSync(join(folder, `${name}.grad.onnx`)).size : 0;
  console.log(
    `${name}: ${made.refused ?? `${Object.keys(made.gradients ?? {}).length} gradients, ${size} bytes`} (${made.seconds.toFixed(2)} s)`,
  );
}
writeFileSync(list, JSON.stringify(written, null, 1));
