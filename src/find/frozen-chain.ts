/**
 * γ (x − μ)/√(σ² + ε) + β, spelled with one node an operation → γ, β, μ, σ² and ε, as the file stores them.
 *
 * Exporters that fold no constants write frozen BatchNormalization so, with S = γ/√(σ² + ε):
 *
 *     x S + (β − μ S)          torchvision's and detectron2's FrozenBatchNorm2d, TensorFlow's unfused batch norm
 *     (x − μ) S + β
 *     ((x − μ)/√(σ² + ε)) γ + β
 *
 * 1. √v is Sqrt(v) or Pow(v, ½); 1/√v is Div(1, √v), Reciprocal(√v) or Pow(v, −½).
 * 2. γ, β, μ and σ² are stored, also behind Reshape, Unsqueeze, Identity and Cast.
 * 3. Nothing else reads what lies between x and the result.
 */
import { constantOf } from '../graph/constants.ts';
import type { Scope } from '../graph/scope.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import type { SearchContext } from './pattern.ts';

/** A vector of the norm, and the name that it is stored under. */
export interface Stored {
  readonly name: string;
  readonly tensor: TensorProto;
}

/** What a chain holds. */
export interface FrozenChain {
  /** Name of x. */
  readonly input: string;
  /** Absent where it is 1 in every channel. */
  readonly scale: Stored | undefined;
  readonly bias: Stored;
  readonly mean: Stored;
  readonly variance: Stored;
  readonly epsilon: number;
  /** All that spells the norm but its last node. */
  readonly nodes: readonly NodeProto[];
}

/** The norm that a node is the last of; `undefined` if it is not spelled out there, or not of stored vectors. */
export function frozenChain(last: NodeProto, scope: Scope, context: SearchContext): FrozenChain | undefined {
  const chain = new Chain(scope, context);
  if (!isOperator(last, 'Add')) return undefined;
  for (const [product = '', summand = ''] of bothWays(last)) {
    const found = chain.scaled(product, summand) ?? chain.centred(product, summand);
    if (found !== undefined) return { ...found, nodes: [...chain.nodes] };
  }
  return undefined;
}

/** 1/√(σ² + ε), times γ where there is one. */
interface Slope {
  readonly scale: Stored | undefined;
  readonly variance: Stored;
  readonly epsilon: number;
}

type Parts = Omit<FrozenChain, 'nodes'>;

class Chain {
  /** Nodes of the parts that fitted. */
  readonly nodes = new Set<NodeProto>();
  readonly #scope: Scope;
  readonly #context: SearchContext;

  constructor(scope: Scope, context: SearchContext) {
    this.#scope = scope;
    this.#context = context;
  }

  /** x S + (β − μ S) */
  scaled(product: string, summand: string): Parts | undefined {
    const times = this.#between(product, 'Mul');
    const shift = times && this.#made(summand, 'Sub');
    const [biasName = '', meanPart = ''] = shift?.input ?? [];
    const bias = shift && this.#stored(biasName);
    const meanTimes = bias && this.#made(meanPart, 'Mul');
    if (times === undefined || shift === undefined || bias === undefined || meanTimes === undefined) return undefined;
    for (const [input = '', slopeName = ''] of bothWays(times)) {
      const slope = this.#slope(slopeName);
      for (const [meanName = '', again = ''] of slope === undefined ? [] : bothWays(meanTimes)) {
        const mean = this.#stored(meanName);
        const same = mean && (again === slopeName || this.#slope(again)?.variance.name === slope?.variance.name);
        if (mean === undefined || slope === undefined || same !== true) continue;
        this.#keep(times, shift, meanTimes);
        return { input, bias, mean, ...slope };
      }
    }
    return undefined;
  }

  /** (x − μ) S + β, or ((x − μ)/√(σ² + ε)) γ + β */
  centred(product: string, summand: string): Parts | undefined {
    const bias = this.#stored(summand);
    const times = bias && this.#between(product, 'Mul');
    if (bias === undefined || times === undefined) return undefined;
    for (const [rest = '', factor = ''] of bothWays(times)) {
      const slope = this.#slope(factor);
      const whole = slope && this.#difference(rest);
      if (slope !== undefined && whole !== undefined) {
        this.#keep(times);
        return { bias, ...whole, ...slope };
      }
      const scale = this.#stored(factor);
      const normal = scale && this.#normalized(rest);
      if (normal !== undefined) {
        this.#keep(times);
        return { bias, ...normal, scale };
      }
    }
    return undefined;
  }

  /** (x − μ)/√(σ² + ε), by a Div or by a Mul of the reciprocal. */
  #normalized(name: string): Omit<Parts, 'bias' | 'scale'> | undefined {
    const division = this.#between(name, 'Div');
    const root = division && this.#root(nameAt(division.input, 1));
    const times = division === undefined ? this.#between(name, 'Mul') : undefined;
    const ways = division === undefined ? (times === undefined ? [] : bothWays(times)) : [division.input];
    for (const [rest = '', factor = ''] of ways) {
      const under = division === undefined ? this.#reciprocal(factor) : root;
      const difference = under && this.#difference(rest);
      if (under === undefined || difference === undefined) continue;
      this.#keep(division ?? times);
      return { ...difference, ...under };
    }
    return undefined;
  }

