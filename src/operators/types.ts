/** What each operator makes of the types of its inputs: one file a family. */
import { normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { ValueType } from '../onnx/value-type.ts';
import { TYPES as constant } from './constant/types.ts';
import { TYPES as conv } from './conv/types.ts';
import { TYPES as elementwise } from './elementwise/types.ts';
import { TYPES as index } from './index/types.ts';
import { TYPES as matmul } from './matmul/types.ts';
import { TYPES as normalization } from './normalization/types.ts';
import { TYPES as pool } from './pool/types.ts';
import { TYPES as recurrent } from './recurrent/types.ts';
import { TYPES as reduce } from './reduce/types.ts';
import { TYPES as reshape } from './reshape/types.ts';
import { TYPES as sample } from './sample/types.ts';
import { TYPES as softmax } from './softmax/types.ts';
import type { Inputs, TypeRule } from './type-rule.ts';

const RULES: ReadonlyMap<string, TypeRule> = new Map(
  Object.entries({
    ...constant,
    ...conv,
    ...elementwise,
    ...index,
    ...matmul,
    ...normalization,
    ...pool,
    ...recurrent,
    ...reduce,
    ...reshape,
    ...sample,
    ...softmax,
  }),
);

/** Types of a node's outputs, as far as they follow from its inputs. May say what no tensor can be, if the file does. */
export function inferNode(node: NodeProto, inputs: Inputs): ValueType[] {
  if (normalDomain(node.domain) !== '') return [];
  return RULES.get(node.opType)?.(node, inputs) ?? [];
}
