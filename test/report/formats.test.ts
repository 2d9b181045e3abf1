import { expect } from 'chai';
import { reportFormatOf } from '../../src/report/formats.ts';
import { reportOn } from '../support/reports.ts';

describe('reportFormatOf', () => {
  it('goes by the name’s ending, in letters of either size', () => {
    const names = ['a.html', 'A.HTM', 'b/c.md', 'd.Markdown', 'e.JSON'].map((file) => reportFormatOf(file)?.name);
    expect(names).to.deep.equal(['html', 'html', 'markdown', 'markdown', 'json']);
    for (const file of ['a.pdf', 'html', 'a.html.onnx', '']) expect(reportFormatOf(file)).to.equal(undefined);
  });

  it('renders a report on nothing too', async () => {
    expect(await reportFormatOf('a.html')?.render(reportOn())).to.match(/^<!doctype html>/);
    expect(await reportFormatOf('a.md')?.render(reportOn())).to.equal('\n');
  });
});
