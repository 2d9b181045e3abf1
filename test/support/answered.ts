/** The answers of sites, all at once. */
import type { Model } from '../../src/onnx/model.ts';
import { type Answers, type AskedSite, answersOf } from '../../src/verify/answers.ts';

/** In the order given; in words why a site does not run. */
export async function answered(asked: readonly AskedSite[], written: Model): Promise<(Answers | string)[]> {
  const answers: (Answers | string)[] = [];
  for await (const [, answer] of answersOf(asked, written)) answers.push(answer);
  return answers;
}
