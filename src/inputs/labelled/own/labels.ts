/** A loss of one's own: pictures with classes or masks, as for other tasks. They are what the loss's single further input is made of. */
import { GnSwapError } from '../../../errors.ts';
import { IMAGE_FILES } from '../../images.ts';
import { classFolders } from '../classify/folders.ts';
import { unlabelled } from '../distill/unlabelled.ts';
import type { Layout, LayoutContext } from '../layout.ts';
import { maskFolders, openMasks } from '../segment/folders.ts';
import { ignoredLabel, requireNoClasses, targetsModel, wantedInputs } from './names.ts';

/** The class is what the loss takes. */
export const ownFolders: Layout = {
  expects: classFolders.expects,
  matches: ({ files }) =>
    files.some(({ inner }) => /^(?!(images|labels)\/).*\//i.test(inner) && IMAGE_FILES.test(inner)),
  async open(context) {
    requireOne(context, classFolders.expects);
    return classFolders.open(context);
  },
};

/** The class of each pixel is what the loss takes. */
export const ownMasks: Layout = {
  expects: maskFolders.expects,
  matches: ({ files }) => files.some(({ inner }) => /^masks\//i.test(inner)),
  async open(context) {
    requireOne(context, maskFolders.expects);
    const targets = targetsModel(context.options);
    const isWhole = wantedInputs(targets)[0]?.isFloat !== true && ignoredLabel(targets) === undefined;
    if (isWhole && context.options.fit === 'contain') {
      throw new GnSwapError(
        'invalid-arguments',
        'pixels beside a picture have no label, and the loss has no ignore_index',
        {
          node: '--fit contain',
          remedy: 'Use --fit stretch or cover, or give the SoftmaxCrossEntropyLoss of the loss an ignore_index',
        },
      );
    }
    return openMasks(context, isWhole);
  },
};

/** A loss of the outputs alone needs no labels. */
export const ownUnlabelled: Layout = {
  ...unlabelled,
  async open(context) {
    requireNoClasses(context);
    return unlabelled.open(context);
  },
};

/** Refuses labels of one kind for a loss that wants several. */
export function requireOne({ folder, options }: LayoutContext, given: string): void {
  const names = wantedInputs(targetsModel(options)).map(({ name }) => name);
  if (names.length === 1) return;
  const message = `the loss has ${names.length} inputs beside the outputs of the model (${names.join(', ')}), and this is ${given}`;
  throw new GnSwapError('invalid-data', message, { file: folder.root, remedy: byName(names) });
}

/** How pictures get inputs of a loss by their names. */
function byName(names: readonly string[]): string {
  return `Give each by its name: a table file,${names.join(',')}, or targets/a.npz with the arrays ${names.join(', ')} for images/a.png`;
}
