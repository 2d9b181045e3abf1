/** Labelled data in memory. */
import { type Dims, Net } from '../../fixtures/build.ts';
import { openLabelled } from '../../src/inputs/labelled/open.ts';
import type { LabelledOptions } from '../../src/inputs/labelled/options.ts';
import type { LabelledBox, LabelledData, Target } from '../../src/inputs/labelled/types.ts';
import type { Model } from '../../src/onnx/model.ts';
import { MemoryFiles } from './files.ts';

export type Files = Readonly<Record<string, Uint8Array | string>>;

/** A model that takes pictures, 3 channels of 2×2 unless said otherwise. */
export function pictureModel(dims: Dims = ['N', 3, 2, 2]): Model {
  const net = new Net();
  return net.output(net.relu(net.input('x', dims))).model();
}

/** Opens files in memory, those in `d` unless said otherwise. */
export function openFiles(
  files: Files,
  options: Partial<LabelledOptions> & Pick<LabelledOptions, 'task'>,
  { path = 'd', model = pictureModel() }: { path?: string; model?: Model } = {},
): Promise<LabelledData> {
  return openLabelled(path, model, options, new MemoryFiles(files));
}

/** The target of each sample by its name. */
export async function targetsOf(data: LabelledData): Promise<Record<string, Target>> {
  const found: Record<string, Target> = {};
  for (let sample = 0; sample < data.count; sample++) {
    found[data.names[sample] ?? ''] = (await data.load(sample)).target;
  }
  return found;
}

/** Boxes of each sample as `label left top right bottom`, rounded to thousandths. */
export async function boxesOf(data: LabelledData): Promise<Record<string, string[]>> {
  const text = ({ label, left, top, right, bottom }: LabelledBox) =>
    [label, ...[left, top, right, bottom].map((side) => Math.round(side * 1000) / 1000)].join(' ');
  const targets = Object.entries(await targetsOf(data));
  return Object.fromEntries(targets.map(([name, it]) => [name, it.kind === 'boxes' ? it.boxes.map(text) : []]));
}
