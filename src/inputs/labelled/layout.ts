/** The shape that all layouts of data have. */
import type { GnSwapError } from '../../errors.ts';
import type { Model } from '../../onnx/model.ts';
import type { ImageInput, PictureSize } from '../images.ts';
import type { Reader } from '../reader.ts';
import type { DataFile, Folder } from './folder.ts';
import type { LabelledOptions } from './options.ts';
import type { Example } from './types.ts';

/** A sample with its label, which is loaded when a step wants it. */
export interface LabelledSample {
  readonly file: DataFile;
  /** Position in the file, if it holds several. */
  readonly row?: number;
  readonly stratum: number;
  readonly key: string;
  load(): Promise<Example>;
}

/** What a layout works with. */
export interface LayoutContext {
  readonly folder: Folder;
  readonly model: Model;
  readonly options: LabelledOptions;
  readonly reader: Reader;
  /** How pictures become the input; throws if the model takes none. */
  image(): ImageInput;
  /** Size of a picture; undefined if it cannot be read. */
  peek(file: DataFile): Promise<PictureSize | undefined>;
  /** Size of a picture; undefined if it cannot be read, which is noted then. */
  look(file: DataFile): Promise<PictureSize | undefined>;
  /** Notes bytes of arrays that stay in memory. */
  hold(bytes: number): void;
  /** Notes a file that is left out. */
  skip(file: DataFile, reason: GnSwapError | string): void;
}

/** What a layout makes of a folder. */
export interface LayoutResult {
  readonly samples: readonly LabelledSample[];
  /** Names of the classes; absent if the labels are not classes. */
  readonly classes?: readonly string[];
  /** Whether 255 in masks was read as a class. */
  readonly isWhiteClass?: boolean;
}

/** A way to lay out data on disk. */
export interface Layout {
  /** For the error that says what was looked for. */
  readonly expects: string;
  /** Tells whether a folder is laid out so, from the names of its files. */
  matches(folder: Folder): boolean;
  /** @throws GnSwapError `invalid-data` for labels that do not fit, naming file and line */
  open(context: LayoutContext): Promise<LayoutResult>;
}
