/** The graph around one site, before and after. */
import type { Outcome, ShownSite } from '../../jobs/outcome.ts';
import { normNamed } from '../../norms/index.ts';
import { plural } from '../../words.ts';
import { figure, placeOf, ratio } from '../figures.ts';
import { proofOf } from '../proof.ts';
import type { Section } from './types.ts';

const WHY: Readonly<Record<ShownSite['why'], string>> = {
  differs: 'its answers differ most from the source',
  'fits-worst': 'the data fit it worst',
  first: 'it is the first',
};

export const shownSite: Section = {
  name: 'shown-site',
  title: 'One site, before and after',
  wide: true,
  blocks(outcome) {
    const { shown, plan } = outcome;
    const planned = plan?.sites.find(({ site }) => site.name === shown?.site);
    if (shown === undefined || planned === undefined || plan === undefined) return [];
    const { site, groups, channels, form } = planned;
    const count = normNamed(plan.norm).freeGroups
      ? `, ${plural(groups, 'group')} of ${channels / groups} channels`
      : '';
    return [
      {
        kind: 'facts',
        items: [['Site', placeOf(site)], ['Shown because', WHY[shown.why]], ...figuresOf(outcome, site.name)],
      },
      {
        kind: 'graph',
        title: `${site.node.opType} → ${plan.norm} norm${count}, form ${form}`,
        description: `${wordsOf(shown.before)} before; ${wordsOf(shown.after)} after. Nodes in colour are on one side alone.`,
        sides: [
          { label: 'before', nodes: shown.before },
          { label: 'after', nodes: shown.after },
        ],
      },
    ];
  },
};

function figuresOf(outcome: Outcome, name: string): [string, string][] {
  const proof = proofOf(outcome);
  const seen = proof?.observed?.sites.find((it) => it.name === name);
  const fit = outcome.calibration?.fits.find((it) => it.name === name);
  const checked = proof?.sites.find((it) => it.name === name)?.reference;
  const facts: [string, string][] = [];
  if (seen !== undefined) facts.push(['Difference', `${figure(seen.relative)} relative, cosine ${ratio(seen.cosine)}`]);
  if (fit !== undefined && !Number.isNaN(fit.r2)) facts.push(['Fit', `R² ${ratio(fit.r2)}`]);
  if (checked !== undefined)
    facts.push(['Error', `${figure(checked.error)} from float64, bound ${figure(checked.bound)}`]);
  return facts;
}

/** `Conv, BatchNormalization, Relu`: operators in the order of the graph. */
function wordsOf(nodes: ShownSite['before']): string {
  return nodes.map(({ op }) => op).join(', ');
}
