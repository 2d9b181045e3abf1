import { expect } from 'chai';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { gradientLines, gradientSummary } from '../../src/report/gradient.ts';

type Gradient = NonNullable<Outcome['gradient']>;

const parameter = (index: number, taken = true): Gradient['parameters'][number] => ({
  name: `w${index}`,
  dims: index === 0 ? [] : [2, index],
  why: 'weight of Conv',
  taken,
  ofNorm: false,
  inHead: false,
});

function lines(changes: Partial<Gradient>, verbose = false): string[] {
  const facts = { parameters: [], notes: [], byInputs: [], proof: null, ...changes };
  return gradientLines(facts as unknown as Gradient, verbose);
}

const proof = { nodes: 7, kinds: 3, error: 1.3e-7, worst: 'Conv "c"', untried: [], outputs: 2e-7 } as const;

describe('report/gradient', () => {
  it('counts what is trained and what is left, and lists both with the reason', () => {
    const told = lines({ parameters: [parameter(3), parameter(0), parameter(2, false)] });
    expect(told[0]).to.equal('2 tensors trained, 7 numbers');
    expect(told.some((it) => /w3\s+2 × 3\s+weight of Conv/.test(it))).to.equal(true);
    expect(told.some((it) => /w0\s+one number\s+weight of Conv/.test(it))).to.equal(true);
    expect(told).to.include('1 tensor left');
  });

  it('lists twelve tensors, says how many more there are, and all of them if asked', () => {
    const parameters = Array.from({ length: 15 }, (_, index) => parameter(index + 1));
    const named = (told: readonly string[]) => told.filter((it) => /^\s*w\d+\s/.test(it)).length;
    const short = lines({ parameters });
    expect(named(short)).to.equal(12);
    expect(short).to.include('  and 3 more (--verbose lists them)');
    const long = lines({ parameters }, true);
    expect(named(long)).to.equal(15);
    expect(long.join('\n')).not.to.include('more (--verbose');
  });

  it('tells what was proven, where it is worst, and what could not be tried', () => {
    expect(lines({ proof } as Partial<Gradient>).slice(-2)).to.deep.equal([
      '✓ rules: 7 nodes, 3 that differ, tried by themselves; largest error 1.3e-7 (Conv "c")',
      "✓ run once: outputs are the source's within 2.0e-7, gradients are finite",
    ]);
    const other = { ...proof, worst: '', untried: ['GridSample', 'Resize'] };
    const told = lines({ proof: other } as Partial<Gradient>);
    expect(told.join('\n')).to.include('largest error 1.3e-7\n');
    expect(told).to.include('– not tried, for lack of a float64 kernel: GridSample, Resize');
  });

  it('names inputs that are differentiated by, and notes', () => {
    const told = lines({ byInputs: ['x', 'z'], notes: ['the loss is a mean'] });
    expect(told).to.include('differentiated by 2 inputs: x, z').and.to.include('note: the loss is a mean');
  });

  it('sums nothing up if nothing was written', () => {
    expect(gradientSummary({} as Outcome)).to.deep.equal([]);
  });
});
