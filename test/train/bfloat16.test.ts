import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { finetune } from '../../src/jobs/finetune.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';
import { labelledPictures } from '../support/training.ts';

/** A classifier whose norm, or all of it, is bfloat16. */
function classifier(isWhole: boolean): Model {
  const to = (type: DataType) => ({ to: type });
  const net = new Net({ opset: 22, type: DataType.BFLOAT16 });
  const type = isWhole ? DataType.BFLOAT16 : DataType.FLOAT;
  const x = net.input('x', ['N', 3, 8, 8], type);
  const map = net.bn(isWhole ? x : net.node('Cast', [x], to(DataType.BFLOAT16)), 3);
  const row = net.node('Flatten', [net.node('GlobalAveragePool', [isWhole ? map : net.node('Cast', [map], to(type))])]);
  net.node('Softmax', [row], { axis: 1 }, { outputs: ['p'] });
  return net.output('p', ['N', 3], type).model();
}

describe('train/withoutBfloat16', () => {
  it('says that a file of bfloat16 can’t be run, and which one to train', async () => {
    const options = { task: 'classify', held: labelledPictures(4, 2), epochs: 1, rate: 0.01 } as const;
    for (const [isWhole, what] of [
      [true, /^its input "x" is bfloat16, and ONNX Runtime can't run that here$/],
      [false, /^it computes with bfloat16 \(ONNX Runtime does not load .*\), and ONNX Runtime can't run that here$/],
    ] as const) {
      const { code, message, remedy } = await rejection(finetune(classifier(isWhole), labelledPictures(4, 1), options));
      expect(code).to.equal('unsupported-model');
      expect(message).to.match(what);
      expect(remedy).to.match(/^Export the model in float32, from PyTorch behind model\.float\(\)/);
    }
  });
});
