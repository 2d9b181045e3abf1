/**
 * Tells a quantized model: its layers compute with integers of 8 bits or fewer, so a norm that was between them is in their scales, and
 * none can be put there without quantizing anew.
 *
 * - QDQ: weights come through DequantizeLinear, as onnxruntime.quantization, PyTorch and TensorRT write them.
 * - QOperator: QLinearConv, QLinearMatMul and their like.
 * - Dynamic: ConvInteger, MatMulInteger; activations are quantized as the model runs.
 */
import { viewOf } from '../graph/view.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Quantized } from './quantized-words.ts';

const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
const DYNAMIC = new Set(['ConvInteger', 'MatMulInteger', 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat']);
const LINEAR = new Set(['QLinearConv', 'QLinearMatMul', 'QLinearConvTranspose', 'QGemm', 'QLinearGemm']);
const DEQUANTIZE = 'DequantizeLinear';
/** What may stand between a weight and its DequantizeLinear. */
const PASSES = new Set(['Identity', 'Transpose', 'Reshape', 'Cast']);
const STEPS = 4;

/** Tells how a model is quantized; undefined if it is not, or only its activations are. */
export function quantizedOf(model: Model): Quantized | undefined {
  if (!mayBeQuantized(model)) return undefined;
  const counts = { QDQ: 0, QOperator: 0, dynamic: 0 };
  let layers = 0;
  for (const { graph, producers } of viewOf(model).scopes) {
    const madeBy = (value: string): NodeProto | undefined => {
      let node = producers.get(value);
      for (let step = 0; step < STEPS && node !== undefined && PASSES.has(node.opType); step++)
        node = producers.get(nameAt(node.input, 0));
      return node;
    };
    for (const { opType, domain, input } of graph.node) {
      if (DYNAMIC.has(opType)) counts.dynamic++;
      else if (LINEAR.has(opType)) counts.QOperator++;
      else if (LAYERS.has(opType) && normalDomain(domain) === '') {
        layers++;
        const weight = madeBy(nameAt(input, 1));
        // Of an activation a QuantizeLinear comes before it.
        const isWeight = weight?.opType === DEQUANTIZE && producers.get(nameAt(weight.input, 0)) === undefined;
        if (isWeight) counts.QDQ++;
      }
    }
  }
  const found = (['QDQ', 'QOperator', 'dynamic'] as const).reduce((a, b) => (counts[b] > counts[a] ? b : a));
  const all = counts.QDQ + counts.QOperator + counts.dynamic;
  return all === 0 ? undefined : { format: found, layers: all, of: layers + counts.QOperator + counts.dynamic };
}

/** Whether it has one of the operators: most models have none, and need not be asked about each of their layers. */
function mayBeQuantized(model: Model): boolean {
  const isOne = ({ opType }: NodeProto) => opType === DEQUANTIZE || DYNAMIC.has(opType) || LINEAR.has(opType);
  return viewOf(model).scopes.some(({ graph }) => graph.node.some(isOne));
}
