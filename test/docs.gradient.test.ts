import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GRADIENT_PAGE, LIMITS, renderOperators } from '../scripts/gradient-operators.ts';
import { GRADIENTS } from '../src/operators/gradients.ts';

describe('docs/gradient-operators.md', () => {
  const page = readFileSync(GRADIENT_PAGE, 'utf8');

  it('is what the registry says: npm run docs:gradients writes it', () => {
    expect(page).to.equal(renderOperators());
  });

  it('lists every operator of the registry once', () => {
    for (const name of GRADIENTS.keys()) expect(page.split(`\n| ${name} |`), name).to.have.lengthOf(2);
  });

  it('tells limits of operators that have a gradient', () => {
    for (const name of Object.keys(LIMITS)) expect(GRADIENTS.has(name), name).to.equal(true);
  });
});
