/** PaddleOCR's models with the inputs that they are calibrated on. */
import { classifier, detector, recogniser } from '../accuracy/ocr.ts';
import { renderLines } from '../ocr/lines.ts';
import { renderPages } from '../ocr/pages.ts';

export const CALIBRATED = {
  classifier: { subject: classifier, render: renderLines, count: 32 },
  detector: { subject: detector, render: renderPages, count: 8 },
  recogniser: {
    subject: recogniser,
    render: (options: { count: number; seed: number }) => renderLines({ ...options, width: 320, turned: 0 }),
    count: 32,
  },
};

/** Bytes; fixed, so that every machine makes the same runs. */
export const MEMORY = 4e8;
