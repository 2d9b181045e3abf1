import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { withClassNames } from '../../src/measure/class-names.ts';
import { headClasses } from '../../src/measure/head-classes.ts';
import { yolov8 } from '../support/detectors.ts';
import { classifier, line } from '../support/training.ts';

describe('headClasses', () => {
  it('is the width of the row that a classifier answers, or the number of maps', () => {
    expect(headClasses(classifier(), 'classify')).to.equal(3);
    const net = new Net();
    net.conv(net.input('x', ['N', 3, 8, 8]), 3, 21, { options: { outputs: ['y'] } });
    const maps = net.output('y', ['N', 21, 8, 8]).model();
    expect(headClasses(maps, 'segment')).to.equal(21);
    expect(headClasses(maps, 'classify')).to.equal(undefined);
  });

  it('is the number of names that the file holds', () => {
    expect(headClasses(withClassNames(yolov8(2), ['cat', 'dog']), 'detect')).to.equal(2);
  });

  it('is not guessed: for numbers, without a shape, where outputs differ', () => {
    expect(headClasses(line(), 'regress')).to.equal(undefined);
    expect(headClasses(yolov8(2), 'detect')).to.equal(undefined);
    const net = new Net();
    const x = net.input('x', ['N', 4]);
    for (const [name, width] of [
      ['a', 2],
      ['b', 3],
    ] as const) {
      net.node('Gemm', [x, net.weight(`w${name}`, [4, width])], {}, { outputs: [name] });
      net.output(name, ['N', width]);
    }
    expect(headClasses(net.model(), 'classify')).to.equal(undefined);
    expect(headClasses(net.model(), 'classify', 'b')).to.equal(3);
  });
});
