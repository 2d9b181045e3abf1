/** What a page is told of a model and of options, before anything is run. */
import { FORMS } from '../../forms/index.ts';
import { LOSSES } from '../../gradient/losses.ts';
import { requiredInputs } from '../../graph/interface.ts';
import { NORMS } from '../../norms/index.ts';
import { dataTypeName } from '../../onnx/data-type.ts';
import { externalLocations } from '../../onnx/external-data.ts';
import { opsetOf } from '../../onnx/model.ts';
import type { ValueInfoProto } from '../../onnx/schema.ts';
import { typeText } from '../../onnx/type-text.ts';
import { optionsOf } from '../../options/index.ts';
import { CONSUMERS } from '../../plan/consumers.ts';
import type { ModelFacts, OptionFacts, TaskName, ValueFacts } from '../messages.ts';
import type { WebHome } from './home.ts';

/** @throws GnSwapError `invalid-model` */
export function modelFacts(home: WebHome, name: string): ModelFacts {
  const { model } = home;
  const { irVersion, producerName, producerVersion, graph } = model.proto;
  return {
    name,
    bytes: home.file.size,
    irVersion: Number(irVersion),
    opset: opsetOf(model),
    producer: [producerName, producerVersion].filter((part) => part !== '').join(' '),
    inputs: requiredInputs(model).map(valueFacts),
    outputs: graph.output.map(valueFacts),
    external: externalLocations(model.proto),
    missing: home.missing,
  };
}

function valueFacts({ name, type }: ValueInfoProto): ValueFacts {
  const tensor = type?.tensorType;
  if (tensor === undefined) return { name, type: typeText(type), shape: '?' };
  const dims = tensor.shape?.dim.map(({ dimValue, dimParam }) => String(dimValue ?? dimParam ?? '?'));
  return { name, type: dataTypeName(tensor.elemType), shape: dims === undefined ? '?' : dims.join('×') };
}

/** Options of files and of a terminal: a page has other ways. */
const NOT_SHOWN: readonly string[] = [
  'output',
  'force',
  'dry-run',
  'resume',
  'report',
  'junit',
  'sarif',
  'markdown',
  'github',
  'json',
  'quiet',
  'verbose',
  'calibrate',
  'moments',
  'inputs',
  'against',
  'data',
  'keep',
  'teacher',
];

/** What a browser has of an option, and a form a place for. */
const SHOWN: Readonly<Record<string, Partial<OptionFacts>>> = {
  device: { choices: ['cpu', 'webgpu'] },
  loss: { choices: LOSSES, describe: 'loss to use instead of the one of the task' },
};

/** Lists the options that a form may show. */
export function optionFacts(task: TaskName): OptionFacts[] {
  return optionsOf(task)
    .filter(([name]) => !NOT_SHOWN.includes(name))
    .map(([name, { type, describe, group, choices, default: otherwise, array }]) => ({
      name,
      type,
      describe,
      group,
      choices,
      notes: NOTES[name],
      default: otherwise,
      isList: array === true,
      ...SHOWN[name],
    }));
}

const NOTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  to: Object.fromEntries(NORMS.map(({ name, summary }) => [name, summary])),
  form: Object.fromEntries(FORMS.map(({ name, summary }) => [name, summary])),
  for: Object.fromEntries(CONSUMERS.map(({ name, reads }) => [name, reads])),
};
