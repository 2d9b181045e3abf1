/** PaddleOCR's three models on rendered lines and pages. */
import { accuracy } from '../ocr/accuracy.ts';
import { renderLines } from '../ocr/lines.ts';
import { MODELS, type Output, openSession, run } from '../ocr/models.ts';
import { overlap } from '../ocr/overlap.ts';
import { renderPages } from '../ocr/pages.ts';
import { characterAgreement, recognise } from '../ocr/recognise.ts';
import type { Amounts, Subject } from './subject.ts';

/** Apart from each other and from the seeds of other benchmarks, so that nothing is tuned on what it is scored on. */
const SEEDS = { classifier: 101, detector: 102, recogniser: 103 } as const;

/** Orientation classifier: the share of lines that are called upright or turned rightly, `batch` of them at a time. */
export async function classifier({ lines: count }: Amounts, batch = 16): Promise<Subject> {
  const { data, dims, labels } = await renderLines({ count, seed: SEEDS.classifier });
  return {
    name: 'orientation classifier',
    metric: `accuracy on ${count} lines (seed ${SEEDS.classifier})`,
    source: MODELS.classifier,
    score: async (model) => accuracy((await answers(model, data, dims.slice(1), batch)).data, labels),
  };
}

/** Text detector: how much of what it calls text is what the source calls text, and the other way round. */
export async function detector({ pages: count }: Amounts): Promise<Subject> {
  const { data, dims } = await renderPages({ count, seed: SEEDS.detector });
  const maps = async (model: string | Uint8Array) => (await answers(model, data, dims.slice(1), 1)).data;
  const expected = await maps(MODELS.detector);
  return {
    name: 'text detector',
    metric: `overlap with the source's maps on ${count} pages (seed ${SEEDS.detector})`,
    source: MODELS.detector,
    score: async (model) => overlap(await maps(model), expected, count),
  };
}

/** Recogniser: the share of characters that it reads as the source does. */
export async function recogniser({ readings: count }: Amounts): Promise<Subject> {
  const { data, dims } = await renderLines({ count, seed: SEEDS.recogniser, width: 320, turned: 0 });
  const read = (model: string | Uint8Array) => withSession(model, (session) => recognise(session, data, dims.slice(1)));
  const expected = await read(MODELS.recogniser);
  return {
    name: 'recogniser',
    metric: `share of characters read as the source reads them, ${count} upright lines (seed ${SEEDS.recogniser})`,
    source: MODELS.recogniser,
    score: async (model) => characterAgreement(await read(model), expected),
  };
}

type Session = Awaited<ReturnType<typeof openSession>>;

/** Runs a model over all samples and lets go of its session. */
export function answers(
  model: string | Uint8Array,
  data: Float32Array,
  dims: readonly number[],
  batch: number,
): Promise<Output> {
  return withSession(model, (session) => run(session, data, dims, batch));
}

async function withSession<T>(model: string | Uint8Array, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession(model);
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}
