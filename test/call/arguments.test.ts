import { expect } from 'chai';
import { callOptions, modelsAndMoments } from '../../src/call/arguments.ts';
import { thrown } from '../support/errors.ts';

/** What an argument is refused with, by the value that was typed. */
const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ['groups', 'many', /^--groups is "many"\. Use a positive whole number, auto or paper\.$/],
  ['groups', '1.5', /^--groups is "1\.5"/],
  ['groups', '-1', /^--groups is "-1"/],
  ['groups', '99999999999', /^--groups is "99999999999"/],
  ['channels-per-group', Number.NaN, /^--channels-per-group is not a number/],
  ['channels-per-group', Number.POSITIVE_INFINITY, /^--channels-per-group is not a number/],
  ['include', '(', /^--include is not a regular expression: .*Unterminated group\. Escape special characters/],
  ['exclude', ['a', '['], /^--exclude is not a regular expression/],
  ['seed', -1, /^--seed is -1\. Use a whole number from 0 to 4294967295\.$/],
  ['seed', 1.5, /^--seed is 1\.5/],
  ['seed', 2 ** 32, /^--seed is 4294967296/],
  ['seed', Number.NaN, /^--seed is not a number/],
  ['memory', 'lots', /^--memory is "lots"\. Use a size such as 500MB or 2GB\.$/],
  ['threads', 0, /^--threads is 0\. Use a whole number from 1 to 1024\.$/],
  ['threads', 1.5, /^--threads is 1\.5\. Use a whole number from 1 to 1024\.$/],
  ['memory', '0', /^--memory is "0"/],
  ['memory', '-1GB', /^--memory is "-1GB"/],
  ['memory', `${'9'.repeat(400)}GB`, /^--memory is "9+GB"/],
  ['max-drift', -0.1, /^--max-drift is -0\.1/],
  ['max-drift', Number.NaN, /^--max-drift is not a number/],
  ['samples', 0, /^--samples is 0/],
  ['samples', 1e9, /^--samples is 1000000000/],
  ['shard', '0/4', /^--shard is "0\/4"\. Use i\/n, such as 1\/4/],
  ['shard', '5/4', /^--shard is "5\/4"/],
  ['shard', 'x', /^--shard is "x"/],
  ['output', '', /^--output is empty\. Set a value, or drop it\.$/],
  ['seed', [1, 2], /^--seed is given more than once\. Set it once\.$/],
  ['size', '48x', /^--size is "48x"/],
  ['size', '99999', /^--size is "99999"/],
  ['mean', '0.5,x', /^--mean is "0\.5,x"/],
  ['std', '1,0', /^--std is not positive/],
  ['scale', '1/0', /^--scale is "1\/0"/],
];

describe('callOptions', () => {
  it('has defaults for all that was not given', () => {
    const { swap, ...call } = callOptions({});
    expect(call).to.deep.include({ output: undefined, inputs: undefined, calibrate: undefined, moments: [] });
    expect(call).to.include({ force: false, dryRun: false, verify: true, json: false, quiet: false, verbose: false });
    expect(swap).to.deep.include({ groups: undefined, include: [], exclude: [], strict: false, memory: undefined });
  });

  it('takes what was given', () => {
    const raw = { groups: '8', include: 'a', exclude: ['b', 'c'], seed: 4, 'max-drift': 0, strict: true, to: 'group' };
    const { swap } = callOptions(raw);
    expect(swap).to.include({ groups: 8, seed: 4, maxDrift: 0, strict: true, to: 'group' });
    expect(swap.include?.map(String)).to.deep.equal(['/a/u']);
    expect(swap.exclude?.map(String)).to.deep.equal(['/b/u', '/c/u']);
    expect(callOptions({ groups: 'paper' }).swap.groups).to.equal('paper');
    expect(callOptions({ 'no-verify': true, 'dry-run': true, output: 'o' })).to.include({
      verify: false,
      dryRun: true,
      output: 'o',
    });
  });

  it('reads sizes of memory in decimal units', () => {
    const sizes = ['1', '500MB', '2GB', '1.5 gb', '3k', '1TB'].map((memory) => callOptions({ memory }).swap.memory);
    expect(sizes).to.deep.equal([1, 5e8, 2e9, 1.5e9, 3000, 1e12]);
  });

  for (const [name, value, message] of REFUSED) {
    const shown = typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 30);
    it(`refuses --${name} ${shown}, by name and with a remedy`, () => {
      const needed = ['size', 'mean', 'std', 'scale'].includes(name) ? { calibrate: 'photos' } : {};
      const error = thrown(() => callOptions({ ...needed, [name]: value }));
      expect(error.code).to.equal('invalid-arguments');
      expect(error.describe()).to.match(message);
      expect(error.remedy).to.match(/\S/);
    });
  }

  it('refuses what contradicts itself', () => {
    for (const raw of [{ calibrate: 'x', init: 'copy' }, { size: '48' }, { calibrate: 'x', moments: ['y'] }]) {
      expect(thrown(() => callOptions(raw)).code).to.equal('invalid-arguments');
    }
  });
});

describe('modelsAndMoments', () => {
  it('takes every name for a model, but for .npz files behind --moments', () => {
    expect(modelsAndMoments({ models: ['a.onnx', 'b.npz'] })).to.deep.equal({
      models: ['a.onnx', 'b.npz'],
      moments: [],
    });
    expect(modelsAndMoments({ models: ['a.onnx', 'b.npz'], moments: ['c.npz'] })).to.deep.equal({
      models: ['a.onnx'],
      moments: ['b.npz'],
    });
    expect(modelsAndMoments({})).to.deep.equal({ models: [], moments: [] });
  });
});
