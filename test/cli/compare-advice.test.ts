import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { callOptions } from '../../src/call/arguments.ts';
import { commandsFor } from '../../src/cli/compare-advice.ts';
import { parse } from '../../src/cli/parse.ts';
import type { RowName } from '../../src/jobs/compare-finetune/rows.ts';
import { optionsOf } from '../../src/options/index.ts';
import { useScratch } from '../support/scratch.ts';

/** What is said behind a comparison whose advice is to train a row. */
function said(row: RowName, typed: readonly string[], file = 'm.onnx', task = 'classify'): string[] {
  const parsed = parse(typed);
  if (!('command' in parsed)) return expect.fail('it is a command');
  const call = callOptions(parsed.raw, typed);
  const advice = [{ batch: 1, do: row === 'none' ? 'none' : 'train', row, sentence: '' }] as never;
  return commandsFor({ advice, batches: call.comparison?.batches ?? [1], task: task as never }, file, call);
}

/** A comparison that is told more. */
const asked = (...more: string[]) => ['compare', 'm.onnx', '--finetune', '--data', 'd', ...more];

/** Options that say what is told of a comparison, and one that stands in its command whether it was typed or not. */
const OWN: readonly string[] = ['force', 'report', 'json', 'quiet', 'verbose', 'calibrate'];
/** Swaps of the comparison are made without these: they say what a detector's outputs are, which is learned from. */
const NOT_TO_SWAP: readonly string[] = [
  'task',
  'boxes',
  'scores',
  'box-format',
  'box-unit',
  'box-offset',
  'score-kind',
];

describe('cli/compare-advice', () => {
  const scratch = useScratch();

  it('passes on every option that the commands take as the comparison does', () => {
    const advice = [{ batch: 1, do: 'swap', row: 'gn-calibrated', sentence: '' }] as never;
    for (const [name, { type }] of optionsOf('compare').filter(([it]) => !OWN.includes(it))) {
      const words = type === 'boolean' ? [`--${name}`] : [`--${name}`, 'VALUE'];
      const call = { commandLine: asked(...words), comparison: undefined, calibrate: undefined };
      const commands = commandsFor({ advice, batches: [1], task: 'classify' }, 'm.onnx', call);
      for (const [index, command] of (['swap', 'finetune'] as const).entries()) {
        const takes = optionsOf(command).some(([own]) => own === name);
        if (!takes || (command === 'swap' && NOT_TO_SWAP.includes(name))) continue;
        expect(`${commands[index]} `, `${name} of ${command}`).to.include(` ${words.join(' ')} `);
      }
    }
  });

  it('names what each row is', () => {
    expect(said('none', asked())).to.deep.equal([]);
    expect(said('bn-frozen', asked('--epochs', '20'))).to.deep.equal(['gn-swap finetune m.onnx --data d --epochs 20']);
    expect(said('bn-train', asked('--batches', '4'))).to.deep.equal([
      'gn-swap finetune m.onnx --data d --batch 4 --batch-norm train',
    ]);
    expect(said('gn-32-adapted', asked('--groups', '4'))).to.deep.equal([
      'gn-swap m.onnx --groups 32 --reference adapted --calibrate d',
      'gn-swap finetune m.gn.onnx --data d',
    ]);
    expect(said('gn-calibrated', asked('--groups', '4', '--calibrate', 'photos'))[0]).to.equal(
      'gn-swap m.onnx --groups 4 --calibrate photos',
    );
    expect(said('layer', asked('--groups', '4'))).to.deep.equal([
      'gn-swap m.onnx --to layer --calibrate d',
      'gn-swap finetune m.ln.onnx --data d',
    ]);
    expect(said('gn-copy', asked())[0]).to.equal('gn-swap m.onnx --init copy');
  });

  it('calibrates on the pictures among labelled samples', () => {
    for (const folder of ['boxes/images/train', 'coco/annotations'])
      mkdirSync(scratch().path(folder), { recursive: true });
    scratch().write('coco/annotations/all.json', '{}');
    const calibrated = (data: string) =>
      said('gn-calibrated', ['compare', 'm.onnx', '--finetune', '--data', data])[0]?.split('--calibrate ')[1];
    expect(calibrated(scratch().path('boxes'))).to.equal(scratch().path('boxes/images/train'));
    expect(calibrated(scratch().path('coco/annotations/all.json'))).to.equal(scratch().path('coco'));
    expect(calibrated('samples.npz')).to.equal('samples.npz');
  });

  it('leaves a file whose name begins with a dash a file', () => {
    expect(said('gn-calibrated', ['compare', '--finetune', '--data', 'd', '--', '-x.onnx'], '-x.onnx')).to.deep.equal([
      'gn-swap --calibrate d -- -x.onnx',
      'gn-swap finetune --data d -- -x.gn.onnx',
    ]);
  });

  it('says nothing of a model that came on stdin', () => {
    expect(said('bn-frozen', asked(), '-')).to.deep.equal([]);
  });
});
