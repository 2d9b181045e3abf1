/** Usual ways that pictures become numbers, by name. A list of its own, which the table of options reads. */
import type { ImageOptions } from './images.ts';

type Preset = Required<Pick<ImageOptions, 'mean' | 'std' | 'scale' | 'channelOrder'>>;

const IMAGENET = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * (value · scale − mean)/std for bytes from 0 to 255.
 *
 * `imagenet`: torchvision, timm. `minus-one-to-one`: TensorFlow's MobileNet and Inception, PaddleOCR's text lines (there with BGR).
 * `zero-to-one`: YOLO. `bytes`: models that scale by themselves. `paddle`: PaddleOCR's text detector.
 */
export const PRESETS = {
  imagenet: { ...IMAGENET, channelOrder: 'rgb' },
  'minus-one-to-one': { scale: 1 / 255, mean: [0.5], std: [0.5], channelOrder: 'rgb' },
  'zero-to-one': { scale: 1 / 255, mean: [0], std: [1], channelOrder: 'rgb' },
  bytes: { scale: 1, mean: [0], std: [1], channelOrder: 'rgb' },
  paddle: { ...IMAGENET, channelOrder: 'bgr' },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;
