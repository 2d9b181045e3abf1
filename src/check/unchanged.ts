/** With a source at hand: all that is not of a norm is the source's, but for weights that were trained. */
import { opsetVersion } from '../onnx/model.ts';
import { plural } from '../words.ts';
import { Comparison } from './comparison.ts';
import { wrong } from './finding.ts';
import { isRecognised } from './sites.ts';
import type { FileCheck, Finding } from './types.ts';

export const unchanged: FileCheck = {
  name: 'unchanged',
  summary: 'everything except the norms matches the source, trained weights excepted',
  run({ model, provenance, sites, source }) {
    if (source === undefined)
      return { findings: [], skipped: true, detail: 'needs the original model: --against FILE' };
    if (typeof provenance === 'object' && !isRecognised(provenance.norm)) {
      const detail = `${provenance.norm} norms cannot be found by pattern, so the rest cannot be compared`;
      return { findings: [], skipped: true, detail };
    }
    // A model that is nothing but calls imports the standard operators only once they are inlined.
    const [was, is] = [source.search.model, model].map(({ proto }) => opsetVersion(proto));
    const findings: Finding[] = [];
    if (was !== is) findings.push(wrong('opset-changed', '', `the model imports opset ${is}, the source opset ${was}`));
    const comparison = new Comparison(
      source.search,
      model,
      sites.map(({ norm }) => norm),
    );
    findings.push(...comparison.findings());
    const { trained, nodes, tensors } = comparison;
    const weights =
      trained === 0 ? plural(tensors, 'tensor') : `${plural(tensors, 'tensor')}, ${trained} of them trained,`;
    return { findings, detail: `${plural(nodes, 'node')} and ${weights} match the source` };
  },
};
