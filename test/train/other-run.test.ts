import { expect } from 'chai';
import { otherwise } from '../../src/train/other-run.ts';

describe('train/other-run', () => {
  it('says what the interrupted run had in the words of the command line, and nothing of what is equal', () => {
    const before = {
      model: '1',
      samples: 'a',
      rate: 1e-3,
      weightDecay: 0.01,
      train: ['all'],
      seed: 0,
      images: { fit: 'cover' },
    };
    expect(otherwise(before, { ...before })).to.deep.equal([]);
    const now = {
      ...before,
      rate: 'auto',
      weightDecay: 0,
      train: ['norms'],
      augment: 'flip',
      images: { channelOrder: 'bgr' },
    };
    expect(otherwise(before, now)).to.deep.equal([
      '--lr 0.001',
      '--weight-decay 0.01',
      'another --train',
      '--fit cover',
      'no --channel-order',
      'no --augment',
    ]);
  });

  it('calls files and samples by what they are', () => {
    const key = { model: '1', lossFile: '1', samples: '1', heldOut: '1', labels: '1' };
    const other = { model: '2', lossFile: '2', samples: '2', heldOut: '2', labels: '2' };
    expect(otherwise(key, other)).to.deep.equal(['another model', 'another loss file', 'other samples']);
    expect(otherwise(key, { ...key, heldOut: '2', labels: '2' })).to.deep.equal(['other held-out samples']);
    expect(otherwise(key, { ...key, labels: '2' })).to.deep.equal(['other labels']);
  });

  it('names an option once that is two things inside', () => {
    expect(otherwise({ losses: ['l1'] }, { lossModel: 'loss.onnx' })).to.deep.equal(['another --loss']);
    expect(otherwise({ lossModel: 'a.onnx' }, { losses: ['l1'] })).to.deep.equal(['--loss a.onnx']);
  });
});
