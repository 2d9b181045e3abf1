import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { ROOT } from './support/docs.ts';
import { circlesIn, type Import, importsIn, importsOfSource, roomOf } from './support/imports.ts';

/**
 * The rooms of src/ in the order that data takes. A room imports from itself and from lines above its own; rooms of one line
 * know nothing of each other.
 */
const ROOMS: readonly (readonly string[])[] = [
  ['errors', 'words', 'version', 'defined', 'once', 'filled', 'host'],
  ['onnx'],
  ['operators'],
  ['graph'],
  ['runtime'],
  ['find'],
  ['inputs'],
  ['gradient'],
  ['norms'],
  ['forms'],
  ['plan'],
  ['rewrite'],
  ['measure'],
  ['options'],
  ['calibrate', 'train', 'verify'],
  ['check'],
  ['jobs'],
  ['report'],
  ['call'],
  ['cli', 'web', 'index'],
];

const levels = new Map(ROOMS.flatMap((rooms, level) => rooms.map((room) => [room, level])));

/** Imports that run against the flow, as text. */
function against(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from, to }) => {
      const [a, b] = [roomOf(from), roomOf(to)];
      return a !== b && !((levels.get(a) ?? -1) > (levels.get(b) ?? Number.POSITIVE_INFINITY));
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe('the rooms of src/', () => {
  const imports = importsOfSource();

  it('import only from rooms that the data reaches before them', () => {
    expect(imports.length).to.be.greaterThan(500);
    expect(against(imports)).to.deep.equal([]);
  });

  it('have no circle of imports', () => {
    expect(circlesIn(imports)).to.deep.equal([]);
  });

  it('import files that are there', () => {
    expect(imports.filter(({ to }) => !existsSync(`${ROOT}src/${to}`))).to.deep.equal([]);
  });

  it('would be told of an import upward, sideways, into a room without a name, and of a circle', () => {
    const text = `import type { A } from '../plan/index.ts';\nexport {\n  b,\n} from './b.ts';\nawait import('../other/c.ts');`;
    const found = importsIn('graph/a.ts', text);
    expect(against(found)).to.deep.equal(['graph/a.ts imports plan/index.ts', 'graph/a.ts imports other/c.ts']);
    expect(against([{ from: 'verify/a.ts', to: 'calibrate/b.ts' }])).to.have.length(1);
    expect(circlesIn([...found, { from: 'graph/b.ts', to: 'graph/a.ts' }])).to.deep.equal([
      ['graph/a.ts', 'graph/b.ts'],
    ]);
  });
});
