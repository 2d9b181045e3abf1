import { expect } from 'chai';
import { fewerClasses } from '../../../src/train/tasks/fewer-classes.ts';

describe('train/tasks/fewer-classes', () => {
  it('names the output, the numbers and the classes that are taken for its first ones', () => {
    const [note, ...others] = fewerClasses('logits', ['cat', 'dog'], 1000);
    expect(others).to.deep.equal([]);
    expect(note).to.match(
      /^logits has 1000 classes, and the data 2: cat, dog are taken for its first ones, in this order\./,
    );
    expect(note).to.include('--old-classes none');
  });

  it('says nothing where there is nothing to mistake', () => {
    expect(fewerClasses('y', ['cat', 'dog'], 2)).to.deep.equal([]);
    expect(fewerClasses('y', ['a', 'b', 'c'], 2)).to.deep.equal([]);
    expect(fewerClasses('y', [], 2)).to.deep.equal([]);
    // Folders that are called 0 and 1 are positions; 1 and 2 are names.
    expect(fewerClasses('y', ['0', '1'], 5)).to.deep.equal([]);
    expect(fewerClasses('y', ['1', '2'], 5)).to.have.length(1);
  });
});
