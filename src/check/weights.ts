/** No weight is NaN or infinite: what a training that went astray leaves behind. */
import { GnSwapError } from '../errors.ts';
import { visitTensors } from '../graph/stored-tensors.ts';
import { type NotFinite, notFiniteIn } from '../onnx/finite.ts';
import type { Model } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import type { FileCheck, Finding } from './types.ts';

export const weights: FileCheck = {
  name: 'weights',
  summary: 'no weight is NaN or infinite',
  run({ model, source, sites }) {
    const parameters = new Set(sites.flatMap(({ norm }) => [norm.scale?.name, norm.bias?.name]));
    const ofSource = new Map<string, TensorProto>();
    if (source !== undefined) visitTensors(source.model, (tensor, name) => ofSource.set(name, tensor));
    const findings: Finding[] = [];
    visitTensors(model, (tensor, name) => {
      const { nans, infinities } = countIn(tensor, model);
      if ((nans === 0 && infinities === 0) || parameters.has(name)) return;
      const before = ofSource.get(name);
      const was = before === undefined || source === undefined ? undefined : countIn(before, source.model);
      const isOld = was?.nans === nans && was.infinities === infinities;
      const counts = [nans > 0 ? `${nans} NaN` : '', infinities > 0 ? `${infinities} infinities` : ''];
      findings.push({
        rule: 'weight-not-finite',
        // Masks are made of infinities, and a source may have what it likes.
        severity: isOld ? 'note' : nans > 0 ? 'error' : 'warning',
        node: name,
        message: `it holds ${counts.filter((it) => it !== '').join(' and ')}${isOld ? ', as in the source' : ''}`,
        remedy: isOld
          ? 'Check whether the source is meant to be like this'
          : 'Resume training from an earlier checkpoint',
      });
    });
    return { findings, detail: 'every weight is a finite number' };
  },
};

/** None where the data are not there, which another check says. */
function countIn(tensor: TensorProto, { home }: Model): NotFinite {
  try {
    return notFiniteIn(tensor, home.open);
  } catch (error) {
    if (error instanceof GnSwapError) return { nans: 0, infinities: 0 };
    throw error;
  }
}