  /** x − μ */
  #difference(name: string): Pick<Parts, 'input' | 'mean'> | undefined {
    const node = this.#between(name, 'Sub');
    const [input = '', meanName = ''] = node?.input ?? [];
    const mean = node && this.#stored(meanName);
    if (mean === undefined) return undefined;
    this.#keep(node);
    return { input, mean };
  }

  /** γ · 1/√v, γ/√v, or 1/√v alone. */
  #slope(name: string): Slope | undefined {
    const alone = this.#reciprocal(name);
    if (alone !== undefined) return { ...alone, scale: undefined };
    const division = this.#made(name, 'Div');
    if (division !== undefined) {
      const scale = this.#stored(nameAt(division.input, 0));
      const root = scale && this.#root(nameAt(division.input, 1));
      if (root === undefined) return undefined;
      this.#keep(division);
      return { ...root, scale };
    }
    const times = this.#made(name, 'Mul');
    for (const [scaleName = '', factor = ''] of times === undefined ? [] : bothWays(times)) {
      const root = this.#reciprocal(factor);
      const scale = root && this.#stored(scaleName);
      if (scale === undefined || root === undefined) continue;
      this.#keep(times);
      return { ...root, scale };
    }
    return undefined;
  }

  /** 1/√(σ² + ε) (1) */
  #reciprocal(name: string): Omit<Slope, 'scale'> | undefined {
    const power = this.#made(name, 'Pow');
    if (power !== undefined) return this.#number(power.input[1]) === -0.5 ? this.#kept(power, 0) : undefined;
    const reciprocal = this.#made(name, 'Reciprocal');
    const division = this.#made(name, 'Div');
    const node = reciprocal ?? (this.#number(division?.input[0]) === 1 ? division : undefined);
    const root = node && this.#root(node.input.at(-1) ?? '');
    if (root !== undefined) this.#keep(node);
    return root;
  }

  /** √(σ² + ε) (1) */
  #root(name: string): Omit<Slope, 'scale'> | undefined {
    const power = this.#made(name, 'Pow');
    if (power !== undefined) return this.#number(power.input[1]) === 0.5 ? this.#kept(power, 0) : undefined;
    const root = this.#made(name, 'Sqrt');
    return root && this.#kept(root, 0);
  }

  /** What is under a node's input: σ² + ε. */
  #kept(node: NodeProto, index: number): Omit<Slope, 'scale'> | undefined {
    const sum = this.#made(nameAt(node.input, index), 'Add');
    for (const [name = '', other = ''] of sum === undefined ? [] : bothWays(sum)) {
      const epsilon = this.#number(other);
      const variance = epsilon === undefined ? undefined : this.#stored(name);
      if (variance === undefined || epsilon === undefined) continue;
      this.#keep(node, sum);
      return { variance, epsilon };
    }
    return undefined;
  }

  #keep(...nodes: readonly (NodeProto | undefined)[]): void {
    for (const node of nodes) if (node !== undefined) this.nodes.add(node);
  }

  /** What makes a value, if it is that operator. */
  #made(name: string, operator: string): NodeProto | undefined {
    const node = this.#scope.producers.get(name);
    return node !== undefined && isOperator(node, operator) ? node : undefined;
  }

  /** The same on the way from x to the result. (3) */
  #between(name: string, operator: string): NodeProto | undefined {
    return this.#context.uses.get(name) === 1 ? this.#made(name, operator) : undefined;
  }

  /** A vector of the file. (2) */
  #stored(name: string): Stored | undefined {
    const { model, evaluated } = this.#context;
    const tensor = constantOf(this.#scope, name, model.home.open, evaluated);
    if (tensor === undefined || elementCount(tensor) < 2) return undefined;
    let at = name;
    for (let node = this.#scope.producers.get(at); node !== undefined; node = this.#scope.producers.get(at)) {
      if (node.opType === 'Constant') break;
      this.nodes.add(node);
      at = nameAt(node.input, 0);
    }
    return { name: at, tensor };
  }

  #number(name: string | undefined): number | undefined {
    const { model, evaluated } = this.#context;
    const tensor = constantOf(this.#scope, name ?? '', model.home.open, evaluated, 1);
    return tensor !== undefined && elementCount(tensor) === 1 ? valuesOf(tensor, model.home.open)[0] : undefined;
  }
}

function isOperator({ opType, domain, input }: NodeProto, operator: string): boolean {
  return opType === operator && normalDomain(domain) === '' && input.length === (UNARY.has(operator) ? 1 : 2);
}

const UNARY = new Set(['Sqrt', 'Reciprocal']);

function bothWays({ input: [a = '', b = ''] }: NodeProto): [string, string][] {
  return [
    [a, b],
    [b, a],
  ];
}
