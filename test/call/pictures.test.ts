import { expect } from 'chai';
import { picturesFor } from '../../src/call/pictures.ts';

describe('pictures of a training run', () => {
  it('keep their shape to train a detector, unless they are to be stretched', () => {
    expect(picturesFor('detect', {}).fit).to.equal('contain');
    expect(picturesFor('detect', { fit: 'stretch' }).fit).to.equal('stretch');
    expect(picturesFor('detect', { fit: 'cover' })).to.deep.equal({ fit: 'cover', squares: true });
  });

  it('are laid out as they were told for all other tasks', () => {
    const images = { scale: 1 };
    expect(picturesFor('classify', images)).to.equal(images);
    expect(picturesFor('segment', images)).to.equal(images);
  });
});
