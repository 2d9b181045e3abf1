import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { adjointCases, type Case, differenceCases, make } from '../support/cases.ts';

const x = { dims: [2, 3, 4, 5] };
/** Some positions lie outside of the picture. */
const positions = { dims: [2, 3, 2, 2], range: [-1.3, 1.3] as const };

const read = (mode: string, padding: string, corners: number, opset: number): Case => ({
  title: `${mode}, ${padding}${corners ? ', corners aligned' : ''}, opset ${opset}`,
  op: 'GridSample',
  inputs: [x, positions],
  attributes: { mode, padding_mode: padding, align_corners: corners },
  opset,
});

const ALL = ['zeros', 'border'].flatMap((padding) => [0, 1].map((corners) => [padding, corners] as const));

describe('operators/resize: GridSample', () => {
  // Linear in the picture.
  adjointCases(
    ALL.flatMap(([padding, corners]) => [
      { ...read('bilinear', padding, corners, 16), wrt: [0] },
      { ...read('linear', padding, corners, 20), wrt: [0] },
      { ...read('nearest', padding, corners, 20), wrt: [0] },
    ]),
  );
  differenceCases(ALL.map(([padding, corners]) => ({ ...read('linear', padding, corners, 20), wrt: [1] })));
  adjointCases([{ title: 'by default', op: 'GridSample', inputs: [x, positions], opset: 20, wrt: [0] }]);

  for (const [mode, padding, reason] of [
    ['cubic', 'zeros', 'its mode is cubic; linear and nearest have a gradient'],
    ['linear', 'reflection', 'its padding_mode is reflection; zeros and border have a gradient'],
  ] as const) {
    it(`refuses ${mode} with ${padding} with its reason`, async () => {
      const { model, wrt } = make(read(mode, padding, 0, 20));
      const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
      expect(error).to.have.property('code', 'unsupported-model');
      expect(String(error)).to.include(reason);
    });
  }

  it('refuses volumes with the reason', async () => {
    const { model, wrt } = make({
      title: 'a volume',
      op: 'GridSample',
      inputs: [{ dims: [1, 2, 3, 4, 5] }, { dims: [1, 2, 2, 2, 3] }],
      opset: 20,
      wrt: [0],
    });
    const error = await gradientOf(model, { wrt }).catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'unsupported-model');
    expect(String(error)).to.include('it reads a volume of 3 axes; pictures have a gradient');
  });
});
