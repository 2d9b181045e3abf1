import { expect } from 'chai';
import { makeAttribute } from '../../../src/onnx/attributes.ts';
import { col2Im } from '../../../src/operators/conv/col2im.ts';
import { BATCH, CHANNELS, SETTINGS, upTo, windowsOf } from '../support/windows.ts';
import { Written } from '../support/written.ts';

const attributesOf = (all: Readonly<Record<string, readonly number[]>>) =>
  Object.entries(all).map(([name, ints]) => makeAttribute(name, ints));

describe('operators/conv/col2im', () => {
  for (const setting of SETTINGS) {
    it(`gives each entry of a window what arrives at the place that it was added to: ${setting.title}`, async () => {
      const { large, kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] } = setting;
      const g = new Written(
        { input: ['x', 'image', 'block'], output: ['y'], attribute: attributesOf({ strides, dilations, pads }) },
        ['dy'],
      );
      const { small, seen } = windowsOf(setting, g);
      // The arriving gradient is the large map.
      g.net.node('Identity', ['large'], {}, { outputs: ['dy'] });
      g.state('y', [BATCH, CHANNELS, ...large]);
      g.state('block', [2], kernel);
      const places = small[0] * small[1];
      g.state('x', [BATCH, CHANNELS * kernel[0] * kernel[1], places]);
      const [dx] = 'rule' in col2Im ? col2Im.rule(g) : [];
      const expected = upTo(BATCH * CHANNELS).flatMap((plane) =>
        upTo(kernel[0]).flatMap((i) =>
          upTo(kernel[1]).flatMap((j) =>
            upTo(small[0]).flatMap((row) => upTo(small[1]).map((column) => seen(plane, i, j, row, column))),
          ),
        ),
      );
      const found = await g.run(dx as string);
      expect(found.dims.map(Number)).to.deep.equal([BATCH, CHANNELS * kernel[0] * kernel[1], places]);
      expect(found.values).to.deep.equal(expected);
    });
  }

  it('has no gradient to give if none arrives', () => {
    const g = new Written({ input: ['x', 'image', 'block'], output: ['y'] });
    expect('rule' in col2Im && col2Im.rule(g)).to.deep.equal([]);
  });
});
