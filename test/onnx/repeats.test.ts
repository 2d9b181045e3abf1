import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { viewOf } from '../../src/graph/view.ts';
import { makeAttribute } from '../../src/onnx/attributes.ts';
import type { Mutable } from '../../src/onnx/messages.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { Repeats } from '../../src/onnx/repeats.ts';
import type { AttributeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A chain of so many Conv, all alike but for one, which has other pads. */
function chain(count: number, other: number): Model {
  const net = new Net({ opset: 17 });
  let x = net.input('x', [1, 1, 8, 8]);
  net.add(makeTensor('w', 1, [1, 1, 3, 3], new Array<number>(9).fill(0.1)));
  for (let index = 0; index < count; index++) {
    const pads = index === other ? [2, 2, 0, 0] : [1, 1, 1, 1];
    x = net.node('Conv', [x, 'w'], { kernel_shape: [3, 3], pads });
  }
  return net.output(x, [1, 1, 8, 8]).model();
}

describe('onnx/repeats', () => {
  it('gives one message for the same bytes, and none for others that fall on the same place', () => {
    const repeats = new Repeats(0);
    const kept = new Map<string, Mutable>();
    const spell = (index: number) => bytesOf(`attribute ${index}`);
    let found = 0;
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 600; index++) {
        const bytes = spell(index);
        const known = repeats.find(bytes, 0, bytes.length);
        if (known !== undefined) {
          found++;
          expect(known).to.equal(kept.get(`${index}`));
          continue;
        }
        const made = makeAttribute('axis', index) as object as Mutable;
        kept.set(`${index}`, made);
        repeats.keep(bytes, 0, bytes.length, made);
      }
    }
    const bytes = spell(599);
    expect(repeats.find(bytes, 0, bytes.length)).to.equal(kept.get('599'));
    expect(found).to.be.below(600);
  });

  it('keeps no tensor and no graph, nothing that is long, and nothing of the first ones', () => {
    const tensor = makeAttribute('value', makeTensor('t', 1, [], [1])) as object as Mutable;
    const number = makeAttribute('axis', 1) as object as Mutable;
    const cases = [
      { repeats: new Repeats(0), bytes: bytesOf('short'), message: tensor },
      { repeats: new Repeats(0), bytes: bytesOf('x'.repeat(97)), message: number },
      { repeats: new Repeats(2), bytes: bytesOf('short'), message: number },
    ];
    for (const { repeats, bytes, message } of cases) {
      expect(repeats.find(bytes, 0, bytes.length)).to.equal(undefined);
      repeats.keep(bytes, 0, bytes.length, message);
      expect(repeats.find(bytes, 0, bytes.length)).to.equal(undefined);
    }
    const repeats = new Repeats(0);
    const bytes = bytesOf('short');
    repeats.find(bytes, 0, bytes.length);
    repeats.keep(bytes, 0, bytes.length, number);
    expect(repeats.find(bytes, 0, bytes.length)).to.equal(number);
  });

  it('a large file has one message for each of its few attributes, and is written as it was', () => {
    const count = 3000;
    const bytes = writeModel(chain(count, 2900));
    const model = readModel(bytes);
    const attributes = model.proto.graph.node.map(({ attribute }) => attribute);
    const last = attributes.at(-1) as AttributeProto[];
    expect(attributes.at(-2)?.[1]).to.equal(last[1]);
    expect(new Set(attributes.slice(1500).flat()).size).to.equal(3);
    expect(attributes[2900]?.[1]?.ints.map(Number)).to.deep.equal([2, 2, 0, 0]);
    expect(last[1]?.ints.map(Number)).to.deep.equal([1, 1, 1, 1]);
    expect(Buffer.from(writeModel(model)).equals(Buffer.from(bytes))).to.equal(true);
    // What follows from them is that of each node.
    const { typeOf, scopes } = viewOf(model);
    const shapeOf = (index: number) => typeOf(scopes[0] as never, model.proto.graph.node[index]?.output[0] ?? '').shape;
    expect(shapeOf(count - 1)).to.deep.equal([1, 1, 8, 8]);
  });
});
