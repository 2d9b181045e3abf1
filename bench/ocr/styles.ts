/** How text looks, apart from what it says and where it stands. */
import { fileURLToPath } from 'node:url';
import { FACES, type Face } from './text.ts';

/** How a picture is taken. */
export interface Light {
  /** How much the light falls off at most, from the middle to a side, 0–255. */
  readonly slope: number;
  /** The sensor's noise, a standard deviation of 0–255: least and most. */
  readonly noise: readonly [number, number];
  /** The share of the contrast that is lost, least and most; none if not given. */
  readonly fade?: readonly [number, number];
}

/** What is written with, on what, and how the picture is taken. */
export interface Style {
  readonly faces: readonly Face[];
  /** Standard deviation of a line's shear, pixels a pixel of height. */
  readonly slant: number;
  /** A line's blur at most, as a share of its font size. */
  readonly blur: number;
  /** How far ink and background differ in luminance (0–255): least and most. */
  readonly contrast: readonly [number, number];
  readonly light: Light;
}

/** Print in good light: what PaddleOCR's models answer well. */
export const PRINT: Style = {
  faces: FACES,
  slant: 0.08,
  blur: 0.04,
  contrast: [80, 255],
  light: { slope: 25, noise: [1, 12] },
};

/** Notes by hand and by typewriter in bad light: what PaddleOCR's orientation classifier often gets wrong. */
export const NOTES: Style = {
  faces: [
    face('Caveat', 'caveat/400Regular/Caveat_400Regular.ttf'),
    face('Caveat Bold', 'caveat/700Bold/Caveat_700Bold.ttf'),
    face('Pacifico', 'pacifico/400Regular/Pacifico_400Regular.ttf'),
    face('Special Elite', 'special-elite/400Regular/SpecialElite_400Regular.ttf'),
    face('Rock Salt', 'rock-salt/400Regular/RockSalt_400Regular.ttf'),
  ],
  slant: 0.12,
  blur: 0.05,
  contrast: [60, 160],
  light: { slope: 40, noise: [3, 20] },
};

/** A page that is nearly dark: the detector overlooks most of what it finds in good light. */
export const DUSK: Light = { slope: 40, noise: [10, 30], fade: [0.4, 0.8] };

/** A face of the npm packages @expo-google-fonts/…. */
function face(name: string, path: string): Face {
  return { name, file: fileURLToPath(import.meta.resolve(`@expo-google-fonts/${path}`)) };
}
