import { expect } from 'chai';
import { alikeClasses } from '../../src/train/alike-classes.ts';

describe('train/alike-classes', () => {
  it('names classes that differ in capital letters, spaces, dashes and underscores alone', () => {
    expect(alikeClasses(['dog', 'cat', 'Dog', 'traffic light', 'traffic_light', 'Traffic-Light'])).to.deep.equal([
      '"dog" and "Dog" are learned as different classes; if they are one, give them one name',
      '"traffic light" and "traffic_light" and "Traffic-Light" are learned as different classes; if they are one, give them one name',
    ]);
  });

  it('says nothing of others, or where there are no classes', () => {
    expect(alikeClasses(['cat', 'cats', 'a-1', 'a-2', '10', '1 0'])).to.deep.equal([]);
    expect(alikeClasses(undefined)).to.deep.equal([]);
  });
});
