/**
 * A source and what became of it, side by side.
 *
 * 1. A norm took the place of the source's node that made its output: a BatchNormalization, or the Conv that one was folded
 *    into, which now makes the norm's input. Of these nodes no more is asked; what the Conv computes must be the same.
 * 2. Any other node of the source is there, with its operator, inputs and attributes, unless only replaced nodes needed it.
 * 3. Any other node of the file is the source's.
 * 4. A tensor of the source has the type and dimensions that it had. Floats may be others, as trained; the same ones in
 *    another order are not. So may large tables of integers.
 * 5. Whether a constant is an initializer or a Constant node does not matter.
 */

import { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import type { StandingNorm } from '../find/standing/types.ts';
import type { Site } from '../find/types.ts';
import { orphansOf } from '../graph/orphans.ts';
import { attributeText, nodeText, tensorText } from '../graph/part-text.ts';
import type { Patch } from '../graph/patch.ts';
import type { Scope } from '../graph/scope.ts';
import { viewOf } from '../graph/view.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import { dataTypeName, isFloat } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { calledBy, nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, rawDataOf, valuesOf } from '../onnx/tensor.ts';
import { wrong } from './finding.ts';
import type { Finding } from './types.ts';

/** Tensors up to this size are looked at for a new order of their numbers. */
const MOST_SORTED = 1 << 22;

/** A place of the source, and the norm that stands there now. */
interface Replaced {
  readonly site: Site;
  readonly norm: StandingNorm;
}

export class Comparison {
  readonly #search: Search;
  readonly #model: Model;
  readonly #norms: readonly StandingNorm[];
  readonly #findings: Finding[] = [];
  /** Nodes and tensors that were compared, and how many tensors hold other floats than the source's. */
  nodes = 0;
  tensors = 0;
  trained = 0;

  constructor(search: Search, model: Model, norms: readonly StandingNorm[]) {
    this.#search = search;
    this.#model = model;
    this.#norms = norms;
  }

  findings(): readonly Finding[] {
    const { model: source, sites } = this.#search;
    const replaced = new Map<NodeProto, Replaced>();
    // Branches may have one name for what each makes: they come in the same order in both.
    const waiting = [...this.#norms];
    for (const site of sites) {
      const index = waiting.findIndex(({ output }) => output === site.output);
      const [norm] = index < 0 ? [] : waiting.splice(index, 1);
      if (norm !== undefined) replaced.set(site.node, { site, norm });
    }
    // Of what a replaced node read, only x is still needed; γ and β may bear the names of what is gone.
    const replace = new Map(
      [...replaced].map(([node, { site }]) => [
        node,
        [site.kept === undefined ? { ...node, input: [site.input] } : node],
      ]),
    );
    const edit: Patch = {
      replace,
      prepend: new Map(),
      addInitializers: new Map(),
      redefined: new Set(),
      listAsInput: () => false,
    };
    const orphans = orphansOf(source.proto.graph, edit).nodes;
    const ofNorms = new Set<string>();
    const own = new Set<string>();
    for (const { norm } of replaced.values()) {
      for (const { output } of norm.nodes) for (const name of output) ofNorms.add(name);
      for (const parameter of [norm.scale, norm.bias]) if (parameter !== undefined) own.add(parameter.name);
    }
    const pairs = pairScopes(viewOf(source).scopes, viewOf(this.#model).scopes);
    for (const { before, after } of pairs) {
      if (after === undefined) continue;
      this.#compareNodes(before, after, replaced, orphans, ofNorms);
      this.#compareTensors(before, after, own);
    }
    return this.#findings;
  }

  #compareNodes(
    before: Scope,
    after: Scope,
    replaced: ReadonlyMap<NodeProto, Replaced>,
    orphans: ReadonlySet<NodeProto>,
    ofNorms: ReadonlySet<string>,
  ): void {
    const met = new Set<NodeProto>();
    for (const node of before.graph.node) {
      if (isConstant(node)) continue;
      const swap = replaced.get(node);
      if (swap !== undefined && swap.site.kept === undefined) continue;
      // (1) The Conv that stays makes what the norm reads.
      const was = swap === undefined ? node : { ...node, output: [swap.norm.input, ...node.output.slice(1)] };
      const key = was.output.find((name) => name !== '') ?? '';
      const now = after.producers.get(key);
      if (now === undefined || isConstant(now) !== isConstant(was)) {
        if (orphans.has(node)) continue;
        const reads = was.input
          .filter((name) => name !== '')
          .map((name) => JSON.stringify(name))
          .join(', ');
        this.#add(
          wrong(
            'node-missing',
            calledBy(node),
            `${was.opType}, which makes ${JSON.stringify(key)} of ${reads} in the source, is gone`,
          ),
        );
        continue;
      }
      met.add(now);
      this.nodes++;
      if (nodeText(was, this.#search.model) !== nodeText(now, this.#model))
        this.#add(wrong('node-changed', calledBy(now), differenceOf(was, this.#search.model, now, this.#model)));
    }
    for (const node of after.graph.node) {
      if (met.has(node) || isConstant(node) || node.output.some((name) => name !== '' && ofNorms.has(name))) continue;
      this.#add(wrong('node-added', calledBy(node), `${node.opType} is not in the source`));
    }
  }

  #compareTensors(before: Scope, after: Scope, own: ReadonlySet<string>): void {
    const now = constantsOf(after);
    for (const [name, was] of constantsOf(before)) {
      const tensor = now.get(name);
      // γ and β may bear the name of the source's.
      if (tensor === undefined || own.has(name)) continue;
      this.tensors++;
      const [a, b] = [tensorText(was, this.#search.model), tensorText(tensor, this.#model)];
      if (a !== b) {
        this.#add(
          wrong(
            'tensor-changed',
            name,
            `it is ${shapeOf(tensor)}; in the source it is ${shapeOf(was)}${a.length === b.length ? ', with different integers' : ''}`,
          ),
        );
        continue;
      }
      const order = this.#sameOrder(was, tensor);
      if (order === 'trained') this.trained++;
      if (order === 'permuted')
        this.#add(wrong('channels-permuted', name, 'it holds the source’s numbers in a different order'));
    }
  }

  /** (4) */
  #sameOrder(was: TensorProto, now: TensorProto): 'equal' | 'trained' | 'permuted' {
    try {
      if (sameBytes(was, this.#search.model, now, this.#model)) return 'equal';
      if (!isFloat(now.dataType ?? 0) || elementCount(now) > MOST_SORTED) return 'trained';
      const [a, b] = [valuesOf(was, this.#search.model.home.open).sort(), valuesOf(now, this.#model.home.open).sort()];
      return a.every((value, index) => Object.is(value, b[index])) ? 'permuted' : 'trained';
    } catch (error) {
      // Data that are not there are another check's.
      if (error instanceof GnSwapError) return 'equal';
      throw error;
    }
  }

  #add(finding: Finding): void {
    this.#findings.push(finding);
  }
}

function isConstant({ opType, domain }: NodeProto): boolean {
  return opType === 'Constant' && normalDomain(domain) === '';
}

/** Initializers, and the tensors of Constant nodes, by name. */
function constantsOf({ graph }: Scope): Map<string, TensorProto> {
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const node of graph.node) {
    const tensor = isConstant(node) ? constantNodeTensor(node) : undefined;
    if (tensor !== undefined) tensors.set(nameAt(node.output, 0), tensor);
  }
  return tensors;
}

/** Graphs that hang at the same place: on the way down, outputs of nodes and names of attributes. */
function pairScopes(before: readonly Scope[], after: readonly Scope[]): { before: Scope; after: Scope | undefined }[] {
  const places = new Map(after.map((scope) => [placeOf(scope), scope]));
  return before.map((scope) => ({ before: scope, after: places.get(placeOf(scope)) }));
}

/** Names of nodes may be absent or change, those of values do not. */
function placeOf({ graph, parent }: Scope): string {
  if (parent === undefined) return '';
  for (const node of parent.graph.node) {
    for (const { name, g, graphs } of node.attribute) {
      const index = g === graph ? '' : graphs.indexOf(graph);
      if (index !== -1) return JSON.stringify([placeOf(parent), node.output.find((it) => it !== ''), name, index]);
    }
  }
  return placeOf(parent);
}

function differenceOf(was: NodeProto, source: Model, now: NodeProto, model: Model): string {
  if (was.opType !== now.opType || normalDomain(was.domain) !== normalDomain(now.domain))
    return `it is ${now.opType}; in the source it is ${was.opType}`;
  const length = Math.max(was.input.length, now.input.length);
  for (let i = 0; i < length; i++) {
    if (nameAt(was.input, i) !== nameAt(now.input, i))
      return `input ${i} of ${now.opType} is ${quoted(now.input[i])}; in the source it is ${quoted(was.input[i])}`;
  }
  const [a, b] = [
    new Map(was.attribute.map((it) => [it.name, attributeText(it, source)])),
    new Map(now.attribute.map((it) => [it.name, attributeText(it, model)])),
  ];
  const attribute = [...new Set([...a.keys(), ...b.keys()])].find((name) => a.get(name) !== b.get(name));
  if (attribute !== undefined)
    return `the attribute ${JSON.stringify(attribute)} of ${now.opType} differs from the source`;
  return `the outputs of ${now.opType} differ from the source`;
}

function quoted(name: string | undefined): string {
  return name === undefined || name === '' ? 'nothing' : JSON.stringify(name);
}

function shapeOf({ dataType, dims }: TensorProto): string {
  return `${dataTypeName(dataType)} [${dims.join(', ')}]`;
}

function sameBytes(was: TensorProto, source: Model, now: TensorProto, model: Model): boolean {
  const [a, b] = [rawDataOf(was, source.home.open), rawDataOf(now, model.home.open)];
  if (a.length !== b.length) return false;
  const others = b.chunks();
  for (const chunk of a.chunks()) {
    const other = others.next().value;
    if (other === undefined || !chunk.every((byte, index) => byte === other[index])) return false;
  }
  return true;
}
