import { expect } from 'chai';
import { refuseTwoStages } from '../../../src/train/detect/two-stages.ts';
import { yolov8 } from '../../support/detectors.ts';
import { thrown } from '../../support/errors.ts';
import { ranked, twoStages } from '../../support/ranked-detectors.ts';

describe('train/detect/two-stages', () => {
  it('refuses a detector that reads its features again in regions, and names the node', () => {
    const error = thrown(() => refuseTwoStages(twoStages()));
    const node = twoStages().proto.graph.node.find(({ opType }) => opType === 'RoiAlign');
    expect(error).to.include({ code: 'unsupported-model', node: node?.name });
    expect(error.message).to.match(/^RoiAlign reads regions that this model chooses itself/);
  });

  it('knows the operator by its other names, and lets detectors of one stage pass', () => {
    for (const opType of ['MaxRoiPool', 'RoIAlign', 'MMCVRoiAlign', 'roi_pool']) {
      const model = twoStages();
      const node = model.proto.graph.node.map((it) => (it.opType === 'RoiAlign' ? { ...it, opType } : it));
      const other = { ...model, proto: { ...model.proto, graph: { ...model.proto.graph, node } } };
      expect(thrown(() => refuseTwoStages(other)).message, opType).to.match(new RegExp(`^${opType} reads`));
    }
    for (const model of [yolov8(2), ranked(3)]) expect(() => refuseTwoStages(model)).to.not.throw();
  });
});
