import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { describePictures, imageInput } from '../../src/inputs/images.ts';
import { scalesItself } from '../../src/inputs/scales-itself.ts';

type Step = readonly [op: string, numbers: readonly number[], constantFirst?: boolean];

/** x → steps → Conv → y; a vector has one number a channel. */
function model(steps: readonly Step[], between: (net: Net, x: string) => string = (_, x) => x) {
  const net = new Net();
  let x = net.input('x', [1, 3, 8, 8]);
  for (const [op, numbers, constantFirst] of steps) {
    const c = net.weight(`c${net.initializers.length}`, numbers.length === 1 ? [] : [1, 3, 1, 1], numbers);
    x = net.node(op, constantFirst ? [c, x] : [x, c]);
  }
  net.output(net.conv(between(net, x), 3, 4));
  return net.model();
}

const MEAN = [123.675, 116.28, 103.53];

describe('scalesItself', () => {
  const BYTES: readonly (readonly [string, readonly Step[]])[] = [
    ['Div by 255', [['Div', [255]]]],
    [
      'Mul by 1/127.5, then Sub of 1',
      [
        ['Mul', [1 / 127.5]],
        ['Sub', [1]],
      ],
    ],
    [
      'Div by 255, then ImageNet’s mean and std',
      [
        ['Div', [255]],
        ['Sub', [0.485, 0.456, 0.406]],
        ['Div', [0.229, 0.224, 0.225]],
      ],
    ],
    [
      'a factor and a summand a channel',
      [
        ['Mul', [0.0142, 0.0188, 0.0146], true],
        ['Add', [-3.8, -1.58, -0.88]],
      ],
    ],
    ['a mean of bytes alone, as Caffe has it', [['Sub', MEAN]]],
    ['the mean added with the other sign', [['Add', MEAN.map((it) => -it)]]],
    [
      '127.5 − x',
      [
        ['Sub', [127.5], true],
        ['Div', [127.5]],
      ],
    ],
  ];
  for (const [name, steps] of BYTES) {
    it(`is so with ${name}`, () => {
      expect(scalesItself(model(steps), 'x')).to.equal(true);
    });
  }

  const UNIT: readonly (readonly [string, readonly Step[]])[] = [
    ['nothing before the first layer', []],
    [
      'ImageNet’s mean and std',
      [
        ['Sub', [0.485, 0.456, 0.406]],
        ['Div', [0.229, 0.224, 0.225]],
      ],
    ],
    [
      '2 x − 1',
      [
        ['Mul', [2]],
        ['Sub', [1]],
      ],
    ],
    [
      'a factor that undoes another',
      [
        ['Mul', [255]],
        ['Div', [255]],
      ],
    ],
    ['bytes in one channel only', [['Mul', [1 / 255, 1, 1]]]],
    ['a constant that is divided', [['Div', [255], true]]],
    ['a factor of 0', [['Mul', [0]]]],
  ];
  for (const [name, steps] of UNIT) {
    it(`is not so with ${name}`, () => {
      expect(scalesItself(model(steps), 'x')).to.equal(false);
    });
  }

  it('looks past what only lays numbers out, and at nothing behind a layer', () => {
    const net = new Net();
    const turned = net.node('Transpose', [net.input('x', [1, 8, 8, 3])], { perm: [0, 3, 1, 2] });
    net.output(net.conv(net.node('Div', [turned, net.weight('c', [], [255])]), 3, 4));
    expect(scalesItself(net.model(), 'x')).to.equal(true);
    const behind = (it: Net, x: string) => it.node('Div', [it.relu(x), it.weight('d', [], [255])]);
    expect(scalesItself(model([], behind), 'x')).to.equal(false);
  });
});

describe('imageInput, of a model that scales bytes itself', () => {
  const itself = model([['Div', [255]]]);

  it('feeds bytes, and says why', () => {
    expect(imageInput(itself)).to.include({ scale: 1, scalesItself: true });
    expect(describePictures(imageInput(itself))).to.equal('8×8 (stretched), rgb, bytes, which the model scales itself');
  });

  it('does as it is told', () => {
    expect(imageInput(itself, { scale: 1 / 255 }))
      .to.include({ scale: 1 / 255 })
      .and.not.have.property('scalesItself');
    expect(imageInput(itself, { mean: [0.5] }).scale).to.equal(1 / 255);
    expect(imageInput(itself, { std: [0.5] }).scale).to.equal(1 / 255);
    expect(imageInput(model([])).scale).to.equal(1 / 255);
  });
});
