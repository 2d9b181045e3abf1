/** What a host decodes pictures to. */

/** Of a picture, in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

/** What a picture is made into: `fill` stretches, `contain` pads with black, `cover` crops. */
export interface Wanted {
  readonly channels: 1 | 3;
  /** The picture's own if undefined. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  readonly fit: 'fill' | 'contain' | 'cover';
}

/** Bytes in rows, channel by channel for each pixel. */
export interface Pixels extends PictureSize {
  readonly data: ArrayLike<number>;
}
