/** What the caller says of a detector; whatever is absent is found. */
import type { TaskOptions } from '../../measure/tasks/types.ts';
import type { Model } from '../../onnx/model.ts';

/** Which anchors a detector has whose file holds none of them. */
export interface AnchorLayout {
  /** Of each grid, pixels between cells. */
  readonly strides: readonly number[];
  /** Of each grid, width and height in pixels of the boxes of a cell. */
  readonly sizes: readonly (readonly (readonly [number, number])[])[];
  /** Where in its cell an anchor stands, from 0 to 1; of each grid, if they differ. 0.5. */
  readonly offset?: number | readonly number[] | undefined;
  /** What the four offsets are multiplied by: 0.1, 0.1, 0.2, 0.2 in SSD. 1 each. */
  readonly variances?: readonly number[] | undefined;
}

/** How outputs are to be read. */
export interface DetectorOptions extends TaskOptions {
  /** Of detectors whose boxes are offsets to anchors that the file does not hold. */
  readonly anchors?: AnchorLayout | undefined;
}

/** The model before training, whose classes are to be kept, with their names if its file gives none. */
export interface Keep {
  readonly source: Model;
  readonly classes?: readonly string[] | undefined;
}
