import { adjointCases } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';
import { places, x } from '../support/places.ts';

describe('operators/index: gradients of running sums and order', () => {
  const axis = (value: number) => places([], [value]);
  adjointCases([
    ...[0, 1, 2, -1].map((at) => ({ title: `axis ${at}`, op: 'CumSum', inputs: [x, axis(at)] })),
    ...[{ exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }].map((attributes) => ({
      title: Object.keys(attributes).join(' and '),
      op: 'CumSum',
      inputs: [x, axis(1)],
      attributes,
    })),
    ...opsetsFrom(11, 14).map((opset) => ({ title: `opset ${opset}`, op: 'CumSum', inputs: [x, axis(0)], opset })),
    ...[0, 1].flatMap((upper) =>
      [0, 1, -1].map((k) => ({
        title: `upper ${upper}, diagonal ${k}`,
        op: 'Trilu',
        inputs: [x, places([], [k])],
        attributes: { upper },
      })),
    ),
    { title: 'by default', op: 'Trilu', inputs: [x], opset: 14 },
    { title: 'time first', op: 'ReverseSequence', inputs: [x, places([3], [4, 1, 2])] },
    {
      title: 'batch first',
      op: 'ReverseSequence',
      inputs: [x, places([4], [3, 1, 2, 2])],
      attributes: { batch_axis: 0, time_axis: 1 },
    },
  ]);
});
