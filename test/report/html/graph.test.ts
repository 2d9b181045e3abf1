import { expect } from 'chai';
import { parseHTML } from 'linkedom';
import type { GraphPicture } from '../../../src/report/blocks.ts';
import { graphFigure } from '../../../src/report/html/graph.ts';
import { HOSTILE } from '../../support/reports.ts';

const PICTURE: GraphPicture = {
  kind: 'graph',
  title: HOSTILE,
  description: HOSTILE,
  sides: [
    {
      label: 'before',
      nodes: [
        { op: 'Conv', isOwn: false, reads: [] },
        { op: HOSTILE, isOwn: true, reads: [0] },
      ],
    },
    {
      label: 'after',
      nodes: [
        { op: 'Conv', isOwn: false, reads: [] },
        { op: 'ReduceMean', isOwn: true, reads: [0] },
        { op: 'Abs', isOwn: true, reads: [0] },
        { op: 'Sub', isOwn: true, reads: [0, 1, 2] },
        { op: 'Div', isOwn: true, reads: [3, 0] },
      ],
    },
  ],
};

describe('graphFigure', () => {
  const { document } = parseHTML(`<!doctype html><html><body>${graphFigure(PICTURE, 'id').text}</body></html>`);
  const [before, after] = [...document.querySelectorAll('svg')];
  const number = (element: Element | undefined | null, name: string) => Number(element?.getAttribute(name));

  it('draws a box a node and a line a read, and colours what is on one side alone', () => {
    expect([before, after].map((svg) => svg?.querySelectorAll('rect').length)).to.deep.equal([2, 5]);
    expect([before, after].map((svg) => svg?.querySelectorAll('path').length)).to.deep.equal([1, 7]);
    expect(before?.querySelectorAll('rect.before').length).to.equal(1);
    expect(after?.querySelectorAll('rect.after').length).to.equal(4);
  });

  it('puts each node below those that it reads, beside others of its row, and nothing outside', () => {
    const boxes = [...(after?.querySelectorAll('rect') ?? [])].map((it) => ({
      x: number(it, 'x'),
      y: number(it, 'y'),
    }));
    for (const [index, { reads }] of (PICTURE.sides[1]?.nodes ?? []).entries())
      for (const from of reads) expect(boxes[index]?.y).to.be.above(boxes[from]?.y ?? 1e9);
    expect(boxes[1]?.y).to.equal(boxes[2]?.y);
    expect(Math.abs((boxes[1]?.x ?? 0) - (boxes[2]?.x ?? 0))).to.be.above(156);
    for (const { x, y } of boxes) {
      expect(x).to.be.within(0, number(after, 'width') - 156);
      expect(y).to.be.within(0, number(after, 'height') - 28);
    }
  });

  it('has a title that is read out, and takes names for text', () => {
    for (const svg of [before, after]) {
      expect(svg?.getAttribute('role')).to.equal('img');
      expect(svg?.querySelector('title')?.id).to.equal(svg?.getAttribute('aria-labelledby'));
    }
    expect(document.querySelectorAll('img, script')).to.have.length(0);
    expect(document.querySelectorAll('text')[1]?.textContent?.length).to.be.at.most(40);
  });
});
