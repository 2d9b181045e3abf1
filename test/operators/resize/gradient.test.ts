import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { AttributeType } from '../../../src/onnx/attributes.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { create } from '../../../src/onnx/schema.ts';
import { rejection } from '../../support/errors.ts';
import { adjointCases, type Case, make } from '../support/cases.ts';

const float = DataType.FLOAT;

function byScales(
  title: string,
  dims: readonly number[],
  scales: readonly number[],
  attributes: Case['attributes'] = {},
  opset = 18,
): Case {
  const roi = opset < 13 ? { dims: [0], values: [], constant: true, type: float } : undefined;
  const inputs = [{ dims }, roi, { dims: [scales.length], values: scales, constant: true, type: float }];
  return { title, op: 'Resize', inputs, attributes, opset };
}

function bySizes(
  title: string,
  dims: readonly number[],
  sizes: readonly number[],
  attributes: Case['attributes'] = {},
): Case {
  const to = { dims: [sizes.length], values: sizes, constant: true, type: DataType.INT64 };
  return { title, op: 'Resize', inputs: [{ dims }, undefined, undefined, to], attributes };
}

const x = [2, 3, 5, 6];

describe('operators/resize: refusals', () => {
  const sizes = { dims: [4], values: [2, 3, 4, 5], constant: true, type: DataType.INT64 };
  const refused: readonly (readonly [it: Case, reason: string])[] = [
    [
      bySizes('sizes of which one follows from the other', x, [2, 3, 10, 10], {
        mode: 'linear',
        keep_aspect_ratio_policy: 'not_larger',
      }),
      'it keeps the aspect ratio (keep_aspect_ratio_policy)',
    ],
    [
      {
        title: 'a region that is computed in the run',
        op: 'Resize',
        inputs: [{ dims: x }, { dims: [8], values: [0, 0, 0.2, 0.1, 1, 1, 0.8, 0.9] }, undefined, sizes],
        attributes: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
        wrt: [0],
      },
      'its region of interest is not a constant',
    ],
  ];
  for (const [it_, reason] of refused) {
    it(`${it_.title} are refused with the reason`, async () => {
      const { model, wrt } = make(it_);
      const error = await rejection(gradientOf(model, { wrt }));
      expect(error.code).to.equal('unsupported-model');
      expect(error.message).to.include(reason);
    });
  }
});

describe('operators/resize: gradients', () => {
  for (const mode of ['nearest', 'linear', 'cubic']) {
    for (const coordinates of ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric']) {
      const attributes = { mode, coordinate_transformation_mode: coordinates };
      const dims = mode === 'cubic' ? [1, 1, 5, 6] : x;
      adjointCases([
        byScales(`${mode}, ${coordinates}, twice as large`, dims, [1, 1, 2, 2], attributes),
        byScales(`${mode}, ${coordinates}, smaller`, dims, [1, 1, 0.6, 0.5], attributes),
        bySizes(`${mode}, ${coordinates}, by sizes`, dims, [...dims.slice(0, 2), 7, 9], attributes),
      ]);
    }
  }
  for (const nearest_mode of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) {
    adjointCases([
      byScales(`nearest, ${nearest_mode}, asymmetric`, x, [1, 1, 2, 3], {
        nearest_mode,
        coordinate_transformation_mode: 'asymmetric',
      }),
      byScales(`nearest, ${nearest_mode}, half_pixel`, x, [1, 1, 3, 2], { nearest_mode }),
    ]);
  }
  adjointCases([
    byScales(
      'linear, half_pixel_symmetric',
      x,
      [1, 1, 1.3, 1.7],
      { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' },
      19,
    ),
    byScales('cubic, excluding what is outside', [1, 1, 5, 6], [1, 1, 2, 1.5], { mode: 'cubic', exclude_outside: 1 }),
    byScales('cubic, another coefficient', [1, 1, 5, 6], [1, 1, 2, 1.5], {
      mode: 'cubic',
      cubic_coeff_a: { float: -0.5 },
    }),
    byScales('linear, antialias', x, [1, 1, 0.6, 0.5], { mode: 'linear', antialias: 1 }),
    byScales('linear, a matrix', [5, 6], [2, 1.5], { mode: 'linear' }),
    byScales('nearest, 1-D', [2, 3, 5], [1, 1, 2]),
    byScales('nearest, 3-D', [1, 2, 3, 4, 3], [1, 1, 2, 2, 2]),
    byScales('linear, 3-D', [1, 2, 3, 4, 3], [1, 1, 2, 1.5, 2], { mode: 'linear' }),
    byScales('nearest, only some axes', x, [2, 2], { axes: [2, 3] }),
    byScales('linear, only some axes', x, [2, 1.5], { axes: [2, 3], mode: 'linear' }),
    {
      title: 'linear, a region that is cropped',
      op: 'Resize',
      inputs: [
        { dims: x },
        { dims: [8], values: [0, 0, 0.2, 0.1, 1, 1, 0.8, 0.9], constant: true, type: float },
        undefined,
        { dims: [4], values: [2, 3, 4, 5], constant: true, type: DataType.INT64 },
      ],
      attributes: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
    },
    byScales('linear, axes from the end', x, [1.5, 2], { axes: [-1, -2], mode: 'linear' }),
    byScales('nearest, a matrix', [3, 4], [2, 3]),
    byScales('nearest, channels, too', [1, 2, 3, 4], [1, 2, 2, 2]),
    {
      title: 'linear, a region of some axes, other numbers beside it',
      op: 'Resize',
      inputs: [
        { dims: x },
        { dims: [4], values: [0.2, -0.3, 0.8, 1.2], constant: true, type: float },
        undefined,
        { dims: [2], values: [4, 5], constant: true, type: DataType.INT64 },
      ],
      attributes: {
        mode: 'linear',
        coordinate_transformation_mode: 'tf_crop_and_resize',
        axes: [2, 3],
        extrapolation_value: { float: 7 },
      },
    },
    byScales(
      'nearest, opset 11',
      x,
      [1, 1, 2, 2],
      { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
      11,
    ),
    {
      title: 'opset 10',
      op: 'Resize',
      inputs: [{ dims: x }, { dims: [4], values: [1, 1, 2, 2], constant: true, type: float }],
      attributes: { mode: 'linear' },
      opset: 10,
    },
    ...['nearest', 'linear'].map((mode) => ({
      title: `scales by an attribute, ${mode}, opset 7`,
      op: 'Upsample',
      inputs: [{ dims: x }],
      attributes: {
        mode,
        scales: create('AttributeProto', { name: 'scales', type: AttributeType.FLOATS, floats: [1, 1, 2, 3] }),
      },
      opset: 7,
    })),
    {
      title: 'no mode, opset 9',
      op: 'Upsample',
      inputs: [{ dims: x }, { dims: [4], values: [1, 1, 3, 2], constant: true, type: float }],
      opset: 9,
    },
    {
      title: 'opset 9',
      op: 'Upsample',
      inputs: [{ dims: x }, { dims: [4], values: [1, 1, 2, 2], constant: true, type: float }],
      attributes: { mode: 'nearest' },
      opset: 9,
    },
  ]);
});
