/** Gradient of Einsum where every label stands for one axis. */
import { stringAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, linear } from '../gradient-rule.ts';
import { reshapeTo } from '../shaping.ts';

/**
 * y[o] = Σ Π xᵢ[aᵢ], so the gradient of xᵢ is the product of dy and the other inputs, summed to the labels of xᵢ. A label that
 * only xᵢ has was summed out of it alone: the gradient is the same all along that axis.
 */
export const einsum = linear((g, dy) => {
  const { terms, result } = labelsOf(g);
  return terms.map((own, index) => {
    if (!g.wants(index)) return undefined;
    const others = terms.flatMap((labels, at) => (at === index ? [] : [{ labels, input: g.input(at) }]));
    const seen = new Set([...result, ...others.flatMap(({ labels }) => [...labels])]);
    const made = [...own].filter((label) => seen.has(label));
    const equation = `${[result, ...others.map(({ labels }) => labels)].join(',')}->${made.join('')}`;
    const product = g.op('Einsum', [dy, ...others.map(({ input }) => input)], { equation });
    if (made.length === own.length) return product;
    const dims = g.dims(g.input(index));
    const kept = dims.map((dim, axis) => (seen.has(own[axis] as string) ? dim : 1));
    return g.op('Expand', [reshapeTo(g, product, kept), g.ints(dims)]);
  });
});

function labelsOf(g: GradientContext): { terms: string[]; result: string } {
  const equation = (stringAttribute(g.node, 'equation') ?? '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (equation.includes('.')) g.refuse(`its equation "${equation}" has an ellipsis`, 'Export it with every axis named');
  if (terms.some((term) => new Set(term).size < term.length)) {
    g.refuse(`its equation "${equation}" takes a diagonal: a label comes twice in one input`);
  }
  return { terms, result: right ?? implied(terms) };
}

/** Without an arrow the result has the labels that come once, in alphabetical order. */
function implied(terms: readonly string[]): string {
  const all = [...terms.join('')];
  return all
    .filter((label) => all.indexOf(label) === all.lastIndexOf(label))
    .sort()
    .join('');
}
