import { expect } from 'chai';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { changeLines, changeRows, operatorCounts } from '../../src/report/change.ts';

const census = (operators: Record<string, number>, parameters: number) => ({
  operators: new Map(Object.entries(operators)),
  nodes: Object.values(operators).reduce((sum, count) => sum + count, 0),
  parameters,
});

const outcome: Outcome = {
  file: 'model.onnx',
  command: 'swap',
  timings: {},
  model: { irVersion: 8, opset: 17, producer: '', bytes: 1200 },
  change: {
    before: census({ BatchNormalization: 2, Conv: 3, '\u001b[2J': 1 }, 1234567),
    after: census({ Conv: 3, Add: 2, Reshape: 4 }, 1234500),
  },
};

describe('changeLines', () => {
  it('shows operators whose number changed, and what the whole has', () => {
    expect(changeLines({ ...outcome, outputBytes: 1500 })).to.deep.equal([
      'operator               before      after',
      '\\u{1b}[2J                   1          –',
      'Add                         –          2',
      'BatchNormalization          2          –',
      'Reshape                     –          4',
      'all nodes                   6          9',
      'parameters          1,234,567  1,234,500',
      '.onnx file             1.2 kB     1.5 kB',
    ]);
  });

  it('says nothing of bytes if nothing was written, and nothing at all if nothing was rewritten', () => {
    expect(changeRows(outcome).map(([what]) => what)).not.to.include('.onnx file');
    const { change: _, ...looked } = outcome;
    expect([changeLines(looked), operatorCounts(looked)]).to.deep.equal([[], []]);
  });
});

describe('operatorCounts', () => {
  it('lists all operators of both models, those that stayed too', () => {
    expect(operatorCounts(outcome)).to.deep.include.members([
      { operator: 'Conv', before: 3, after: 3 },
      { operator: 'BatchNormalization', before: 2, after: 0 },
      { operator: 'Add', before: 0, after: 2 },
    ]);
  });
});
