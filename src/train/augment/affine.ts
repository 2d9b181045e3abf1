/** x′ = xx·x + xy·y + x0, y′ = yx·x + yy·y + y0: from where something is to where it goes, in pixels whose middles are at ½. */

export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

export const IDENTITY: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };

/** First one, then the other. */
export function after(first: Affine, then: Affine): Affine {
  return {
    xx: then.xx * first.xx + then.xy * first.yx,
    xy: then.xx * first.xy + then.xy * first.yy,
    x0: then.xx * first.x0 + then.xy * first.y0 + then.x0,
    yx: then.yx * first.xx + then.yy * first.yx,
    yy: then.yx * first.xy + then.yy * first.yy,
    y0: then.yx * first.x0 + then.yy * first.y0 + then.y0,
  };
}

/** The way back. */
export function inverse({ xx, xy, x0, yx, yy, y0 }: Affine): Affine {
  const determinant = xx * yy - xy * yx;
  const back = { xx: yy / determinant, xy: -xy / determinant, yx: -yx / determinant, yy: xx / determinant };
  return { ...back, x0: -(back.xx * x0 + back.xy * y0), y0: -(back.yx * x0 + back.yy * y0) };
}

/** A linear map about the middle of a picture. */
export function aboutMiddle(linear: Pick<Affine, 'xx' | 'xy' | 'yx' | 'yy'>, { height, width }: Size): Affine {
  const [x, y] = [width / 2, height / 2];
  return {
    ...linear,
    x0: x - linear.xx * x - linear.xy * y,
    y0: y - linear.yx * x - linear.yy * y,
  };
}
