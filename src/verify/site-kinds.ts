/**
 * What the model of some sites hangs on, but for the numbers that are fed: if it is the same for others, so is their model, which need not be
 * made to find that out. A network of 1,600 norms has one or two.
 *
 * It is read from the file's own nodes: their operators, attributes and wiring, and all stored values that are not fed.
 */

import { storedValue } from '../graph/extract.ts';
import { attributeText } from '../graph/part-text.ts';
import { storesMore } from '../onnx/attributes.ts';
import { isNumber } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { AttributeProto, NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import type { SitePlan } from '../plan/index.ts';
import { isFed } from './fed-parameters.ts';
import type { WantedSite } from './site-model.ts';
import { type SiteNodes, siteNodesOf } from './site-nodes.ts';

/** What tells some sites from others. */
export interface SitesKind {
  readonly key: string;
  /** What their nodes read of what the file stores, each once, in the order of reading. */
  readonly stored: readonly TensorProto[];
}

/** More numbers than any shape or list of axes has. */
const MOST_SPELLED = 64;

/** Tells the kinds of the sites of one file. */
export class SiteKinds {
  readonly #written: Model;
  readonly #attributes = new WeakMap<AttributeProto, string>();
  readonly #contents = new WeakMap<TensorProto, string>();

  constructor(written: Model) {
    this.#written = written;
  }

  /** The kind of some sites together; `undefined` if they hold what is not spelled here. */
  of(wanted: readonly WantedSite[]): SitesKind | undefined {
    const stored = new Map<TensorProto, number>();
    let key = '';
    for (const { site, forms } of wanted) {
      const nodes = siteNodesOf(this.#written, site);
      const text = this.#textOf(nodes, site.plan.site.output, stored);
      if (text === undefined) return undefined;
      key += `${planText(site.plan)} ${forms.map(({ name }) => name)} ${text}\n`;
    }
    return { key, stored: [...stored.keys()] };
  }

  #textOf({ nodes, scope, places }: SiteNodes, output: string, stored: Map<TensorProto, number>): string | undefined {
    if (scope === undefined || !places.has(output)) return undefined;
    let text = `${places.get(output)}`;
    for (const node of nodes) {
      if (storesMore(node.attribute) || node.unknownFields.length > 0) return undefined;
      text += `;${this.#operatorOf(node)}`;
      for (const name of node.input) {
        const place = places.get(name);
        if (place !== undefined || name === '') {
          text += ` ${place ?? '-'}`;
          continue;
        }
        const found = storedValue(scope, name);
        if (found === undefined || !('tensor' in found)) return undefined;
        const known = stored.get(found.tensor);
        const content = known === undefined ? this.#contentOf(found.tensor) : '';
        if (content === undefined) return undefined;
        text += ` #${known ?? stored.size}${content}`;
        if (known === undefined) stored.set(found.tensor, stored.size);
      }
      for (const name of node.output) text += `>${places.get(name) ?? '-'}`;
    }
    return text;
  }

  #operatorOf({ domain, opType, overload, attribute }: NodeProto): string {
    let text = `${normalDomain(domain)}.${opType}.${overload}`;
    for (const it of attribute) text += ` ${this.#attributeText(it)}`;
    return text;
  }

  #attributeText(it: AttributeProto): string {
    const known = this.#attributes.get(it);
    if (known !== undefined) return known;
    const made = `${it.type}${attributeText(it, this.#written)}`;
    this.#attributes.set(it, made);
    return made;
  }

  /** Type and size of what is fed, and all of what is not. */
  #contentOf(tensor: TensorProto): string | undefined {
    const known = this.#contents.get(tensor);
    if (known !== undefined) return known;
    const type = `${tensor.dataType}[${tensor.dims}]`;
    const isSpelled = isNumber(tensor.dataType) && elementCount(tensor) <= MOST_SPELLED;
    if (!isFed(tensor) && !isSpelled) return undefined;
    const made = isFed(tensor) ? type : `${type}=${valuesOf(tensor, this.#written.home.open)}`;
    this.#contents.set(tensor, made);
    return made;
  }
}

/** All that a form is told of a site, but for its names and numbers. */
function planText({ site, norm, channels, groups, epsilon, plain }: SitePlan): string {
  const { elementType, shape, momentum, parameterTypes: types } = site;
  const dims = shape === undefined ? '?' : `[${shape.map((dim) => dim ?? '?')}]`;
  return `${norm} ${elementType} ${dims} ${channels} ${groups} ${epsilon} ${plain} ${momentum} ${types?.affine} ${types?.statistics}`;
}
