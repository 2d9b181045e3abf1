/** Refusals of a gradient in the words of training, where parameters are chosen by `--train` and `--freeze`. */
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';

/** What `work` gives; what it throws about `--wrt` is told of the options that were typed. */
export async function inWordsOfTraining<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof GnSwapError)) throw error;
    const { code, message, cause } = error;
    if (error.node !== '--wrt') {
      const own = error.remedy?.replace('--wrt REGEX', '--train REGEX');
      if (own === undefined || own === error.remedy) throw error;
      const { file, node, next } = error;
      throw new GnSwapError(code, message, defined({ file, node, next, cause, remedy: own }));
    }
    const isEmpty = message.includes('does not depend on');
    const said = isEmpty ? 'nothing is left to train: the loss depends on no tensor that is chosen' : message;
    const remedy = isEmpty ? 'Use --train all, or a --freeze that leaves some' : error.remedy;
    // What is frozen is written behind a ! among what is trained.
    const node = isEmpty || said.startsWith('"!') ? '--freeze' : '--train';
    throw new GnSwapError(code, said.replace(/^"!/, '"'), { node, cause, ...(remedy !== undefined && { remedy }) });
  }
}
