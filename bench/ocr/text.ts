import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** A typeface: the name Pango knows it by, and its file. */
export interface Face {
  readonly name: string;
  readonly file: string;
}

/** How much of each pixel ink covers, 0–255, row by row. */
export interface Mask {
  readonly data: Uint8Array;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** How text is drawn. */
export interface TextStyle {
  readonly face: Face;
  /** Font size (em) in pixels. */
  readonly size: number;
  /** Counter-clockwise rotation in radians; 0 if not given. */
  readonly tilt?: number;
  /** Horizontal shear, pixels a pixel of height; 0 if not given. */
  readonly slant?: number;
  /** Standard deviation in pixels of a Gaussian blur; none below 0.3, which is as little as sharp does. */
  readonly blur?: number;
}

/** Faces of the npm package dejavu-fonts-ttf, so that no font of the system is needed. */
export const FACES: readonly Face[] = [
  face('DejaVu Sans', 'DejaVuSans'),
  face('DejaVu Sans Bold', 'DejaVuSans-Bold'),
  face('DejaVu Sans Oblique', 'DejaVuSans-Oblique'),
  face('DejaVu Sans Condensed', 'DejaVuSansCondensed'),
  face('DejaVu Sans Condensed Bold', 'DejaVuSansCondensed-Bold'),
  face('DejaVu Sans Mono', 'DejaVuSansMono'),
  face('DejaVu Sans Mono Bold', 'DejaVuSansMono-Bold'),
  face('DejaVu Serif', 'DejaVuSerif'),
  face('DejaVu Serif Bold', 'DejaVuSerif-Bold'),
  face('DejaVu Serif Italic', 'DejaVuSerif-Italic'),
  face('DejaVu Serif Condensed', 'DejaVuSerifCondensed'),
  face('DejaVu Serif Condensed Bold Italic', 'DejaVuSerifCondensed-BoldItalic'),
];

/** Draws one line of text; the mask is as large as the ink, not as the font's line height. */
export async function drawText(text: string, style: TextStyle): Promise<Mask> {
  const { face, size, tilt = 0, slant = 0, blur = 0 } = style;
  let image = sharp({
    text: {
      text: escapeMarkup(text),
      font: `${face.name} ${Math.round(size)}px`,
      fontfile: face.file,
      dpi: 72,
    },
  });
  if (tilt !== 0 || slant !== 0) {
    const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
    const shear = [cos, sin - slant * cos, -sin, cos + slant * sin] as [number, number, number, number];
    image = image.affine(shear, { background: '#000' });
  }
  if (blur >= 0.3) image = image.blur(blur);
  const { data, info } = await image.extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Pango reads markup, in which these three characters are special. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function face(name: string, file: string): Face {
  return { name, file: fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}.ttf`)) };
}
