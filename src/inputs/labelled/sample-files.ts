/** Which files of a data set are samples: pictures, or arrays as NumPy saves them. */
import { IMAGE_FILES } from '../images.ts';

/** Files of NumPy. */
export const ARRAY_FILES = /\.np[yz]$/i;
/** Of which each holds one array: what lies in the folder of a class, as spectrograms and clips do. */
const SINGLE_ARRAYS = /\.npy$/i;
/** What lies there belongs to samples, and is none. */
const TARGETS = /^targets?\//i;

interface Named {
  /** Without the folder of its part. */
  readonly inner: string;
}

/** Pictures; or single arrays, if there are no pictures. */
export function samplesAmong<F extends Named>(files: readonly F[]): F[] {
  const pictures = files.filter(({ inner }) => IMAGE_FILES.test(inner));
  if (pictures.length > 0) return pictures;
  return files.filter(({ inner }) => SINGLE_ARRAYS.test(inner) && !TARGETS.test(inner));
}
