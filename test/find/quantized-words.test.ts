import { expect } from 'chai';
import { quantizedWords, UNQUANTIZE } from '../../src/find/quantized-words.ts';

describe('find/quantized-words', () => {
  it('says how a file is quantized and how much of it, as the formats are called', () => {
    const words = (format: 'QDQ' | 'QOperator' | 'dynamic') => quantizedWords({ format, layers: 52, of: 54 });
    expect(words('QDQ')).to.equal(
      'the file is quantized (INT8, QDQ): 52 of 54 layers have integer weights, and their norms are in the scales',
    );
    expect(words('QOperator')).to.include('(INT8, QOperator)');
    expect(words('dynamic')).to.include('(INT8, dynamically)');
  });

  it('ends without a full stop, so that a remedy can follow', () => {
    for (const text of [quantizedWords({ format: 'QDQ', layers: 1, of: 1 }), UNQUANTIZE])
      expect(text).to.match(/[a-z]$/);
    expect(UNQUANTIZE).to.include('float model');
  });
});
