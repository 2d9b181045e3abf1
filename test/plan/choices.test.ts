import { expect } from 'chai';
import { GnSwapError } from '../../src/errors.ts';
import { choose, normFor, type PlanOptions } from '../../src/plan/choices.ts';
import { thrown } from '../support/errors.ts';

describe('plan/choices', () => {
  it('are group norm from running statistics in any of its forms, unless told otherwise', () => {
    const { norm, init, forms, ofFloat64 } = choose({}, 17);
    expect([norm.name, init.name]).to.deep.equal(['group', 'statistics']);
    expect(forms.map(({ name }) => name)).to.deep.equal([...norm.forms]);
    expect(ofFloat64).to.deep.equal(forms);
    expect(normFor()).to.equal(norm);
  });

  describe('throws invalid-arguments', () => {
    const cases: readonly [PlanOptions, string][] = [
      [{ to: 'batchnorm' }, 'there is no norm "batchnorm"'],
      [{ form: 'fast' }, 'there is no form "fast"'],
      [{ form: 'native-trainable' }, '--to group has no form native-trainable'],
      [{ init: 'zero' }, 'there is no init "zero"'],
      [{ groups: 0 }, '--groups is 0'],
      [{ groups: 2.5 }, '--groups is 2.5'],
      [{ groups: Number.NaN }, '--groups is NaN'],
      [{ channelsPerGroup: -1 }, '--channels-per-group is -1'],
      [{ to: 'instance', channelsPerGroup: 4 }, '--to instance has no choice of groups'],
      [{ to: 'layer', groups: 'paper' }, '--to layer has no choice of groups'],
      [{ groups: 2, channelsPerGroup: 4 }, 'both --groups and --channels-per-group are given'],
    ];
    for (const [options, message] of cases) {
      it(message, () => {
        const error = (() => {
          try {
            choose(options, 17);
          } catch (reason) {
            return reason;
          }
          return undefined;
        })();
        expect(error).to.be.instanceOf(GnSwapError).and.include({ code: 'invalid-arguments', message });
        expect((error as GnSwapError).remedy).to.match(/^(Choose|Use|Drop) /);
      });
    }
  });

  it('tells what a consumer reads', () => {
    expect(thrown(() => choose({ for: 'ort-training' }, 20)).code).to.equal('unsupported-model');
    expect(choose({ for: 'pytorch' }, 17).forms.map(({ name }) => name)).to.deep.equal(['instance-conv']);
  });
});
