import { expect } from 'chai';
import { nextCommand } from '../../src/cli/next.ts';

describe('nextCommand', () => {
  it('adds what is missing behind what was typed', () => {
    const next = nextCommand(['m.onnx', '--json'], { set: { sites: 'folded', calibrate: 'DIR' } });
    expect(next).to.equal('gn-swap m.onnx --json --sites folded --calibrate DIR');
  });

  it('sets an option that was typed in its place, whichever way it was spelled, and never gives it twice', () => {
    const set = { to: 'frozen' };
    expect(nextCommand(['--to', 'group', 'm.onnx'], { set })).to.equal('gn-swap --to frozen m.onnx');
    expect(nextCommand(['--to=group', 'm.onnx', '--to', 'layer'], { set })).to.equal('gn-swap --to frozen m.onnx');
    expect(nextCommand(['m.onnx', '-o', 'a.onnx'], { set: { output: 'out/' } })).to.equal(
      'gn-swap m.onnx --output out/',
    );
  });

  it('keeps the folder that was typed where a remedy can only say DIR', () => {
    const set = { sites: 'folded', calibrate: 'DIR' };
    const next = 'gn-swap m.onnx --calibrate photos/ --sites folded';
    expect(nextCommand(['m.onnx', '--calibrate', 'photos/'], { set })).to.equal(next);
    expect(nextCommand(['m.onnx', '--calibrate=photos/'], { set })).to.equal(
      'gn-swap m.onnx --calibrate=photos/ --sites folded',
    );
  });

  it('drops options with their values, and flags without what stands behind them', () => {
    expect(nextCommand(['--groups', '4', 'm.onnx'], { drop: ['groups'] })).to.equal('gn-swap m.onnx');
    expect(nextCommand(['--fold', 'm.onnx'], { drop: ['fold'] })).to.equal('gn-swap m.onnx');
    expect(nextCommand(['m.onnx', '--seed=1'], { drop: ['seed'] })).to.equal('gn-swap m.onnx');
  });

  it('corrects a word, and spares the same word as a value', () => {
    const replace = { inspct: 'inspect', '--grops': '--groups' };
    expect(nextCommand(['inspct', 'm.onnx', '--grops=8'], { replace })).to.equal('gn-swap inspect m.onnx --groups=8');
    expect(nextCommand(['m.onnx', '--output', 'inspct'], { replace })).to.equal('gn-swap m.onnx --output inspct');
  });

  it('corrects a path wherever it stands', () => {
    const paths = { 'mdoel.onnx': 'model.onnx', phtos: 'photos' };
    const typed = ['mdoel.onnx', '--calibrate', 'phtos', '--inputs=phtos', '-o', 'o.onnx', '--', 'mdoel.onnx'];
    expect(nextCommand(typed, { paths })).to.equal(
      'gn-swap model.onnx --calibrate photos --inputs=photos -o o.onnx -- model.onnx',
    );
  });

  it('leaves files behind -- at the end, where options would be files too', () => {
    const set = { force: '', output: 'a.onnx' };
    expect(nextCommand(['--', '-x.onnx'], { set })).to.equal('gn-swap --force --output a.onnx -- -x.onnx');
    expect(nextCommand(['check', '--json', '--', '--force', 'y.onnx'], { set: { force: '' } })).to.equal(
      'gn-swap check --json --force -- --force y.onnx',
    );
    expect(nextCommand(['--groups', '4', '--', '--groups'], { drop: ['groups'] })).to.equal('gn-swap -- --groups');
  });

  it('is quoted for a shell', () => {
    expect(nextCommand(['my model.onnx'], { set: { force: '' } })).to.equal("gn-swap 'my model.onnx' --force");
  });
});
