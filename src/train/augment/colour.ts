/** Lighter or darker, flatter or steeper, paler or more colourful. */
import { between, type Tint } from './types.ts';

export const colour: Tint = {
  kind: 'colour',
  description: 'brightness, contrast and saturation',
  draw: (random) => ({
    gain: between(random, 0.85, 1.15),
    bias: between(random, -0.05, 0.05) * 255,
    contrast: between(random, 0.8, 1.2),
    saturation: between(random, 0.7, 1.3),
  }),
};
