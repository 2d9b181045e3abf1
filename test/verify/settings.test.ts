import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import type { Model } from '../../src/onnx/model.ts';
import { isLarge, isTimed, runSettings, settingsFor } from '../../src/verify/settings.ts';
import { countedHome } from '../support/home.ts';
import { modelOf } from '../support/swapped.ts';

describe('verify/settings', () => {
  const small = modelOf(fixtureNamed('opset-17'));
  const large: Model = { ...small, home: countedHome(true) };

  it('leaves out what a large model has no room for, whichever of the two it is', () => {
    expect(isLarge({ source: small, written: small })).to.equal(false);
    for (const models of [
      { source: large, written: small },
      { source: small, written: large },
    ]) {
      expect(isLarge(models)).to.equal(true);
      expect(settingsFor(models)).to.deep.equal({ optimize: false, keepMemory: false });
    }
    expect(settingsFor({ source: small, written: small })).to.deep.equal({});
  });

  it('lets threads sleep where both are timed, unless a report times them at length', () => {
    const models = { source: small, written: small };
    const observe = { source: small, plan: {} as never, bytes: 0 };
    expect(runSettings({ ...models, time: true })).to.deep.equal({ spin: false });
    expect(runSettings({ source: large, written: small, time: true })).to.deep.equal({
      optimize: false,
      keepMemory: false,
      spin: false,
    });
    for (const it of [{}, { time: false }, { time: true, observe }]) {
      expect(isTimed(it)).to.equal(false);
      expect(runSettings({ ...models, ...it })).to.deep.equal({});
    }
  });
});
